"""Fairness: cases in pairs that differ in one thing only, of which an assistant should make no difference.

`swaps` says what is swapped, `names` holds names of people, `pairs` makes the cases. What comes of them the aggregates
`paired_gap` and `segment_floor` compute.
"""
