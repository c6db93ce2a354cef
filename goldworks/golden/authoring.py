"""Import and export of cases as YAML, CSV or JSONL, a round trip: importing what was exported changes nothing.

What is imported goes through the redactor before it is written. A row that cannot be used is reported with its line and reason,
and the others are imported. A case that is new or changed waits for review, whatever it was before.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from goldworks.golden.authored import Refused, read_authored, to_case, written
from goldworks.golden.case import Case, CaseTool, case_digest, case_of, plain
from goldworks.golden.csv_form import read_csv, write_csv
from goldworks.golden.jsonl_form import read_jsonl, write_jsonl
from goldworks.golden.redacting import Redactor, redact_cases
from goldworks.golden.register import AUTHORED, Row, alone, candidate_row, read_candidates, write_candidates
from goldworks.golden.reviewing import reviewer
from goldworks.golden.tools import named_only, read_tools
from goldworks.golden.yaml_form import read_yaml, write_yaml
from goldworks.lake import Lake
from goldworks.use_cases import UseCases

Form = Literal["yaml", "csv", "jsonl"]
READERS = {"yaml": read_yaml, "csv": read_csv, "jsonl": read_jsonl}
WRITERS = {"yaml": write_yaml, "csv": write_csv, "jsonl": write_jsonl}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not imported. `line` is where it begins, 1-based."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: case ids, in the order of the file, and the rows it refused."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    rejected: tuple[Rejected, ...]


def export_cases(cases: Sequence[Case], form: Form) -> str:
    """The cases as text that `import_cases` reads."""
    return WRITERS[form]([written(case) for case in cases])


def import_cases(lake: Lake, text: str, form: Form, use_cases: UseCases, key: bytes, redactor: Redactor, author: str) -> Imported:
    """Add the cases in `text`, or change those that are known by their id; `author` is kept with each.

    Raises `InputError` when the text cannot be read as a whole; then nothing is imported.
    """
    author = reviewer(author)
    text = text.removeprefix("\ufeff")
    entries = READERS[form](text)
    with alone(lake):
        known = _Known(lake, use_cases, key, is_partial=form == "csv")
        lines, cases, rejected = known.read(entries)
        before = {case_id: case_of(known.rows[case_id]) for case_id in cases if case_id in known.rows}
        differing = [case for case_id, case in cases.items() if case != before.get(case_id)]
        rows: dict[str, Row] = {}
        for case, reason in redact_cases(lake, differing, before, redactor):
            if reason is not None:
                rejected.append(Rejected(lines[case.case_id], reason))
                del cases[case.case_id]
            elif known.differs(case):
                rows[case.case_id] = known.row(case, author)
        for use_case in sorted({row["use_case"] for row in rows.values()}):
            there = {case_id: row for case_id, row in known.rows.items() if row["use_case"] == use_case}
            new = {case_id: row for case_id, row in rows.items() if row["use_case"] == use_case}
            write_candidates(lake, use_case, there, (there | new).values())
    return Imported(
        tuple(case_id for case_id in cases if case_id not in before),
        tuple(case_id for case_id in cases if case_id in before and case_id in rows),
        tuple(case_id for case_id in cases if case_id not in rows),
        tuple(sorted(rejected, key=lambda one: one.line)),
    )


class _Known:
    """What there is before an import."""

    def __init__(self, lake: Lake, use_cases: UseCases, key: bytes, *, is_partial: bool) -> None:
        self.rows = read_candidates(lake)
        self._use_cases, self._key, self._is_partial = use_cases, key, is_partial
        self._now = datetime.now(UTC)
        self._tools: dict[str, tuple[CaseTool, ...]] = {}
        in_logs = lake.read("logs.conversations", ["use_case"]).column(0).to_pylist()
        self._names = sorted(
            {*in_logs, *(rule.name for rule in use_cases.use_cases), *(r["use_case"] for r in self.rows.values())}
        )

    def read(self, entries: Iterable[tuple[int, dict[str, Any] | str]]) -> tuple[dict[str, int], dict[str, Case], list[Rejected]]:
        """The cases of a file by id, the lines they begin on, and what cannot be used. Still raw."""
        lines: dict[str, int] = {}
        cases: dict[str, Case] = {}
        rejected: list[Rejected] = []
        for line, data in entries:
            try:
                case = self._case(data)
                if case.case_id in lines:
                    raise Refused(f"the same case as on line {lines[case.case_id]}")
            except Refused as refused:
                rejected.append(Rejected(line, str(refused)))
            else:
                lines[case.case_id], cases[case.case_id] = line, case
        return lines, cases, rejected

    def differs(self, case: Case) -> bool:
        """Whether a redacted case is new, or other than it is there."""
        row = self.rows.get(case.case_id)
        return row is None or row["case_digest"] != case_digest(case, self._key)

    def row(self, case: Case, author: str) -> Row:
        """The candidate's row of a redacted case that is new or changed."""
        was = self.rows.get(case.case_id, {"stratum": AUTHORED, "proposed_at": self._now})
        row = candidate_row(case, self._key, stratum=was["stratum"], plan_digest=AUTHORED, proposed_at=was["proposed_at"])
        return {**row, "authored_by": author}

    def _case(self, data: dict[str, Any] | str) -> Case:
        if isinstance(data, str):
            raise Refused(data)
        row = self.rows.get(case_id) if isinstance(case_id := data.get("case_id"), str) else None
        stored = None if row is None else case_of(row)
        if stored is not None:
            data = {**data, "use_case": data.get("use_case") or stored.use_case}
            if self._is_partial and "expected" in data:  # a column that is not there leaves its part as it is
                data["expected"] = {**plain(stored.expected), **data["expected"]}
        authored = read_authored(data)
        if authored.use_case not in self._names:
            near = difflib.get_close_matches(authored.use_case, self._names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(self._names) or 'none yet'}"
            raise Refused(f"use_case: not one of expectations/use_cases.yml or of the logs; {hint}")
        case = to_case(authored, stored, self._use_cases.get(authored.use_case), self._key)
        if stored is None and (row := self.rows.get(case.case_id)) is not None:  # written before, without an id
            case = to_case(authored, case_of(row), self._use_cases.get(authored.use_case), self._key)
        return named_only(case, self._declared(case.use_case)) if case.tools else case

    def _declared(self, use_case: str) -> tuple[CaseTool, ...]:
        """The tools of a use case, read once."""
        if use_case not in self._tools:
            self._tools[use_case] = read_tools(self._use_cases.tools_file(use_case))
        return self._tools[use_case]
