"""A broken policy is refused with file, line, key and what is allowed; every shipped policy loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldworks.errors import PolicyError
from goldworks.intake.policy import IntakePolicy, load_intake_policy
from goldworks.policies import load_policy
from goldworks.settings import PROJECT_ROOT

GOOD = """version: 1
first_day: 2026-01-01
files:
  - match: "*.jsonl"
names_in: [user]
"""


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "intake.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(path, IntakePolicy)
    return str(caught.value)


def test_a_wrong_key_names_its_line_and_the_nearest_allowed_one(tmp_path: Path):
    message = refused(tmp_path, GOOD.replace('match: "*.jsonl"', 'match: "*.jsonl"\n    dialekt: otlp'))
    assert "intake.yml:5: files.0.dialekt: unknown key; did you mean 'dialect'?" in message
    assert "mapping, match" in message


def test_a_wrong_value_names_its_line_and_what_is_allowed(tmp_path: Path):
    message = refused(tmp_path, GOOD.replace('"*.jsonl"', '"*.jsonl"\n    dialect: csv'))
    assert "intake.yml:5: files.0.dialect" in message
    assert "openai_chat" in message


def test_an_absent_key_is_named(tmp_path: Path):
    assert "first_day: required key is absent" in refused(tmp_path, GOOD.replace("first_day: 2026-01-01\n", ""))


def test_a_key_given_twice_is_refused(tmp_path: Path):
    assert "intake.yml:6: not YAML: key 'version' stands twice" in refused(tmp_path, GOOD + "version: 2\n")


def test_no_yaml_and_no_file(tmp_path: Path):
    assert "intake.yml:2: not YAML" in refused(tmp_path, "version: [1\n")
    with pytest.raises(PolicyError, match="no such file"):
        load_policy(tmp_path / "absent.yml", IntakePolicy)


def test_the_shipped_intake_policy_loads():
    policy = load_intake_policy(PROJECT_ROOT / "expectations")
    assert policy.rule("otlp/2026-11-02.jsonl.gz") is not None
    assert policy.rule("2026-11-02.jsonl") is not None
    assert policy.rule("README.md") is None


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("version: 1\nfirst_day: 2026-02-30\n", "intake.yml:2: not YAML: day is out of range for month"),
        ("version: 1\n? [a, b]\n: c\n", "intake.yml:2: not YAML: a key must be plain text"),
        ('version: 1\n\nfirst_day: "\x07"\n', "intake.yml:3: not YAML: special characters are not allowed"),
    ],
)
def test_yaml_that_no_value_can_be_made_of_names_its_line(tmp_path: Path, text: str, where: str):
    assert where in refused(tmp_path, text)
