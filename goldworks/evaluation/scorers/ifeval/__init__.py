"""The 25 kinds of verifiable instructions of IFEval (Zhou et al. 2023), in code of our own; a module a group."""

from __future__ import annotations

from goldworks.evaluation.scorers.ifeval import content, formats, keywords, language, lengths, whole
from goldworks.evaluation.scorers.ifeval.check import Check

KINDS: dict[str, Check] = {
    **keywords.CHECKS,
    **language.CHECKS,
    **lengths.CHECKS,
    **content.CHECKS,
    **formats.CHECKS,
    **whole.CHECKS,
}
"""Kind, as cases name it, such as `punctuation:no_comma` -> its check."""


def follows(text: str, check: Check, settings: object, *, is_loose: bool) -> bool | None:
    """Whether the text follows the instruction; None when that cannot be decided. An empty text follows none.

    Loose: whether any of eight texts does: the text, without its first line, without its last, without both; each as it is and
    with its `*` removed. That forgives wrappers such as `Sure, here it is:`.
    """
    said = [check.follows(one, settings) for one in (variants(text) if is_loose else [text]) if one.strip()]
    if any(said):
        return True
    return None if said and all(one is None for one in said) else False


def variants(text: str) -> list[str]:
    """The eight texts of loose checking."""
    lines = text.split("\n")
    cut = [text, *("\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1]))]
    return [*cut, *(one.replace("*", "") for one in cut)]
