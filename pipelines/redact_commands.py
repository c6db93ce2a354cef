"""`goldworks redact`: a file or what is piped in, redacted as the logs are, for people who want just that."""

from __future__ import annotations

import codecs
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import orjson
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from goldworks.errors import InputError
from goldworks.home import open_home
from goldworks.redaction import Redactor, load_redactor
from goldworks.redaction.plain import Explained, Plain, redact_text, redact_values
from goldworks.settings import close_network, load_settings
from pipelines.as_json import AsJson


class WithDefault(TyperGroup):
    """`goldworks redact X` is `goldworks redact file X`, unless X is another command of the group."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default in front where no command is named."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["file", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=WithDefault, help="Redact a file or a pipe; draw a sample of what was redacted and have a person check it.")
SUFFIXES = {".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}


@app.command("file")
def redact(
    file: Annotated[Path | None, typer.Argument(help="File to redact; without it, what is piped in.")] = None,
    form: Annotated[
        Literal["text", "json", "jsonl"] | None,
        typer.Option("--form", help="What it is; by default as the file's name ends (.json, .jsonl, .ndjson), else text."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where to write; by default stdout.")] = None,
    explain: Annotated[bool, typer.Option(help="Say on stderr what was found where, by which layer and rule.")] = False,
    as_one: Annotated[bool, typer.Option(help="JSON lines are one conversation: the same value gets the same token.")] = False,
) -> None:
    """Redact a text, a JSON value or JSON lines by the redaction policy. Nothing is stored.

    A text is one conversation, each JSON line one of its own; JSON stays valid and keeps its types. Exit code 3: parts could
    not be processed, and stand as <WITHHELD:...>.

    Example: echo "I am Rosa Lindqvist, rosa@posteo.example" | goldworks redact --explain
    """
    text = _read(file)
    redactor = _redactor()
    form = form or SUFFIXES.get(file.suffix.lower() if file else "", "text")  # type: ignore[assignment]
    explained: list[Explained] = []
    withheld = 0
    pieces: list[str] = []
    for done, shown in _redacted(redactor, text, form or "text", file, as_one):
        explained += done.explained
        withheld += done.is_withheld
        pieces.append(shown)
    _write(output, "".join(pieces))
    if explain:
        _explain(explained)
    if withheld:
        Console(stderr=True).print(f"[yellow]{withheld} parts could not be processed and were withheld[/]")
        raise typer.Exit(3)


def _redactor() -> Redactor:
    """The policy's redactor, without a home: nothing keyed is shown, so any key will do."""
    from goldworks.adapters.names import engines

    settings = load_settings()
    close_network(settings)
    policy = settings.expectations / "policies" / "redaction.yml"
    return load_redactor(policy, secrets.token_bytes(32), "off" if settings.names == "off" else engines(None))


def _redacted(redactor: Redactor, text: str, form: str, file: Path | None, as_one: bool) -> Iterator[tuple[Plain, str]]:
    if form == "text":
        done = redact_text(redactor, text)
        yield done, done.value
        return
    values = _json_lines(text, file) if form == "jsonl" else [_json(text, file, None)]
    for done in redact_values(redactor, values, is_one=as_one):
        option = orjson.OPT_INDENT_2 if form == "json" else 0
        yield done, orjson.dumps(done.value, option=option).decode() + "\n"


def _json_lines(text: str, file: Path | None) -> Iterator[Any]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _json(line, file, number)


def _json(text: str, file: Path | None, line: int | None) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:  # its message holds no text of the line
        where = f"{file or 'stdin'}" + (f" line {line}" if line else "")
        raise InputError(f"{where}: not JSON: {error}", remedy="mend it, or use --form text") from None


def _read(file: Path | None) -> str:
    if file is None:
        if sys.stdin.isatty():
            Console(stderr=True).print("Reading from the terminal; end with ctrl-D.")
        return _decoded(sys.stdin.buffer.read())
    try:
        return _decoded(file.read_bytes())
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}", remedy="name a file that can be read") from None


def _decoded(data: bytes) -> str:
    """The text of UTF-8, or of what a byte order mark at its beginning says: in UTF-16 read as UTF-8 no value would be found."""
    marks = (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    )
    form = next((form for mark, form in marks if data.startswith(mark)), "utf-8-sig")
    return data.decode(form, "replace")


def _write(output: Path | None, text: str) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{output}: {error.strerror}", remedy="name a file that can be written") from None


def _explain(explained: list[Explained]) -> None:
    if not explained:
        Console(stderr=True).print("Nothing was found.")
        return
    table = Table("line", "place", "token", "layer", "rule", "score", box=SIMPLE_HEAD)
    for one in explained:
        place = f"{one.path + ' ' if one.path else ''}{one.start}-{one.end}"
        table.add_row(str(one.line), place, one.token, one.layer, one.rule, f"{one.score:.2f}")
    console = Console(stderr=True, markup=False)
    console.print(table)
    console.print(f"{len(explained)} value{'' if len(explained) == 1 else 's'} replaced.")


@app.command()
def audit(
    messages: Annotated[int, typer.Option(min=1, max=100_000, help="How many messages to draw.")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed draws another sample.")] = 1,
    role: Annotated[list[str] | None, typer.Option(help="Only messages of this role; may be given several times.")] = None,
    by: Annotated[str | None, typer.Option(help="Who judges; by default the name of your account.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="Write the open messages to this CSV file, to be read elsewhere.")] = None,
    read: Annotated[Path | None, typer.Option(help="Read the judgments of a sheet back.")] = None,
    report: Annotated[bool, typer.Option(help="Only say what is known so far.")] = False,
    as_json: AsJson = False,
) -> None:
    """Have a person read a random sample of redacted messages for what was missed: the leak rate, with its interval.

    At a terminal it shows one message after another and asks; what was judged is kept, and the same command goes on.

    Example: goldworks redact audit --messages 200 --role user
    """
    from goldworks.review import leak_audit
    from goldworks.review.leak_sheet import read_sheet, write_sheet
    from pipelines.leak_audit_prompt import account, ask, print_report

    if wrong := sorted(set(role or ()) - set(leak_audit.ROLES)):
        raise typer.BadParameter(f"--role {wrong[0]}: one of {', '.join(leak_audit.ROLES)}")
    lake = open_home().lake
    drawn = leak_audit.draw(lake, messages, seed, role or ())
    name = by or account()
    if read is not None:
        drawn = leak_audit.judge(lake, drawn, read_sheet(read), name)
    elif sheet is not None:
        count = write_sheet(lake, drawn, sheet)
        Console(stderr=True).print(f"{count} messages in {sheet}: write yes or no into `leak`, then --read it. Delete it after.")
        return
    elif not report and not as_json and sys.stdin.isatty():
        drawn = ask(lake, drawn, name)
    print_report(drawn, as_json)


@app.command()
def scan(
    show: Annotated[bool, typer.Option(help="Show each finding with the text around it, on your screen only.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at everything published with scanners that are not ours. Exit code 1 when something is found that nobody accepted.

    Marts, review.duckdb, golden sets, pages and MLflow's files are read; JSON leaf by leaf. It takes a minute or two.

    Look at what is open: goldworks redact scan --show

    What is no personal data: accept it, by its place, type or digest, in expectations/policies/second_scanner.yml.

    What is: add a rule to expectations/policies/redaction.yml (own_patterns); the next goldworks run redacts again.
    """
    from assets.proof import scan_published
    from goldworks.proof.triage import Finding, Hit

    console = Console(stderr=True, markup=False, highlight=False)

    def print_finding(finding: Finding, text: str, hit: Hit) -> None:
        around = text[max(0, hit.start - 40) : hit.end + 40].replace("\n", " ")
        console.print(f"{finding.place} {finding.type} {finding.digest}: {around}")

    scanned = scan_published(open_home(), print_finding if show else None)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(scanned)).decode() + "\n")
    else:
        table = Table("place", "type", "digest", "count", "score", box=SIMPLE_HEAD)
        table.columns[0].overflow = "fold"  # two places that are cut off cannot be told apart
        for one in scanned.open:
            table.add_row(one.place, one.type, one.digest, str(one.count), f"{one.score:.2f}")
        out = Console(markup=False)
        if scanned.open:
            out.print(table)
        out.print(
            f"{scanned.texts:,} texts, {scanned.hits} findings: {scanned.accepted} accepted, {len(scanned.open)} values open."
        )
        if scanned.not_scanned:
            out.print(
                f"{scanned.not_scanned:,} texts could not be scanned, for a pattern ran out of time (NOT_SCANNED): read them "
                "with --show, and accept each by its digest, with NOT_SCANNED in its types."
            )
    raise typer.Exit(1 if scanned.open else 0)
