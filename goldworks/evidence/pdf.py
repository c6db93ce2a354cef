"""The document as PDF. The same document and day give the same bytes: no clock, no compression, no fonts to embed.

The built-in fonts hold the letters of Western Europe; others stand as their code, such as `\\u4e2d`. The page has them all.
"""

from __future__ import annotations

import datetime as dt

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from goldworks.evidence.sections import Document, Table

INK, MUTED, LINE = (28, 36, 48), (86, 97, 114), (215, 221, 229)
COLOURS = {"pass": (29, 107, 55), "fail": (163, 32, 32)}
OPEN = (138, 90, 0)


class _Pages(FPDF):
    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.head = title

    def footer(self) -> None:
        """Title and number at the foot of each page."""
        self.set_y(-12)
        self.set_font("helvetica", size=8)
        self.set_text_color(*MUTED)
        self.cell(0, 6, f"{self.head}   |   page {self.page_no()} of {{nb}}", align="R")


def render_pdf(document: Document, at: dt.datetime) -> bytes:
    """The PDF, dated `at`."""
    pdf = _Pages(_plain(document.title))
    pdf.set_compression(False)
    pdf.set_creation_date(at)
    pdf.set_title(_plain(document.title))
    pdf.set_lang("en")
    pdf.set_margin(16)
    pdf.set_auto_page_break(True, margin=16)
    pdf.add_page()
    _words(pdf, document.title, 17, bold=True, height=8)
    _words(pdf, document.subtitle, 8, MUTED, height=4)
    pdf.ln(2)
    _words(pdf, document.headline, 11, COLOURS.get(document.status, OPEN), bold=True, height=5.5)
    for number, section in enumerate(document.sections, 1):
        if pdf.will_page_break(30):
            pdf.add_page()
        pdf.ln(5)
        _words(pdf, f"{number}. {section.title}", 12, bold=True, height=6)
        _words(pdf, f"Maps to: {section.maps_to}", 8, MUTED, height=4)
        for block in section.blocks:
            pdf.ln(1.5)
            if isinstance(block, Table):
                _table(pdf, block)
            else:
                _words(pdf, block, 9, height=4.5)
    return bytes(pdf.output())


def _words(
    pdf: FPDF, words: str, size: float, colour: tuple[int, int, int] = INK, *, bold: bool = False, height: float = 5
) -> None:
    pdf.set_font("helvetica", "B" if bold else "", size)
    pdf.set_text_color(*colour)
    pdf.multi_cell(0, height, _plain(words), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _table(pdf: FPDF, block: Table) -> None:
    pdf.set_font("helvetica", size=8)
    pdf.set_text_color(*INK)
    pdf.set_draw_color(*LINE)
    style = FontFace(emphasis="BOLD", color=MUTED)
    with pdf.table(
        col_widths=block.widths,
        line_height=4,
        text_align="LEFT",
        headings_style=style,
        borders_layout="HORIZONTAL_LINES",
        padding=1,
    ) as table:
        for cells in (block.heads, *block.rows):
            row = table.row()
            for cell in cells:
                row.cell(_plain(cell))


def _plain(words: str) -> str:
    return words.encode("latin-1", "backslashreplace").decode("latin-1")
