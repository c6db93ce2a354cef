"""The prefilter's compiled rules on disk: compiling takes seconds of every process, reading them back milliseconds.

Only a file that this installation wrote for the same rules and library is used: it carries a keyed code. Whatever is wrong
with it costs time and nothing else. It holds rules of this program, never a text or a value.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from goldworks.digests import digest, keyed_digest

CODE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Compiled:
    """Where compiled rules are kept, and the key of their codes."""

    folder: Path
    key: bytes

    def read(self, hints: Sequence[str], library: str) -> bytes | None:
        """What `write` kept for the same rules and library, byte for byte; None when there is nothing of that kind."""
        try:
            stored = self._path(hints, library).read_bytes()
        except OSError:
            return None
        code, data = stored[:CODE_BYTES], stored[CODE_BYTES:]
        return data if hmac.compare_digest(code, self._code(hints, library, data)) else None

    def write(self, hints: Sequence[str], library: str, data: bytes) -> None:
        """Keep it in the stead of what was kept for other rules. A disk that refuses is no error."""
        path = self._path(hints, library)
        draft = path.with_suffix(f".{token_hex(4)}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.touch(mode=0o600)
            draft.write_bytes(self._code(hints, library, data) + data)
            os.replace(draft, path)  # noqa: PTH105 - the one call that is atomic on every system
            for other in self.folder.glob("rules-*.hs"):
                if other != path:
                    other.unlink(missing_ok=True)
        except OSError:
            with suppress(OSError):
                draft.unlink()

    def _path(self, hints: Sequence[str], library: str) -> Path:
        return self.folder / f"rules-{digest([library, list(hints)])[:16]}.hs"

    def _code(self, hints: Sequence[str], library: str, data: bytes) -> bytes:
        return bytes.fromhex(keyed_digest(self.key, "compiled rules", digest([library, list(hints)]), data, size=CODE_BYTES))
