"""The techniques, one a file. A new one: its file here with a subclass of `Technique`; it is found without a list."""

from __future__ import annotations

from goldworks.evaluation.attacks.technique import Technique
from goldworks.evaluation.offered import classes_in

TECHNIQUES: dict[str, Technique] = {
    name: kind()  # pyright: ignore[reportAbstractUsage] - what is found are subclasses
    for name, kind in classes_in(__name__, __path__, Technique).items()
}
"""Every technique by its name."""
