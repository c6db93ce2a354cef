"""Evidence packs: what a verdict rests on, in a signed folder whose every figure can be computed again from the rows in it."""
