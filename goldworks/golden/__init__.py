"""Golden sets: cases drawn from conversations or written by people, their review, and immutable versions of them.

What belongs here: selecting, de-duplicating, reviewing state, minting, comparing and reading versions, authoring. Labels and
the review queue do not (`goldworks.review`), nor does asking anything of a model (`goldworks.evaluation`).
"""
