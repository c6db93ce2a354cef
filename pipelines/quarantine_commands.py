"""`goldworks quarantine`: what could not be used, and, for someone who may, its source."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from goldworks.conversations.reading import REASONS, read_line
from goldworks.digests import keyed_digest
from goldworks.errors import InputError
from goldworks.home import Home
from goldworks.intake.arrivals import locate
from goldworks.intake.policy import load_intake_policy
from goldworks.settings import load_settings
from pipelines.as_json import AsJson, print_json

app = typer.Typer(no_args_is_help=True, help="Lines that could not be used. Goldworks keeps where they are, never their text.")


@app.command("list")
def list_lines(
    reason: Annotated[str | None, typer.Option(help="Only this reason, such as truncated_json.")] = None,
    as_json: AsJson = False,
) -> None:
    """List quarantined lines by file, line and reason.

    Example: goldworks quarantine list --reason truncated_json
    """
    if reason is not None and reason not in REASONS:
        raise InputError(f"no reason {reason!r}", remedy=f"one of {', '.join(sorted(REASONS))}")
    rows = Home(load_settings()).lake.rows("logs.quarantine")
    rows = sorted((r for r in rows if reason in (None, r["reason"])), key=lambda r: (r["arrived_on"], r["source"], r["line"]))
    if as_json:
        print_json(rows)
        return
    for row in rows:  # whole lines, so that file and line can be given to `show`
        where = f" ({row['detail']})" if row["detail"] else ""
        typer.echo(f"{row['source']} {row['line']}: {row['reason']}{where}")
    typer.echo(f"{len(rows)} quarantined lines{f' for the reason {reason}' if reason else ''}.", err=True)


@app.command()
def show(
    source: Annotated[str, typer.Argument(help="File, relative to the log folder.")],
    line: Annotated[int, typer.Argument(help="1-based line.")],
) -> None:
    """Show a quarantined line by reading its source again. It is RAW: it may hold personal data. It is not stored.

    Example: goldworks quarantine show otlp/2026-11-02.jsonl.gz 51
    """
    home = Home(load_settings())
    rows = home.lake.rows("logs.quarantine", where=[("source", "=", source), ("line", "=", line)])
    folder = home.logs()
    if not rows or folder is None:
        raise InputError(f"no quarantined line {line} in {source}", remedy="goldworks quarantine list names them")
    row = rows[0]
    policy = load_intake_policy(home.settings.expectations)
    location = locate(folder, policy, source, home.redactor.safe_id)
    if location is None:
        raise InputError(f"{source} is not below {folder} any more", remedy="put the file back where it was")
    try:
        raw = read_line(location, row["byte_offset"], row["length_bytes"])
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise InputError(f"{location} cannot be read: {why}", remedy="put the file back where it was") from None
    if keyed_digest(home.key, "line", raw) != row["line_hash"]:
        raise InputError(f"{location} has changed since it was taken", remedy="goldworks run takes it again")
    sys.stderr.write(f"{source} line {line}: {row['reason']}: {REASONS.get(row['reason'], '')} {row['detail'] or ''}\n")
    sys.stdout.write(raw.decode("utf-8", "backslashreplace") + "\n")
