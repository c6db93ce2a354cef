"""Reading files: every line accounted for, whatever stands in them, and offsets that lead back to the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import tracemalloc
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldworks.conversations.reading import REASONS, LogFile, detect, read_line
from goldworks.conversations.records import Line
from goldworks.errors import InputError


def chat_line(record_id: str = "r1", conversation: str | None = "c1", text: str = "hello") -> bytes:
    metadata = {"conversation_id": conversation} if conversation else {}
    messages = [{"role": "user", "content": text}]
    return orjson.dumps(
        {"id": record_id, "created": 1793578821, "metadata": metadata, "messages": messages, "response": {"choices": []}}
    )


def read(path: Path, data: bytes, **options: str) -> tuple[LogFile, list[Line]]:
    path.write_bytes(data)
    file = LogFile(str(path), **options)  # type: ignore[arg-type]
    return file, list(file)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


@pytest.fixture(scope="module")
def wild_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file that hypothesis writes over and over."""
    return tmp_path_factory.mktemp("wild") / "log.jsonl"


def test_lines_offsets_and_digest(path: Path) -> None:
    first, second = chat_line("a"), chat_line("b")
    data = first + b"\r\n" + b"\n \t\n" + second  # the last line has no line feed: an ordinary line
    file, lines = read(path, data)
    assert [(line.number, line.is_empty, line.unusable) for line in lines] == [
        (1, False, None),
        (2, True, None),
        (3, True, None),
        (4, False, None),
    ]
    assert lines[0].raw == first
    assert (lines[3].byte_offset, lines[3].length_bytes) == (len(data) - len(second), len(second))
    assert (file.dialect, file.size_bytes, file.is_incomplete) == ("openai_chat", len(data), False)
    assert file.sha256 == hashlib.sha256(data).hexdigest()


def test_gzip_by_its_bytes_and_several_members(path: Path) -> None:
    data = gzip.compress(chat_line("a") + b"\n" + chat_line("b")[:20]) + gzip.compress(chat_line("b")[20:] + b"\n") + b"\0" * 100
    file, lines = read(path, data)
    assert [line.turns[0].trace_id for line in lines] == ["a", "b"]
    assert not file.is_incomplete
    assert file.sha256 == hashlib.sha256(data).hexdigest()
    assert read_line(str(path), lines[1].byte_offset, lines[1].length_bytes) == chat_line("b")


def many_lines(number: int) -> bytes:
    texts = (hashlib.sha256(str(index).encode()).hexdigest() for index in range(number))
    return b"".join(chat_line(f"r{index}", text=text) + b"\n" for index, text in enumerate(texts))


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_cut_gzip_keeps_every_whole_line(path: Path, keep: float) -> None:
    plain = many_lines(3000)
    cut = gzip.compress(plain)
    cut = cut[: int(len(cut) * keep)]
    file, lines = read(path, cut)
    *whole, last = lines
    assert file.is_incomplete
    assert len(whole) > 3000 * (keep - 0.1)
    assert all(line.turns for line in whole)
    assert last.unusable is not None
    assert last.unusable.reason == "truncated_gzip"
    assert plain.startswith(b"".join(line.raw + b"\n" for line in whole) + last.raw)
    assert read_line(str(path), last.byte_offset, last.length_bytes) == last.raw
    assert (file.size_bytes, file.sha256) == (len(cut), hashlib.sha256(cut).hexdigest())


def test_damaged_gzip_keeps_what_came_before_the_damage(path: Path) -> None:
    plain = many_lines(500)
    whole = gzip.compress(plain)
    wrong_sum = whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:]
    file, lines = read(path, wrong_sum)
    assert file.is_incomplete
    assert sum(bool(line.turns) for line in lines) == 500
    middle = len(whole) // 2
    broken = whole[:middle] + b"\xff" * 40 + whole[middle + 40 :]
    file, lines = read(path, broken)
    assert file.is_incomplete
    assert sum(bool(line.turns) for line in lines) > 200
    assert file.sha256 == hashlib.sha256(broken).hexdigest()
    file, lines = read(path, whole + b"not gzip")
    assert file.is_incomplete
    assert len(lines) == 500
    file, lines = read(path, b"\x1f\x8b")
    assert file.is_incomplete
    assert lines == []


def test_reasons_of_broken_lines(path: Path) -> None:
    sound = chat_line()
    lines = {
        sound[:40]: "truncated_json",
        sound[:-9] + b"\xff" + sound[-9:]: "invalid_utf8",
        '{"id": "é'.encode()[:-1]: "truncated_json",  # cut inside a character
        b"2026-11-02 INFO started": "not_json",
        b"{'id': 1}": "not_json",
        sound + b" {}": "not_json",
        b"[1, 2]": "wrong_types",
        b'{"id": "r", "messages": "see attachment"}': "wrong_types",
        chat_line(conversation=None): "missing_conversation_id",
        b"{}": "not_a_turn",
        b"[" * 50_000: "nested_too_deep",
        b'{"id": "r", "messages": ' + b"[" * 50_000 + b"]" * 50_000 + b"}": "nested_too_deep",
    }
    _, found = read(path, b"\n".join([sound, *lines]))
    assert found[0].turns
    assert [line.unusable and line.unusable.reason for line in found[1:]] == list(lines.values())
    assert set(lines.values()) <= set(REASONS)


def test_details_name_places_and_never_hold_content(path: Path) -> None:
    secret = "SecretValue42"
    lines = [
        f'{{"id": "r", "messages": "{secret}"}}',
        f'{{"id": "r", "metadata": {{"conversation_id": {{"{secret}": 1}}}}, "messages": []}}',
        f'{{"id": "r", "messages": [{{"role": "{secret}", "content": "x"}}]}}',
        f'{{"id": "r", "created": "{secret}", "messages": []}}',
        f'{{"id": "r", "messages": "{secret}\\x"}}',
        f'{{"id": "r", "messages": "{secret}',
        f'{{"{secret}": {secret}}}',
        f'{{"resourceSpans": [{{"scopeSpans": [{{"spans": [{{"traceId": "t", "spanId": "s", "startTimeUnixNano": "{secret}", '
        f'"attributes": [{{"key": "gen_ai.operation.name", "value": {{"stringValue": "chat"}}}}, '
        f'{{"key": "gen_ai.conversation.id", '
        f'"value": {{"stringValue": "c"}}}}]}}]}}]}}]}}',
    ]
    for dialect in ("openai_chat", "otlp"):
        _, found = read(path, "\n".join(lines).encode(), dialect=dialect)
        for line in found:
            assert line.unusable is not None
            assert secret not in repr(line.unusable)
    assert found[-1].unusable is not None
    assert found[-1].unusable.detail == "$.resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano: not a time"


def test_attribute_values_too_deep_to_walk_through(path: Path) -> None:
    value = '{"arrayValue": {"values": [' * 240 + '{"intValue": 1}' + "]}}" * 240
    conversation = '{"key": "gen_ai.conversation.id", "value": {"stringValue": "c"}}'
    attributes = f'[{{"key": "gen_ai.input.messages", "value": {value}}}, {conversation}]'
    span = f'{{"traceId": "t", "spanId": "s", "attributes": {attributes}}}'
    _, (line,) = read(path, f'{{"resourceSpans": [{{"scopeSpans": [{{"spans": [{span}]}}]}}]}}'.encode())
    assert line.unusable is not None
    assert line.unusable.reason in {"nested_too_deep", "wrong_types"}


def test_half_an_emoji_is_no_reason_to_lose_a_line(path: Path) -> None:
    line = chat_line(text="MARK").replace(b"MARK", rb"cut \ud83d and \\ud83d whole \ud83d\ude00")
    _, (found,) = read(path, line)
    assert found.turns[0].history[0].text == "cut \ufffd and \\ud83d whole \U0001f600"


def test_byte_order_mark_and_a_very_long_line(path: Path) -> None:
    long = chat_line(text="x" * 5_000_000)
    file, lines = read(path, b"\xef\xbb\xbf" + long + b"\n" + chat_line())
    assert len(lines[0].turns[0].history[0].text or "") == 5_000_000
    assert lines[1].turns
    assert read_line(str(path), 0, lines[0].length_bytes) == lines[0].raw
    assert file.size_bytes == path.stat().st_size


def test_memory_does_not_grow_with_the_file(path: Path) -> None:
    path.write_bytes(gzip.compress(b" " * 1000 + b"\n") * 10_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in LogFile(str(path), dialect="otlp")) == 10_000
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
    finally:
        tracemalloc.stop()


def test_dialect_is_that_of_the_first_line_recognised(path: Path) -> None:
    otlp = b'{"resourceSpans": {}}'  # of the wrong type, and still recognised
    assert detect([b"{", b'{"level": "info"}', otlp, chat_line()]) == "otlp"
    assert detect([b"", b"\xff", b"1"]) is None
    file, lines = read(path, b'{"level": "info"}\n' * 5 + chat_line())
    assert file.dialect == "openai_chat"
    assert [line.unusable.reason for line in lines if line.unusable] == ["not_a_turn"] * 5
    file, lines = read(path, b'{"level": "info"}\n' * 12)
    assert file.dialect == "unknown"
    assert [line.unusable.reason for line in lines if line.unusable] == ["unknown_dialect"] * 12
    file, _ = read(path, chat_line(), dialect="otlp")
    assert file.dialect == "otlp"


def test_what_cannot_be_asked_for_is_refused(path: Path) -> None:
    with pytest.raises(InputError, match="openai_chat"):
        LogFile(str(path), dialect="syslog")
    with pytest.raises(InputError, match="needs a mapping"):
        LogFile(str(path), dialect="mapped")
    with pytest.raises(OSError, match="log"):
        list(LogFile(str(path)))
    path.write_bytes(b"short")
    with pytest.raises(InputError, match="no longer the file"):
        read_line(str(path), 3, 10)


def test_fsspec_url(path: Path) -> None:
    path.write_bytes(gzip.compress(chat_line() + b"\n"))
    file = LogFile(path.as_uri())
    (line,) = list(file)
    assert line.turns
    assert read_line(path.as_uri(), line.byte_offset, line.length_bytes) == chat_line()


KEYS = [
    *("id", "messages", "role", "content", "parts", "type", "tool_calls", "function", "arguments", "name", "output", "input"),
    *("metadata", "conversation_id", "request", "response", "choices", "message", "usage", "prompt_tokens", "status", "code"),
    *("resourceSpans", "resource", "scopeSpans", "spans", "traceId", "spanId", "attributes", "key", "value", "events"),
    *("stringValue", "intValue", "arrayValue", "values", "startTimeUnixNano"),
]

json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(data=st.binary(max_size=300), dialect=st.sampled_from([None, "otlp", "openai_chat"]), packed=st.booleans())
def test_any_bytes_are_accounted_for(wild_path: Path, data: bytes, dialect: str | None, packed: bool) -> None:
    if data.startswith(b"\x1f\x8b"):
        return
    wild_path.write_bytes(gzip.compress(data) if packed else data)
    lines = list(LogFile(str(wild_path), dialect=dialect))
    expected = data.split(b"\n")
    if expected[-1] == b"":
        expected.pop()
    assert len(lines) == len(expected)
    for line, raw in zip(lines, expected, strict=True):
        assert line.raw == raw.removesuffix(b"\r")
        assert line.is_empty == (not raw.removeprefix(b"\xef\xbb\xbf" if line.number == 1 else b"").strip())
        assert read_line(str(wild_path), line.byte_offset, line.length_bytes) == line.raw


@given(data=st.binary(max_size=200))
def test_any_bytes_after_a_gzip_header(wild_path: Path, data: bytes) -> None:
    wild_path.write_bytes(gzip.compress(b"x")[:10] + data)
    file = LogFile(str(wild_path))
    assert all(line.unusable or line.is_empty for line in file)
    assert file.size_bytes == 10 + len(data)


@given(values=st.lists(json_like, min_size=1, max_size=4), dialect=st.sampled_from([None, "otlp", "openai_chat"]))
def test_any_json_gives_turns_or_a_reason(wild_path: Path, values: list[object], dialect: str | None) -> None:
    try:
        data = b"\n".join(orjson.dumps(value) for value in values)
    except TypeError:  # an integer that orjson cannot write
        return
    wild_path.write_bytes(data)
    for line in LogFile(str(wild_path), dialect=dialect):
        assert bool(line.turns) != (line.unusable is not None)
        assert line.unusable is None or line.unusable.reason in REASONS
        for turn in line.turns:
            assert turn.trace_id
            assert turn.conversation_id
            assert all(turn.span_ids)
            orjson.dumps([m.tool_result for m in turn.history])
