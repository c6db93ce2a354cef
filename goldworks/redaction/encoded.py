"""Base64 in a text: what it says when it says something readable. The other encodings are in `normalise`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

_RUN = re.compile(r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{12,20000}={0,2}(?![A-Za-z0-9+/_\-=])")
_URLSAFE = str.maketrans("-_", "+/")


def decoded(text: str) -> Iterator[tuple[int, int, str]]:
    """Each run of base64 that decodes to readable text: where it stands and what it says. Linear in the text's length."""
    for match in _RUN.finditer(text):
        said = _decode(match.group())
        if said is not None:
            yield match.start(), match.end(), said


def _decode(run: str) -> str | None:
    body = run.rstrip("=").translate(_URLSAFE)
    if len(body) % 4 == 1 or (body.isalpha() and (body.islower() or body.isupper() or body.istitle())) or body.isdigit():
        return None
    try:
        said = base64.b64decode(body + "=" * (-len(body) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return said if said.isprintable() or all(ch.isprintable() or ch in "\r\n\t" for ch in said) else None
