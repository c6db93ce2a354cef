"""Attacks on assistants, made of golden cases and seed texts, and the oracles that say whether one got what it wanted.

`techniques` makes cases, one technique a file; `generating` chooses which; `oracles` looks into answers. Nothing here asks a
target: a generated case is proposed, approved and minted like any other, and asked by an ordinary run.
"""
