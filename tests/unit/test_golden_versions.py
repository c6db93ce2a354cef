"""From stored conversations to a minted version: what is proposed, what people decide, what a version holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from goldworks.errors import GoldworksError, InputError
from goldworks.golden.authoring import import_cases
from goldworks.golden.candidates import propose
from goldworks.golden.case import Case, case_of
from goldworks.golden.diff import Changed, diff
from goldworks.golden.leaks import CaseLeak, leak_check
from goldworks.golden.mint import mint, mint_approved
from goldworks.golden.read import latest_version, read_version, versions
from goldworks.golden.register import read_candidates
from goldworks.golden.reviewing import approve, retire
from goldworks.lake import Lake
from goldworks.redaction.records import Leak, RedactedDocument, RedactedField
from goldworks.settings import PROJECT_ROOT
from goldworks.tables import TABLES
from goldworks.use_cases import UseCases

KEY = b"\x07" * 32
DAY = "2026-11-03"


def use_cases(approval: str = "people", size: int = 50, seed: int = 1) -> UseCases:
    default = {"owner": "shop-team", "tier": "T2", "approval": approval, "plan": {"size": size, "floor": 2, "seed": seed}}
    shop = {"name": "shop", "match": {"service": "shop"}, **default}
    return UseCases.model_validate({"version": 1, "default": default, "use_cases": [shop]})


def blank(key: str, **values: Any) -> dict[str, Any]:
    """A row of a table with something in every required column."""
    filler = {"string": "x", "int64": 0, "bool": False, "double": 0.0}
    row = {c.name: filler.get(str(c.type), []) if not c.is_nullable else None for c in TABLES[key].columns}
    assert values.keys() <= row.keys()
    return {**row, **values}


class Log:
    """Conversations as the intake stores them, several turns each."""

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.conversations: list[dict[str, Any]] = []

    def add(
        self, name: str, *said: dict[str, Any], use_case: str = "shop", turn: dict[str, Any] | None = None, **conversation: Any
    ):
        """One conversation; each assistant message without calls ends a turn. `turn` holds values of the last one."""
        parent = system = None
        number = index = 0
        for message in said:
            if message["role"] == "retrieval":
                self._message(name, f"{name}-r{number}", parent, index, f"t-{name}-{number}", message)
                continue
            message_id = f"{name}-{index if message['role'] != 'system' else 'sys'}"
            is_reply = message["role"] == "assistant" and "tool_calls" not in message
            if message["role"] == "system":
                system = message_id
                self._message(name, message_id, None, 0, f"t-{name}-0", message)
                continue
            self._message(name, message_id, parent, index, f"t-{name}-{number}", message)
            if is_reply:
                values = {
                    "system_id": system,
                    "request_id": parent,
                    "reply_id": message_id,
                    "release": "1.0",
                    "line": len(self.turns) + 1,
                }
                is_last = message is said[-1]
                values |= {
                    "source": "a.jsonl",
                    "has_chat": True,
                    "trace_id": f"t-{name}-{number}",
                    **((turn or {}) if is_last else {}),
                }
                self.turns.append(blank("logs.turns", arrived_on=DAY, conversation_id=name, **values))
                number += 1
            parent, index = message_id, index + 1
        row = {"conversation_id": name, "use_case": use_case, "outcome": "answered", **conversation}
        self.conversations.append(blank("logs.conversations", **row))

    def _message(self, name: str, message_id: str, parent: str | None, index: int, trace: str, message: dict[str, Any]) -> None:
        encoded = {n: orjson.dumps(v).decode() if n in ("tool_calls", "tool_result") else v for n, v in message.items()}
        places = {"arrived_on": DAY, "conversation_id": name, "message_id": message_id, "parent_id": parent, "trace_id": trace}
        self.messages.append(
            blank("logs.messages", **places, message_index=index, content_hash=orjson.dumps(message).hex()[:60], **encoded)
        )

    def write(self, lake: Lake) -> Lake:
        lake.replace("logs.turns", self.turns, {"arrived_on": DAY})
        lake.replace("logs.messages", self.messages, {"arrived_on": DAY})
        lake.replace("logs.conversations", self.conversations)
        return lake


def says(role: str, text: str | None = None, **more: Any) -> dict[str, Any]:
    return {"role": role, "text": text, **more}


def simple(log: Log, count: int, start: int = 0, **more: Any) -> Log:
    for number in range(start, start + count):
        question = f"Question {number} about order {number * 7919 % 1009} and parcel {number * 104729 % 2003}"
        log.add(f"c{number:03}", says("user", question), says("assistant", "Answer"), **more)
    return log


def states(lake: Lake) -> dict[str, str]:
    return {row["conversation_id"]: row["state"] for row in read_candidates(lake).values()}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


CALL = {"id": "call-1", "name": "find_order", "arguments": {"order": "28708"}}


def test_a_case_is_what_the_assistant_was_given_and_leads_back_to_its_line(lake: Lake):
    log = Log()
    log.add(
        "c1",
        says("system", "Be brief."),
        says("user", "Hello <PERSON_1>"),
        says("assistant", "Hello"),
        says("user", "Where is my order?"),
        {**says("retrieval", "order"), "passages": [{"id": "p1", "score": 0.5, "text": "Orders take two days."}]},
        says("assistant", tool_calls=[CALL]),
        says("tool", tool_call_id="call-1", tool_result={"status": "sent"}),
        says("assistant", "It was sent."),
        turn={"feedback_score": -1.0, "line": 17, "release": "2.0", "tool_errors": 0},
    )
    log.add("c2", says("user", "Other use case"), says("assistant", "Yes"), use_case="bank")
    assert propose(log.write(lake), use_cases(), KEY) == {"bank": 1, "shop": 1}
    (row,) = read_candidates(lake, "shop").values()
    case = case_of(row)
    assert [(m.role, m.text) for m in case.messages] == [
        ("system", "Be brief."),
        ("user", "Hello <PERSON_1>"),
        ("assistant", "Hello"),
        ("user", "Where is my order?"),
    ]
    assert [(p.id, p.text) for p in case.passages] == [("p1", "Orders take two days.")]
    assert [tool.name for tool in case.tools] == ["find_order"]
    assert (case.intent, case.tags, case.release, case.tier) == ("find_order", ("thumb_down",), "2.0", "T2")
    assert case.expected == Case(case_id="", use_case="", tier="", origin="").expected  # nobody has said what is right
    assert (case.conversation_id, case.trace_id, case.source, case.line) == ("c1", "t-c1-1", "a.jsonl", 17)
    assert case.parents == ("c1-sys", "c1-0", "c1-1", "c1-2", "c1-r1")
    assert row["stratum"] == "intent=find_order | release=2.0 | length=2-6 | tools=one | feedback=down | known_failure=yes"


def test_a_case_of_a_whole_conversation_holds_the_recording(lake: Lake):
    log = Log()
    log.add(
        "c1",
        says("system", "Be brief."),
        says("user", "How long do orders take?"),
        {**says("retrieval", "order"), "passages": [{"id": "p1", "score": 0.5, "text": "Orders take two days."}]},
        says("assistant", "Two days."),
        says("user", "Where is mine?"),
        {**says("retrieval", "mine"), "passages": [{"id": "p2", "score": 0.5, "text": "Look into the app."}]},
        says("assistant", tool_calls=[CALL]),
        says("tool", tool_call_id="call-1", tool_result={"status": "sent"}),
        says("assistant", "It was sent."),
        says("user", "thanks"),
        says("assistant", "Any time."),
    )
    plan = {"size": 50, "floor": 2, "seed": 1, "unit": "conversation"}
    whole = UseCases.model_validate({"version": 1, "default": {"owner": "shop-team", "tier": "T2", "plan": plan}})
    assert propose(log.write(lake), whole, KEY) == {"shop": 1}
    assert propose(lake, whole, KEY) == {"shop": 0}
    (row,) = read_candidates(lake, "shop").values()
    case = case_of(row)
    assert [message.role for message in case.messages] == [
        "system", "user", "assistant", "user", "assistant", "tool", "assistant", "user", "assistant",
    ]  # fmt: skip
    assert case.messages[4].tool_calls[0].arguments == {"order": "28708"}
    assert case.messages[5].tool_result == {"status": "sent"}
    assert [(p.id, p.turn) for p in case.passages] == [("p1", 0), ("p2", 1)]
    assert (case.intent, case.trace_id) == ("find_order", "t-c1-2")
    assert case.case_id != case_of(propose_turns(lake)).case_id
    approve(lake, "shop", "Bea", [case.case_id])
    log.add("c2", says("user", "Another question about kayaks"), says("assistant", "Yes"))
    propose(log.write(lake), whole, KEY)
    assert states(lake) == {"c1": "approved", "c2": "proposed"}
    retire(lake, "shop", "Bea", [row["case_id"] for row in read_candidates(lake).values() if row["conversation_id"] == "c2"])
    propose(lake, whole, KEY)
    assert states(lake) == {"c1": "approved", "c2": "retired"}


def propose_turns(lake: Lake) -> dict[str, Any]:
    """The candidate of the same conversation when a case is a turn; proposed in a lake of its own."""
    other = Lake(lake.home / "turns")
    for table in ("turns", "messages", "conversations"):
        other.replace(f"logs.{table}", lake.rows(f"logs.{table}"), {"arrived_on": DAY} if table != "conversations" else None)
    propose(other, use_cases(), KEY)
    (row,) = read_candidates(other, "shop").values()
    return row


def test_tools_get_their_schemas_from_the_file_of_their_use_case(lake: Lake, tmp_path: Path):
    def declare(*lines: str) -> UseCases:
        (tmp_path / "tools").mkdir(exist_ok=True)
        (tmp_path / "tools" / "shop.jsonl").write_text("\n".join(lines))
        return use_cases().beside(tmp_path / "use_cases.yml")

    log = Log()
    log.add("c1", says("user", "Hi"), says("assistant", tool_calls=[CALL]), says("tool", tool_result=1), says("assistant", "Yes"))
    schema = {"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]}
    find = orjson.dumps({"name": "find_order", "parameters": schema}).decode()
    call_off = orjson.dumps({"type": "function", "function": {"name": "cancel", "description": "d", "parameters": {}}}).decode()
    propose(log.write(lake), declare(find, "", call_off), KEY)
    (row,) = read_candidates(lake, "shop").values()
    assert [(tool.name, tool.parameters) for tool in case_of(row).tools] == [("cancel", {}), ("find_order", schema)]
    approve(lake, "shop", "Bea", [row["case_id"]])
    propose(lake, declare(find.replace("required", "examples")), KEY)
    (kept,) = read_candidates(lake, "shop").values()
    assert kept["state"] == "approved"
    assert case_of(kept).tools[1].parameters == schema  # what a case was given stays with it
    for broken, message in (
        ("{", r"shop\.jsonl:1: not JSON"),
        ("{}", r"shop\.jsonl:1: .*name"),
        ('{"name": "a", "schema": {}}', r"shop\.jsonl:1: .*schema"),
        ('{"name": "a", "parameters": {"type": "nonsense"}}', r"shop\.jsonl:1: parameters"),
        (f"{find}\n{find}", r"shop\.jsonl:2: name: 'find_order' stands twice"),
    ):
        with pytest.raises(GoldworksError, match=message):
            propose(lake, declare(broken), KEY)


def test_incomplete_conversations_give_no_case(lake: Lake):
    log = simple(Log(), 2)
    log.add("x1", says("user", "Lost"), says("assistant", "?"), missing_replies=1)
    log.add("x2", says("user", "Withheld"), says("assistant", "?"), withheld=1)
    log.add("x3", says("user", "Failed"), says("assistant", "?"), outcome="error")
    propose(log.write(lake), use_cases(), KEY)
    assert set(states(lake)) == {"c000", "c001"}


def test_proposing_again_changes_nothing_and_the_order_of_rows_does_not_matter(lake: Lake, tmp_path: Path):
    log = simple(Log(), 40)
    assert propose(log.write(lake), use_cases(size=15), KEY) == {"shop": 15}
    before = lake.rows("golden.candidates")
    assert propose(lake, use_cases(size=15), KEY) == {"shop": 0}
    assert lake.rows("golden.candidates") == before
    for rows in (log.turns, log.messages, log.conversations):
        rows.reverse()
    propose(log.write(other := Lake(tmp_path / "other")), use_cases(size=15), KEY)
    assert read_candidates(other).keys() == read_candidates(lake).keys()
    assert propose(lake, use_cases(size=15, seed=2), KEY)["shop"] > 5


def test_what_people_decided_stays_and_the_rest_follows_the_plan(lake: Lake):
    log = simple(Log(), 30)
    propose(log.write(lake), use_cases(size=10), KEY)
    ids = sorted(read_candidates(lake))
    assert approve(lake, "shop", "Bea", ids[:2]) == 2
    assert retire(lake, "shop", "Cem", ids[2:3]) == 1
    retired = read_candidates(lake)[ids[2]]["conversation_id"]
    propose(simple(log, 300, 30).write(lake), use_cases(size=10, seed=9), KEY)
    rows = read_candidates(lake)
    assert [rows[one]["state"] for one in ids[:3]] == ["approved", "approved", "retired"]
    assert [rows[one]["reviewed_by"] for one in ids[:3]] == ["Bea", "Bea", "Cem"]
    assert len(rows) == 11  # ten drawn, of which two are approved; the retired one counts for nothing
    assert sum(row["conversation_id"] == retired for row in rows.values()) == 1
    assert len(set(ids) & set(rows)) < 8


def test_duplicates_give_way_to_what_is_approved_or_written_and_stay_away_when_retired(lake: Lake):
    log = Log()
    for name in ("a1", "a2", "a3"):
        log.add(name, says("user", "How tall is the tower of the old church here?"), says("assistant", name))
    log.add("b1", says("user", "When does the museum open on a Sunday morning?"), says("assistant", "At ten"))
    propose(log.write(lake), use_cases(), KEY)
    assert len(states(lake)) == 2
    (kept,) = (row for row in read_candidates(lake).values() if row["conversation_id"] != "b1")
    approve(lake, "shop", "Bea", [kept["case_id"]])
    propose(lake, use_cases(seed=5), KEY)
    assert states(lake) == {kept["conversation_id"]: "approved", "b1": "proposed"}
    retire(lake, "shop", "Bea", [kept["case_id"]])
    propose(lake, use_cases(), KEY)
    assert states(lake) == {kept["conversation_id"]: "retired", "b1": "proposed"}
    write(lake, "- {use_case: shop, question: When does the museum open on a Sunday morning?}")
    propose(lake, use_cases(), KEY)
    assert states(lake) == {kept["conversation_id"]: "retired", None: "proposed"}


class NoRedaction:
    def redact(self, documents: Any) -> list[RedactedDocument]:
        return [
            RedactedDocument(d.conversation_id, tuple(RedactedField(f.owner, f.name, f.value, ()) for f in d.fields))
            for d in documents
        ]

    def find_leaks(self, texts: list[str]) -> list[Leak]:
        return [Leak(i, "EMAIL_ADDRESS", "email", 0, 1) for i, text in enumerate(texts) if "@" in text]


def write(lake: Lake, text: str) -> None:
    assert not import_cases(lake, text, "yaml", use_cases(), KEY, NoRedaction(), "Ann").rejected


def test_the_policy_approves_what_shows_no_failure_and_takes_back_what_it_no_longer_draws(lake: Lake):
    log = simple(simple(Log(), 6), 2, 10, turn={"feedback_score": -1.0})
    propose(log.write(lake), use_cases("policy"), KEY)
    assert sorted(states(lake).values()) == ["approved"] * 6 + ["proposed"] * 2
    assert {row["reviewed_by"] for row in read_candidates(lake).values()} == {"policy:use_cases.yml", None}
    propose(lake, use_cases("policy", size=3), KEY)
    assert len(states(lake)) == 3
    propose(lake, use_cases("people"), KEY)
    assert set(states(lake).values()) == {"proposed"}


def test_a_value_recognised_later_leaves_the_cases_that_were_approved(lake: Lake):
    log = simple(Log(), 1)
    propose(log.write(lake), use_cases(), KEY)
    approve(lake, "shop", "Bea")
    log.messages[0]["text"] = "Question about <ORDER_1>"
    propose(log.write(lake), use_cases(), KEY)
    (row,) = read_candidates(lake).values()
    assert (case_of(row).messages[0].text, row["state"]) == ("Question about <ORDER_1>", "approved")
    assert len(list(lake.path("golden.candidates").rglob("*.parquet"))) == 1, "what the candidate said before is off the disk"


def test_a_use_case_that_fails_does_not_stop_the_others(lake: Lake, monkeypatch: pytest.MonkeyPatch):
    log = simple(Log(), 2)
    log.add("z", says("user", "Hi"), says("assistant", "Ho"), use_case="bank")
    log.write(lake)
    from goldworks.golden import candidates

    real = candidates.select
    monkeypatch.setattr(
        candidates, "select", lambda lake, use_case, *rest: real(lake, use_case, *rest) if use_case.name != "bank" else 1 / 0
    )
    with pytest.raises(GoldworksError, match=r"failed for 1 of 2 use cases; the others are done:\n  bank: ZeroDivisionError"):
        propose(lake, use_cases(), KEY)
    assert set(states(lake)) == {"c000", "c001"}


# review


def test_review_needs_a_name_and_known_cases(lake: Lake):
    propose(simple(Log(), 3).write(lake), use_cases("policy"), KEY)
    with pytest.raises(InputError, match="names nobody"):
        approve(lake, "shop", " ")
    with pytest.raises(InputError, match="names nobody"):
        approve(lake, "shop", "policy:mine")
    with pytest.raises(InputError, match="no candidate nothing"):
        retire(lake, "shop", "Bea", ["nothing"])
    with pytest.raises(InputError, match=r"no candidates\n.*shop"):
        approve(lake, "shopp", "Bea")
    assert approve(lake, "shop", "Bea") == 0  # the policy had approved them
    assert approve(lake, "shop", "Bea", list(read_candidates(lake))[:1]) == 1


# versions


def test_a_version_is_its_content(lake: Lake, tmp_path: Path):
    propose(simple(Log(), 6).write(lake), use_cases(), KEY)
    shop = use_cases().get("shop")
    with pytest.raises(InputError, match="no approved case"):
        mint(lake, shop, KEY)
    ids = sorted(read_candidates(lake))
    approve(lake, "shop", "Bea", ids[:3])
    approve(lake, "shop", "Cem", ids[3:4])
    first = mint(lake, shop, KEY)
    assert first.is_new
    assert first.version_id.startswith("shop-")
    assert [case.case_id for case in read_version(lake, first.version_id)] == ids[:4]
    again = mint(lake, shop, KEY)
    assert (again.version_id, again.is_new) == (first.version_id, False)
    (row,) = versions(lake)
    assert (row["approvers"], row["owner"], row["cases"], row["parent_version_id"]) == (["Bea", "Cem"], "shop-team", 4, None)
    approve(lake, "shop", "Cem")
    second = mint(lake, shop, KEY)
    assert versions(lake)[-1]["parent_version_id"] == first.version_id
    retire(lake, "shop", "Bea", ids[4:])
    back = mint(lake, shop, KEY)
    assert back.version_id == first.version_id != second.version_id
    assert latest_version(lake, "shop") == first.version_id
    assert len(lake.rows("golden.cases")) == 10


def test_the_difference_of_two_versions(lake: Lake):
    write(
        lake,
        "\n".join(f"- {{case_id: {one}, use_case: shop, question: {one.upper()}}}" for one in "abc"),
    )
    approve(lake, "shop", "Bea")
    first = mint(lake, use_cases().get("shop"), KEY).version_id
    write(lake, "- {case_id: b, tier: T1, expected: {reference: B!}}\n- {case_id: d, use_case: shop, question: D}")
    approve(lake, "shop", "Bea")
    retire(lake, "shop", "Bea", ["a"])
    second = mint(lake, use_cases().get("shop"), KEY).version_id
    found = diff(lake, first, "shop")
    assert (found.a, found.b, found.added, found.removed, found.unchanged) == (first, second, ("d",), ("a",), 1)
    assert found.changed == (Changed("b", ("tier", "expected")),)
    assert diff(lake, first, first).unchanged == 3


def test_the_leak_check_says_where_and_never_what(lake: Lake):
    write(
        lake,
        "- {case_id: a, use_case: shop, question: x, expected: {tool_calls: [{name: f, arguments: {to: [bo@example.com]}}]}}",
    )
    write(lake, "- {case_id: b, use_case: shop, question: fine}")
    approve(lake, "shop", "Bea")
    version = mint(lake, use_cases().get("shop"), KEY).version_id
    assert leak_check(lake, version, NoRedaction()) == [
        CaseLeak("a", "expected.tool_calls.0.arguments.value[0].0", "EMAIL_ADDRESS", "email")
    ]


def test_minting_every_approved_use_case(lake: Lake):
    log = simple(Log(), 3)
    log.add("z", says("user", "Hi"), says("assistant", "Ho"), use_case="bank")
    propose(log.write(lake), use_cases(), KEY)
    assert mint_approved(lake, use_cases(), KEY) == []
    approve(lake, "bank", "Bea")
    assert [one.use_case for one in mint_approved(lake, use_cases(), KEY)] == ["bank"]


MINT = """
import sys
from pathlib import Path
from goldworks.golden.mint import mint
from goldworks.lake import Lake
from goldworks.use_cases import UseCase
print(mint(Lake(Path(sys.argv[1])), UseCase(name="shop", owner="o", tier="T2"), b"\\x07" * 32).version_id)
"""


def test_a_killed_minting_shows_nothing_and_the_next_one_finishes(lake: Lake, tmp_path: Path):
    write(lake, "- {case_id: a, use_case: shop, question: A}")
    approve(lake, "shop", "Bea")
    command = [sys.executable, "-c", MINT, str(tmp_path)]
    killed = subprocess.run(
        command, env={**os.environ, "GOLDWORKS_FAULT": "golden.cases_written"}, cwd=PROJECT_ROOT, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert versions(lake) == []
    assert len(lake.rows("golden.cases")) == 1
    write(lake, "- {case_id: a, expected: {reference: B}}")
    approve(lake, "shop", "Bea")
    done = mint(lake, use_cases().get("shop"), KEY)
    assert done.is_new
    assert [row["version_id"] for row in lake.rows("golden.cases")] == [done.version_id]


def test_many_at_once_lose_nothing(lake: Lake):
    write(lake, "\n".join(f"- {{case_id: c{n}, use_case: shop, question: q{n}}}" for n in range(8)))
    shop = use_cases().get("shop")
    approve(lake, "shop", "Bea", ["c0"])
    found: list[str] = []
    work = [lambda n=n: approve(lake, "shop", "Bea", [f"c{n}"]) for n in range(1, 5)]
    work += [lambda: found.append(mint(lake, shop, KEY).version_id) for _ in range(3)]
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(row["state"] == "approved" for row in read_candidates(lake).values()) == 5
    assert len(found) == 3
    assert {row["version_id"] for row in versions(lake)} == set(found)


def test_an_erased_version_is_not_minted_again(lake: Lake):
    write(lake, "- {case_id: a, use_case: shop, question: A}")
    approve(lake, "shop", "Bea")
    shop = use_cases().get("shop")
    mint(lake, shop, KEY, datetime(2026, 11, 3, tzinfo=UTC))
    lake.upsert("golden.versions", [{**versions(lake)[0], "is_tombstone": True}])
    with pytest.raises(InputError, match="erased on request"):
        mint(lake, shop, KEY)
