"""What ships is approved as it stands, by being listed with the code. For people who review a change of it.

uv run python tests/shipped_approvals.py       # writes goldworks/approvals/shipped.yml anew
"""

from __future__ import annotations

import sys

import yaml

from goldworks.approvals.shipped import FILE
from goldworks.release.approving import states
from goldworks.settings import PROJECT_ROOT

HEADER = """\
# States of the policies in expectations/ as they come with Goldworks, by digest. They hold until somebody approves another state.
# Written by tests/shipped_approvals.py.
"""


def shipped() -> str:
    """The file as it should be."""
    found: dict[str, dict[str, str]] = {}
    for subject, name, digest in states(PROJECT_ROOT / "expectations"):
        found.setdefault(subject, {})[name] = digest
    return HEADER + yaml.safe_dump({"version": 1, "states": found}, sort_keys=False)


if __name__ == "__main__":
    FILE.write_text(shipped(), encoding="utf-8")
    sys.stdout.write(f"{FILE}\n")
