"""Human review: what people judge, and what their judgments say."""
