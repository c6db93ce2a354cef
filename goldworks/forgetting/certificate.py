"""The certificate of an erasure: what was removed where, when, by which policy; signed, and kept in the home."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Protocol

import orjson

from goldworks import __version__
from goldworks.access.secret_files import write_secret
from goldworks.access.signing import read_envelope
from goldworks.forgetting.wording import in_words, nothing_in, outcome
from goldworks.orders import Order

PAYLOAD_TYPE = "application/vnd.goldworks.erasure+json"


class Signs(Protocol):
    """The installation's signature: `goldworks.access.signing`."""

    def sign(self, payload: bytes, payload_type: str) -> dict[str, Any]:
        """`payload` in a signed envelope."""
        ...

    def verify(self, envelope: dict[str, Any], payload_type: str | None = None) -> bytes:
        """The payload of an envelope. Raises `GoldworksError` when the signature is not ours, or not of this payload."""
        ...


def certificate_body(order: Order, closed_at: dt.datetime, is_verified: bool | None) -> dict[str, Any]:
    """What the certificate says; ids, hashes and counts, never a text or a value.

    `is_verified`: whether the value was looked for everywhere once more, and not found; None when only its hashes were there.
    """
    scope = order.scope
    return {
        "order_id": order.order_id,
        "kind": order.kind,
        "subjects": list(order.subjects),
        "reason": order.reason,
        "opened_at": order.opened_at.isoformat(),
        "closed_at": closed_at.isoformat(),
        "policy_version": order.policy_version,
        "goldworks_version": __version__,
        "conversations": list(scope.conversations) or sorted(scope.values),
        "cases": list(scope.cases),
        "arrival_days": list(scope.days),
        "evaluation_runs": list(scope.runs),
        "golden_versions": [{"erased": old, "successor": new} for old, new in sorted(order.successors.items())],
        "outcome": outcome(order, is_done=True),
        "removed": in_words(order.done),
        "nothing_found_in": nothing_in(order.done),
        "is_verified": is_verified,
        "old_bytes": "tables vacuumed with their logs, databases and pages written anew",
    }


class Certificates:
    """The certificates of a home."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "certificates"

    def write(self, order: Order, document: dict[str, Any]) -> Path:
        """Keep the certificate; return its path."""
        path = self.folder / f"{order.order_id}-{order.opened_at:%Y%m%dT%H%M%S}.json"
        write_secret(path, orjson.dumps(document, option=orjson.OPT_INDENT_2))
        return path

    def read(self, path: Path, signer: Signs) -> dict[str, Any]:
        """What a certificate says, its signature checked. Raises `GoldworksError`."""
        return orjson.loads(signer.verify(read_envelope(path), PAYLOAD_TYPE))

    def paths(self) -> list[Path]:
        """Certificates there are, oldest first."""
        return sorted(self.folder.glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))
