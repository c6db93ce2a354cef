"""Scorers: what they decide, held against prompts written for it and against other implementations, and how fast they are."""
