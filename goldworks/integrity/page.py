"""The audit as a signed page: one HTML file without script that fetches nothing, the facts it shows, an envelope over both."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, StrictUndefined, Template

from goldworks.access.audit_log import AuditLog, Head, Verdict
from goldworks.access.secret_files import write_secret
from goldworks.access.signing import Signer, read_envelope, read_public, verify
from goldworks.errors import GoldworksError, InputError
from goldworks.integrity.facts import Facts

AUDIT_TYPE = "application/vnd.goldworks.integrity-audit+json"
TEMPLATE = Path(__file__).with_name("page.html.j2")
ENDINGS = (".html", ".json", ".dsse.json")


def write(home: Path, facts: Facts, signer: Signer) -> Path:
    """Write page, facts and envelope below `<home>/integrity`; return the page's path. The month's earlier ones are replaced."""
    page = _template().render(facts=facts).encode("utf-8")
    data = orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    head = {"length": facts["audit_log"]["length"], "head": facts["audit_log"]["head"], "at": facts["generated_at"]}
    statement = {"month": facts["month"], "page_sha256": _sha(page), "facts_sha256": _sha(data), "audit_head": head}
    envelope = orjson.dumps(signer.sign_statement(statement, AUDIT_TYPE), option=orjson.OPT_INDENT_2)
    stem = home / "integrity" / facts["month"]
    for ending, content in zip(ENDINGS, (page, data, envelope), strict=True):
        write_secret(stem.with_name(stem.name + ending), content)
    return stem.with_name(f"{stem.name}.html")


def check(file: Path, signer: Signer, log: AuditLog, public_key: Path | None = None) -> tuple[dict[str, Any], Verdict | None]:
    """What was signed of an audit's page or facts, when both are as they were signed; and whether this home's log still holds
    what the page quotes of it (None with another's `public_key`: that log is not here). Raises `GoldworksError`.
    """
    stem = file.with_name(re.sub(r"(\.dsse)?\.(html|json)$", "", file.name))
    paths = [stem.with_name(stem.name + ending) for ending in ENDINGS]
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: no such file", remedy="page, facts and envelope belong together: keep them in one folder")
    keys = signer.public_keys() if public_key is None else [read_public(public_key)]
    signed = orjson.loads(verify(read_envelope(paths[2]), keys, AUDIT_TYPE))
    for path, name in zip(paths, ("page_sha256", "facts_sha256"), strict=False):
        if _sha(path.read_bytes()) != signed[name]:
            raise GoldworksError(f"{path} was changed after it was signed")
    return signed, None if public_key else log.verify([Head(**signed["audit_head"])])


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def in_words(estimate: dict[str, Any]) -> str:
    """`1.23 % (0.41 % to 2.89 % with 95 % confidence), n = 243`, or why there is no number."""
    missing = f", {estimate['n_missing']:,} not judged" if estimate["n_missing"] else ""
    if estimate["value"] is None:
        return f"no value: {estimate['reason']}{missing}"
    value, low, high = (estimate[name] for name in ("value", "low", "high"))
    within = f"{_percent(low)} to {_percent(high)} with {estimate['confidence'] * 100:g} % confidence"
    return f"{_percent(value)} ({'no interval' if low is None else within}), n = {estimate['n']:,}{missing}"


def _percent(rate: float | None) -> str:
    """A rate in percent; two decimals, and more where these would make a rare event none."""
    if rate is None:
        return ""
    percent = rate * 100
    return f"{percent:.2f} %" if not 0 < percent < 0.005 else f"{percent:.1g} %"


def _moment(at: str) -> str:
    """`2026-11-25 14:01:24` of an ISO time in UTC."""
    return dt.datetime.fromisoformat(at).astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


def _counts(detail: dict[str, Any]) -> str:
    """What a retention run deleted: `4 of logs.turns, 11 of logs.messages`."""
    return ", ".join(f"{rows:,} of {table}" for table, rows in sorted(detail.items()))


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["in_words"] = in_words
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["moment"] = _moment
    environment.filters["counts"] = _counts
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
