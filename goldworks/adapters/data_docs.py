"""Data Docs: the page of each contract as Great Expectations renders it, in a frame of ours that loads nothing from elsewhere.

Great Expectations' own frame and index fetch styles and scripts from several public hosts when they are opened, and show
nothing without them; its sections, which hold the results, are taken as they are.
"""

from __future__ import annotations

import datetime as dt
import html
import os
import re
from pathlib import Path
from typing import Any

import orjson

from goldworks.contracts import Contract

STYLE = """
:root { color-scheme: light dark; --line: #8885; --good: #1a7f37; --bad: #cf222e; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h5 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; } h6 { font-size: 1rem; margin: 1rem 0 .25rem; }
span.h6 { font-weight: 600; } table { border-collapse: collapse; width: 100%; }
td, th { border-top: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
.fa-check-circle::before { content: "✓"; color: var(--good); font-weight: 700; }
.fa-times::before { content: "✗"; color: var(--bad); font-weight: 700; }
.fa-exclamation-triangle::before { content: "!"; color: var(--bad); font-weight: 700; }
.collapse, .cooltip .top, a[data-toggle], [hidden] { display: none; }
.good { color: var(--good); } .bad { color: var(--bad); } pre { white-space: pre-wrap; }
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>{style}</style></head><body>
{body}
</body></html>
"""
OUTSIDE = re.compile(r"""(src|href)\s*=\s*["']\s*(?:https?:)?//""", re.IGNORECASE)


def write_page(result: Any, contract: Contract, is_success: bool, rows: int, folder: Path) -> Path:
    """Write the contract's page and the index anew; return the index's path. `result` has been scrubbed of exceptions.

    Files are replaced as a whole, so several tables may be checked at once.
    """
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaSectionView

    document = ValidationResultsPageRenderer().render(result)
    view = DefaultJinjaSectionView()
    sections = [
        view.render({"section": section.to_json_dict(), "section_loop": {"index": number}})
        for number, section in enumerate(document.sections[1:], start=1)  # the first repeats the counts and names the batch
    ]
    checked_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    about = {"table": contract.table, "is_success": is_success, "rows": rows, "checked_at": checked_at}
    title = f"Data contract of {contract.table}"
    reasons = "".join(
        f"<li><code>{html.escape(one.expect)}</code>: {html.escape(one.because)}</li>"
        for one in contract.expectations
        if one.because
    )
    head = (
        f'<p><a href="index.html">All contracts</a></p><h1>{html.escape(title)}</h1><p>{html.escape(contract.description)} '
        f"Version {contract.version}, {rows:,} rows, {checked_at}: {_verdict(is_success)}</p>"
    )
    body = head + "\n".join(sections) + (f"<h5>Why</h5><ul>{reasons}</ul>" if reasons else "")
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / f"{contract.table}.html", PAGE.format(title=html.escape(title), style=STYLE, body=_closed(body)))
    _replace(folder / f"{contract.table}.json", orjson.dumps(about).decode())
    return _write_index(folder)


def _write_index(folder: Path) -> Path:
    rows: list[str] = []
    for path in sorted(folder.glob("*.json")):
        about = orjson.loads(path.read_bytes())
        name = html.escape(about["table"])
        rows.append(
            f'<tr><td><a href="{name}.html">{name}</a></td><td>{_verdict(about["is_success"])}</td>'
            f"<td>{about['rows']:,}</td><td>{html.escape(about['checked_at'])}</td></tr>"
        )
    head = "<tr><th>table</th><th>contract</th><th>rows</th><th>checked at</th></tr>"
    index = folder / "index.html"
    body = f"<h1>Data contracts</h1><table>{head}{''.join(rows)}</table>"
    _replace(index, PAGE.format(title="Data contracts", style=STYLE, body=body))
    return index


def _verdict(is_success: bool) -> str:
    return '<b class="good">kept</b>' if is_success else '<b class="bad">broken</b>'


def _closed(body: str) -> str:
    """The page without scripts and without anything that a browser would fetch from elsewhere."""
    body = re.sub(r"<script\b.*?</script>", "", body, flags=re.DOTALL | re.IGNORECASE)
    return OUTSIDE.sub(r'data-outside-\1="//', body)


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
