"""The monthly integrity audit: what an auditor asks of an installation, looked up anew and signed."""
