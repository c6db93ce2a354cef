"""Which code writes words, page and PDF of a pack: one that another wrote is no less true, and is not compared word by word."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from fpdf import FPDF_VERSION

from goldworks import __version__

WRITES = ("*_section.py", "document.py", "page.html.j2", "page.py", "pdf.py", "sections.py")


def written_by() -> dict[str, str]:
    """Versions, and digests of the modules and the template that write the document, and of those that judge and say so."""
    folder = Path(__file__).parent
    return {
        "goldworks": __version__,
        "fpdf2": FPDF_VERSION,
        "document": _digest(path for name in WRITES for path in sorted(folder.glob(name))),
        "verdict": _digest(sorted((folder.parent / "release").glob("*.py"))),
    }


def _digest(files: Iterable[Path]) -> str:
    """The first 16 hex digits of the SHA-256 of the files."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]
