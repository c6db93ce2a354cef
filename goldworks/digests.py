"""Canonical bytes and digests. Content of conversations gets keyed digests only; plain SHA-256 is for configurations."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import orjson


def canonical(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8. Equal values give equal bytes on every machine."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, 64 hex digits. For configurations and code, never for content of conversations."""
    return hashlib.sha256(canonical(value)).hexdigest()


def keyed_digest(key: bytes, *parts: bytes | str, size: int = 16) -> str:
    """HMAC-SHA256 over length-prefixed parts, the first `size` bytes as hex."""
    mac = hmac.new(key, digestmod="sha256")
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        mac.update(len(data).to_bytes(8, "big"))
        mac.update(data)
    return mac.digest()[:size].hex()
