"""The small golden version that the fixtures of the bridges were made from, written straight into a lake."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from goldworks.golden.authored import read_authored, to_case
from goldworks.golden.case import Case, case_digest, row_of
from goldworks.golden.yaml_form import read_yaml
from goldworks.lake import Lake
from goldworks.use_cases import UseCase

FOLDER = Path(__file__).parent / "fixtures" / "bridges"
KEY = b"the key of the fixtures in bridges"
VERSION = "shop-0123456789ab"
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


def cases() -> list[Case]:
    """The cases, by id."""
    entries = read_yaml((FOLDER / "cases.yml").read_text(encoding="utf-8"))
    found = [to_case(read_authored(data), None, UseCase(name="shop", tier="T2", owner="shop-team"), KEY) for _, data in entries]
    return sorted(found, key=lambda case: case.case_id)


def write_shop(lake: Lake, version: str = VERSION) -> list[Case]:
    """Mint them as `version`."""
    found = cases()
    rows = [{**row_of(case), "version_id": version, "case_digest": case_digest(case, KEY)} for case in found]
    lake.replace("golden.cases", rows, {"version_id": version})
    row = {"version_id": version, "use_case": "shop", "content_digest": version, "parent_version_id": None, "cases": len(found)}
    row |= {"approvers": ["Bea"], "owner": "o", "minted_at": NOW, "current_at": NOW, "is_tombstone": False}
    lake.upsert("golden.versions", [row])
    return found
