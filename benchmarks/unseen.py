"""How the rules do on text that they were not made on: values of many countries and vendors in sentences, forms, logs and code.

python benchmarks/unseen.py [--rounds N] [--seed N] [--show {misses,false}] [--half {tuned,held}]

Templates, countries and vendors are in two halves. Whoever changes a rule looks at the misses of the half `tuned` only; `held`
says how far that carries. A value counts as caught when 90 % of its letters and digits are gone. Names are switched off.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldworks.redaction import Document, Field, Redactor, load_redactor
from goldworks.redaction.tokens import TOKEN

sys.path.insert(0, str(Path(__file__).parent))
from unseen_disguises import DISGUISES, FITTING
from unseen_drawing import ALNUM, DIGITS, HEX, UPPER, luhn
from unseen_stays import LOOK_ALIKES, PROSE
from unseen_texts import TEMPLATES
from unseen_values import Maker

POLICY = Path(__file__).resolve().parents[1] / "expectations" / "policies" / "redaction.yml"
HALVES = ("tuned", "held")
_SLOT = re.compile(r"\[\[([A-Z][A-Z0-9_]+)\]\]")
_FILL = re.compile(r"\[\[(\w+)\]\]")


@dataclass(frozen=True)
class Case:
    """A value in its text, and how it is disguised."""

    type: str
    half: int
    disguise: str
    value: str
    text: str
    start: int
    is_json: bool


def half_of(template: str) -> int:
    return hashlib.sha256(template.encode()).digest()[0] % 2


def lines(block: str) -> list[str]:
    """One text a line; in it \\n is a new line and \\\\ a backslash."""
    return [re.sub(r"\\(n|\\)", lambda match: "\n" if match[1] == "n" else "\\", line) for line in block.strip().split("\n")]


def cases(seed: int, rounds: int) -> Iterator[Case]:
    for template in lines(TEMPLATES):
        half = half_of(template)
        is_json = template.startswith("json: ")
        body = template.removeprefix("json: ")
        slot = _SLOT.search(body)
        assert slot, template
        type_ = slot[1]
        maker = Maker(int.from_bytes(hashlib.sha256(f"{seed} {template}".encode()).digest()[:6], "big"), half)
        for turn in range(rounds):
            value = maker.make(type_)
            disguise = "plain"
            ways = FITTING.get(type_, ())
            if turn % 2 and ways:
                disguise = maker.random.choice(ways)
                value = DISGUISES[disguise](value, maker.random)
            elif turn % 2:
                continue
            text = body[: slot.start()] + value + body[slot.end() :]
            if is_json:
                text = json.dumps(json.loads(body.replace(slot[0], json.dumps(value)[1:-1])), ensure_ascii=False)
            yield Case(type_, half, disguise, value, text, slot.start(), is_json)


def redacted(redactor: Redactor, items: list[tuple[str, bool]]) -> list[str]:
    documents = [
        Document(str(at), (Field("m", "user", "tool_result" if is_json else "text", json.loads(text) if is_json else text),))
        for at, (text, is_json) in enumerate(items)
    ]
    done: list[str] = []
    for first in range(0, len(documents), 500):
        for document in redactor.redact(documents[first : first + 500]):
            value: Any = document.fields[0].value
            done.append(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return done


def share_left(case: Case, output: str) -> float:
    """How much of the value is left: by what stands between the tokens, which is as it was."""
    value = json.dumps(case.value, ensure_ascii=False)[1:-1] if case.is_json else case.value
    start = case.text.index(value, 0 if case.is_json else case.start)
    mask = [True] * len(case.text)
    kept = TOKEN.split(output)[:: TOKEN.groups + 1]
    at = 0
    for index, piece in enumerate(kept):
        if index == 0:
            where = 0
        elif index == len(kept) - 1:
            where = len(case.text) - len(piece)
        else:
            where = case.text.find(piece, at)
        mask[where : where + len(piece)] = [False] * len(piece)
        at = where + len(piece)
    shown = [mask[index] for index in range(start, start + len(value)) if case.text[index].isalnum()]
    return 1 - sum(shown) / max(1, len(shown))


def filled(line: str, draw: random.Random) -> str:
    def put(match: re.Match[str]) -> str:
        kind = match[1]
        if kind == "uuid":
            return str(uuid.UUID(int=draw.getrandbits(128), version=4))
        if kind == "nonluhn":
            while luhn(number := "4" + "".join(draw.choices(DIGITS, k=15))):
                pass
            return number
        letters = {"d": DIGITS, "n": DIGITS[1:], "U": UPPER, "h": HEX, "a": ALNUM}[kind[0]]
        return "".join(draw.choices(letters, k=int(re.sub(r"\D", "", kind))))

    return _FILL.sub(put, line)


def recall(redactor: Redactor, arguments: argparse.Namespace) -> None:
    found = list(cases(arguments.seed, arguments.rounds))
    outputs = redacted(redactor, [(case.text, case.is_json) for case in found])
    table: dict[str, dict[tuple[int, bool], list[int]]] = {}
    for case, output in zip(found, outputs, strict=True):
        is_caught = share_left(case, output) <= 0.1
        for row in (case.type, "all"):
            counted = table.setdefault(row, {}).setdefault((case.half, case.disguise != "plain"), [0, 0])
            counted[0] += is_caught
            counted[1] += 1
        if not is_caught and arguments.show == "misses" and case.half == HALVES.index(arguments.half):
            print(f"  {case.type:<14}{case.disguise:<12}{case.text[:170]!r}\n{'':>28}{output[:170]!r}")
    print(f"{'recall':<16}" + "".join(f"{half + ' ' + way:>24}" for half in HALVES for way in ("plain", "disguised")))
    for row in sorted(table, key=lambda name: (name == "all", name)):
        cells = [table[row].get((half, is_disguised)) for half in (0, 1) for is_disguised in (False, True)]
        print(f"{row:<16}" + "".join(f"{f'{c[0]}/{c[1]} {c[0] / c[1]:.3f}' if c else '-':>24}" for c in cells))


def precision(redactor: Redactor, arguments: argparse.Namespace) -> None:
    draw = random.Random(arguments.seed)
    for name, block in (("look-alikes", LOOK_ALIKES), ("prose", PROSE)):
        for half in (0, 1):
            texts = [
                filled(line, draw) for line in block.strip().split("\n") if half_of(line) == half for _ in range(arguments.rounds)
            ]
            gone = 0
            for text, output in zip(texts, redacted(redactor, [(text, False) for text in texts]), strict=True):
                gone += text != output
                if text != output and arguments.show == "false" and half == HALVES.index(arguments.half):
                    print(f"  {text!r}\n{'':>6}{output!r}")
            print(f"{name} wrongly redacted, {HALVES[half]:<8}{gone:>5} of {len(texts):<6}{gone / len(texts):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", choices=("misses", "false"))
    parser.add_argument("--half", choices=HALVES, default="tuned")
    arguments = parser.parse_args()
    redactor = load_redactor(POLICY, b"\x03" * 32, "off")
    recall(redactor, arguments)
    precision(redactor, arguments)


if __name__ == "__main__":
    main()
