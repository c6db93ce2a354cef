"""Which code writes the page and the PDF of a pack: one that another wrote is no less true, and is not compared word by word."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fpdf import FPDF_VERSION

from goldworks import __version__

WRITES = ("*_section.py", "document.py", "page.html.j2", "page.py", "pdf.py", "sections.py")


def written_by() -> dict[str, str]:
    """Versions, and the first 16 hex digits of the SHA-256 of the modules and the template that write."""
    folder = Path(__file__).parent
    files = [path for name in WRITES for path in sorted(folder.glob(name))]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]
    return {"goldworks": __version__, "fpdf2": FPDF_VERSION, "document": digest}
