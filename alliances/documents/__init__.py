"""Papers: built as data, frozen with a hash, rendered as docx, pdf, xlsx, text and (by a template) html.

>>> text, sha256 = freeze(paper); word = to_docx(paper); sheet = to_xlsx(paper)
"""

from alliances.documents.docx import to_docx
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
from alliances.documents.pdf import to_pdf
from alliances.documents.text import to_text
from alliances.documents.xlsx import to_xlsx

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
