"""The sample company: the same bytes from the same seed, the shape that is promised, and agents that are flawed as known."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from goldworks.demo import orders
from goldworks.demo.damage import UNUSABLE
from goldworks.demo.generate import write_logs
from goldworks.demo.knowledge import passages, questions, search
from goldworks.demo.reviewing import ANSWERABLE, UNANSWERABLE, review
from goldworks.demo.shop import PRODUCTS, TOOLS, call_tool
from goldworks.demo.truth import KnownTurn, Truth, read_truth
from goldworks.golden.case import Case, CaseMessage
from goldworks.golden.tools import read_tools
from goldworks.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("sample")
    return folder, write_logs(folder / "logs")


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_bytes_and_another_other_ones(tmp_path: Path, sample: tuple[Path, Truth]):
    write_logs(tmp_path / "again" / "logs")
    assert bytes_of(tmp_path / "again") == bytes_of(sample[0])
    write_logs(tmp_path / "other" / "logs", seed=8)
    assert bytes_of(tmp_path / "other" / "logs") != bytes_of(sample[0] / "logs")


def test_it_has_the_size_and_the_parts_that_are_promised(sample: tuple[Path, Truth]):
    truth = sample[1]
    assert len({turn.conversation_id for turn in truth.turns}) == 600
    days = {turn.day for turn in truth.turns}
    assert {str(date(2026, 11, 2) + timedelta(days=n)) for n in range(14)} <= days
    by_service = {
        service: {t.release for t in truth.turns if t.service == service} for service in ("harbor-docs", "harbor-orders")
    }
    assert by_service == {"harbor-docs": {"d1", "d2"}, "harbor-orders": {"1.0", "1.1"}}
    assert {turn.dialect for turn in truth.turns} == {"otlp", "openai_chat"}
    assert {"PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "STREET_ADDRESS", "CREDIT_CARD", "IBAN", "API_KEY"} == {
        value.entity for value in truth.planted if value.is_pii
    }
    assert {value.entity for value in truth.planted if not value.is_pii} >= {"ORDER_ID", "UUID", "VERSION", "NON_LUHN_NUMBER"}


def test_the_truth_counts_the_lines_that_are_there(sample: tuple[Path, Truth]):
    folder, truth = sample
    assert read_truth(folder / "truth") == truth
    for known in truth.files:
        data = gzip.decompress((folder / "logs" / known.file).read_bytes())
        assert data.count(b"\n") == known.lines == known.records + known.duplicates + known.quarantined + known.empty
    assert sum(known.quarantined for known in truth.files) == 12


def test_every_planted_value_stands_in_the_logs(sample: tuple[Path, Truth]):
    folder, truth = sample
    data = b"".join(gzip.decompress(path.read_bytes()) for path in (folder / "logs").rglob("*.gz"))
    whole = data.decode("utf-8", "replace").replace("\\\\n", "\n").replace("\\n", "\n")
    spoilt = {damaged.trace_id for damaged in truth.dirt if damaged.kind in UNUSABLE}
    missing = [value.text for value in truth.planted if value.text not in whole and value.trace_id not in spoilt]
    assert not missing


def test_the_first_release_of_the_order_agent_is_flawed_and_the_second_mended(sample: tuple[Path, Truth]):
    flaws = {release: Counter(t.flaw for t in sample[1].turns if t.release == release) for release in orders.RELEASES}
    assert set(flaws["1.1"]) == {None}
    assert {"quantity_missing", "quantity_wrong", "cancelled_unconfirmed"} <= set(flaws["1.0"])
    assert 0.1 < 1 - flaws["1.0"][None] / flaws["1.0"].total() < 0.35


@pytest.mark.parametrize(
    ("text", "careless", "meant"),
    [
        ("I'd like to order the Tern 12. Ship it to 5 Mill Lane, Westhaven 12345.", 12, 1),
        ("we need two x Cove 2 tents", 2, 2),
        ("I want to buy the Fjord drysuit.", None, 1),
        ("Can I buy 3 Buoy 150, please? Deliver to <STREET_ADDRESS_1>", 3, 3),
    ],
)
def test_quantities_as_both_releases_read_them(text: str, careless: int | None, meant: int):
    assert orders.careless_quantity(text) == careless
    assert orders.quantity_in(text) == meant


def test_the_agent_reads_redacted_values_like_the_values(sample: tuple[Path, Truth]):
    said = "I want to buy 2 Fjord drysuits. Please ship to {}. Confirmation to {}"
    calls = [
        [call for call, _ in orders.act([{"role": "user", "text": said.format(*values)}], "1.1").calls]
        for values in (("7 Mill Lane, Westhaven 12345", "a.b@example.com"), ("<STREET_ADDRESS_1>", "<EMAIL_ADDRESS_1>"))
    ]
    assert [call.name for call in calls[1]] == [call.name for call in calls[0]] == ["find_product", "check_stock", "place_order"]
    assert calls[1][-1].arguments == {
        "sku": "DS-FJORD", "quantity": 2, "ship_to": "<STREET_ADDRESS_1>", "email": "<EMAIL_ADDRESS_1>",
    }  # fmt: skip


def test_the_tools_refuse_what_their_schema_forbids():
    assert "error" in call_tool("place_order", {"sku": PRODUCTS[0].sku, "ship_to": "x"})
    assert "error" in call_tool("place_order", {"sku": PRODUCTS[0].sku, "quantity": 150, "ship_to": "x"})
    assert "error" in call_tool("cancel_order", {"order_id": "HO-12345", "confirmed": False})


def test_every_question_is_answered_by_its_page_and_mostly_found():
    assert len({passage.page for passage in passages()}) >= 40
    found = 0
    for question in questions():
        assert all(fact in question.source.text for fact in question.facts)
        found += question.source.id in {hit.passage.id for hit in search(question.ask[0], 2)}
    assert found / len(questions()) > 0.9


def case(turn: KnownTurn, number: int) -> Case:
    message = CaseMessage(role="user", text="?")
    return Case(
        case_id=f"case-{number}",
        use_case=turn.service,
        tier="T2",
        origin="production",
        messages=(message,),
        conversation_id=turn.conversation_id,
        trace_id=turn.trace_id,
    )


def test_the_reviewer_approves_what_can_be_checked_and_no_more_than_may_be_asked(sample: tuple[Path, Truth]):
    truth = sample[1]
    entries = review([case(turn, number) for number, turn in enumerate(truth.turns)], truth)
    docs = [entry["expected"] for entry in entries if entry["use_case"] == "harbor-docs"]
    assert sum("facts_required" in expected for expected in docs) == ANSWERABLE
    assert any("facts_forbidden" in expected for expected in docs)
    assert not any(fact in e["reference"] for e in docs for fact in e.get("facts_forbidden", ()))
    assert sum(expected == {"should_refuse": True} for expected in docs) == UNANSWERABLE
    assert ANSWERABLE + UNANSWERABLE <= 60
    calls = [entry["expected"]["tool_calls"] for entry in entries if entry["use_case"] == "harbor-orders"]
    assert len(calls) == sum(bool(turn.calls) for turn in truth.turns)
    assert all(calls)


def test_the_reviewer_leaves_what_is_not_of_the_sample_alone(sample: tuple[Path, Truth]):
    stranger = case(sample[1].turns[0], 1)
    assert (
        review([Case(**{**{f: getattr(stranger, f) for f in stranger.__struct_fields__}, "conversation_id": "x"})], sample[1])
        == []
    )


def test_the_tools_of_the_use_case_are_those_of_the_shop():
    declared = read_tools(PROJECT_ROOT / "expectations" / "tools" / "harbor-orders.jsonl")
    assert [msgspec.to_builtins(tool) for tool in declared] == list(TOOLS)
