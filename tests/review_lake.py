"""A small lake to review: answered turns with their messages and passages, and rubrics, raters and a policy for them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import orjson
import yaml
from small_lake import turn

from goldworks.intake.merge import merge_conversations
from goldworks.lake import Lake
from goldworks.review.queue import fill
from goldworks.settings import PROJECT_ROOT
from goldworks.use_cases import UseCases

EXPECTATIONS = PROJECT_ROOT / "expectations"
USE_CASES = UseCases.model_validate({"version": 1, "default": {"owner": "o", "tier": "T2"}})
RATERS = [{"name": "ann"}, {"name": "bob"}, {"name": "cem"}, {"name": "sue", "role": "senior"}]


def expectations(folder: Path, **changes: Any) -> Path:
    """The shipped rubrics, that of documents with its anchors for the use case `docs`, and the shipped policy with changes."""
    (folder / "policies").mkdir(parents=True)
    shutil.copytree(
        EXPECTATIONS / "rubrics", folder / "rubrics", ignore=lambda at, _: ["agent.yml"] if at.endswith("anchors") else []
    )
    shutil.copy(EXPECTATIONS / "policies" / "calibration.yml", folder / "policies")
    rubric = folder / "rubrics" / "docs.yml"
    rubric.write_text(rubric.read_text().replace("use_cases: [harbor-docs]", "use_cases: [docs]"))
    policy = yaml.safe_load((EXPECTATIONS / "policies" / "review.yml").read_text())
    (folder / "policies" / "review.yml").write_text(yaml.safe_dump({**policy, **changes}))
    return folder


def lake_of(home: Path, size: int = 400, down: int = 5) -> Lake:
    """`size` answered turns of `docs`, two releases over two days, the first `down` of them with a thumb down."""
    lake = Lake(home)
    lake.create()
    rows: dict[str, list[Any]] = {"2026-11-16": [], "2026-11-17": []}
    for number in range(size):
        day = "2026-11-16" if number < size // 2 else "2026-11-17"
        values: dict[str, Any] = {"release": "r1" if number < size // 2 else "r2"}
        if number < down:
            values["feedback_score"] = -1.0
        rows[day].append(turn("docs", number, day, f"{day}.jsonl", number + 1, **values))
    for day, of in rows.items():
        lake.replace("logs.turns", of, {"arrived_on": day})
    merge_conversations(lake, USE_CASES)
    return lake


ALL = {"random": 1.0}
TEXT = "How long does it take? =1+1"
ANSWER = '=HYPERLINK("x") It takes 4 days.'


def to_review(folder: Path, size: int = 12, **changes: Any) -> tuple[Lake, Path]:
    """(lake whose every turn is in the queue, expectations). Two of three reviewers get each of them."""
    lake = lake_of(folder / "home", size, down=0)
    write_messages(lake, size)
    more = {"raters": RATERS, "rules": ALL, "overlap": {"share": 1.0, "flagged_share": 1.0}, **changes}
    policy = expectations(folder / "e", **more)
    (policy / "rubrics" / "anchors" / "docs.yml").unlink()
    fill(lake, policy, USE_CASES)
    return lake, policy


def write_messages(lake: Lake, size: int) -> None:
    """A question, a retrieval and a reply of each turn of `lake_of`."""
    for day in ("2026-11-16", "2026-11-17"):
        rows: list[dict[str, Any]] = []
        for number in range(size):
            if (number < size // 2) == (day == "2026-11-16"):
                at = {"arrived_on": day, "source": f"{day}.jsonl", "line": number + 1, "trace_id": f"docs-{number}-t"}
                base = {**at, "conversation_id": f"docs-{number}", "content_hash": "h", "is_withheld": False, "entities": 0}
                ask = {"message_id": f"docs-{number}-ask", "message_index": 0, "role": "user", "text": f"{TEXT} {number}"}
                reply = {"message_id": f"docs-{number}-reply", "parent_id": f"docs-{number}-ask", "message_index": 1}
                found = {"message_id": f"docs-{number}-r", "message_index": 0, "role": "retrieval", "text": "q"}
                rows.append({**base, **ask})
                rows.append({**base, **reply, "role": "assistant", "text": ANSWER})
                rows.append({**base, **found, "passages": [{"id": "p", "score": 1.0, "text": f"Passage {number}"}]})
        lake.replace("logs.messages", rows, {"arrived_on": day})


def long_row(**values: Any) -> dict[str, Any]:
    """A label in the long format."""
    at = "2026-11-18T10:00:00Z"
    head = {"item_id": "docs-1-t", "rater": "ann", "dimension": "completeness", "value": 4, "created_at": at}
    return {**head, "rubric": "docs", "rubric_version": 1, "label_kind": "human", **values}


def write_long(path: Path, rows: list[Any]) -> Path:
    """A file of such labels; bytes are written as they are."""
    path.write_bytes(b"".join((row if isinstance(row, bytes) else orjson.dumps(row)) + b"\n" for row in rows))
    return path
