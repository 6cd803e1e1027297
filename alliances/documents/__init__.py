"""Papers: built as data, frozen with a hash, rendered as docx, pdf, xlsx, text and (by a template) html.

>>> text, sha256 = freeze(paper); word = to_docx(paper); sheet = to_xlsx(paper)
"""

from alliances.documents.layout import OFFICIAL, OfficialLayout, break_title
from alliances.documents.paper import (
    Block,
    Paper,
    PaperError,
    chinese_date,
    file_name,
    freeze,
    normalise,
    safe_file_name,
    validate,
)
from alliances.documents.text import to_text
from alliances.documents.xlsx import to_xlsx

# python-docx, typst and its fonts cost 60 MB and half a second: loaded when the first paper is made, not when a
# process starts that only freezes papers.


def to_docx(paper: Paper, options: OfficialLayout = OFFICIAL) -> bytes:
    """The paper as a Word document; same paper and options, same bytes. Raises PaperError."""
    from alliances.documents import docx

    return docx.to_docx(paper, options)


def to_pdf(paper: Paper, options: OfficialLayout = OFFICIAL) -> bytes:
    """The paper as PDF with embedded fonts and selectable text. Raises PaperError."""
    from alliances.documents import pdf

    return pdf.to_pdf(paper, options)


__all__ = [
    "OFFICIAL",
    "Block",
    "OfficialLayout",
    "Paper",
    "PaperError",
    "break_title",
    "chinese_date",
    "file_name",
    "freeze",
    "normalise",
    "safe_file_name",
    "to_docx",
    "to_pdf",
    "to_text",
    "to_xlsx",
    "validate",
]
