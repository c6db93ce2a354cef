"""Evaluation: asking a target the cases of a golden version, scoring its answers, comparing runs.

Importing this package loads nothing: take what is needed from its modules.
"""
