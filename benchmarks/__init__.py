"""Speed and quality against peers and annotated data, one command each."""
