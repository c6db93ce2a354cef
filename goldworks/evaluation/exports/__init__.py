"""A golden version for other evaluation tools, one format a file. Nothing here writes a file or reads the lake.

Texts are those of the version: redacted. What of an expected outcome a tool cannot check is counted, with the reason, and never
left out in silence; the results that `goldworks.evaluation.imports` takes back are scored against all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from goldworks.errors import InputError
from goldworks.evaluation.exports import inspect_dataset, openai_evals, promptfoo_tests
from goldworks.evaluation.exports.carrying import Exported, Left, Minted
from goldworks.golden.case import case_of
from goldworks.golden.read import require_version
from goldworks.lake import Lake

FORMATS: dict[str, Callable[[Sequence[Minted], Left], str]] = {
    "promptfoo": promptfoo_tests.write,
    "openai-evals": openai_evals.write,
    "inspect": inspect_dataset.write,
}
"""Name of a format -> what writes the text of its file."""


def export_version(lake: Lake, version_id: str, form: str) -> Exported:
    """The version's cases, by case id, as a file of the format `form` (a key of `FORMATS`).

    Raises `InputError` when there is no such version, it was erased, it has no cases, or the format can carry none of them.
    """
    require_version(lake, version_id)
    rows = sorted(lake.rows("golden.cases", where=[("version_id", "=", version_id)]), key=lambda row: row["case_id"])
    if not rows:
        raise InputError(f"golden version {version_id} has no cases", remedy="goldworks golden list")
    cases = [Minted(case_of(row), version_id, row["case_digest"]) for row in rows]
    left = Left()
    text = FORMATS[form](cases, left)
    if left.cases == len(cases):
        raise InputError(
            f"{form} can carry none of the {len(cases)} cases of {version_id}: {'; '.join(why for _, why in left.counted)}",
            remedy="add expected outcomes (goldworks golden edit), or take another --format",
        )
    return Exported(text, len(cases) - left.cases, left.counted)


__all__ = ["FORMATS", "Exported", "Minted", "export_version"]
