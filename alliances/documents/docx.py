"""Word: a drawing as .docx with the fonts *named* for Chinese text, exact pitches and a document grid.

Learnt on WPS, Word and LibreOffice: every run names ``w:eastAsia`` beside ``w:ascii`` and carries ``w:hint``; theme
fonts are removed; the grid is of type ``lines`` (``linesAndChars`` is spaced wildly by LibreOffice); cell *and* column
widths are set; cells do not snap to the grid; tables are written as XML, because python-docx's cell access is slow.
The same paper gives the same bytes: fixed zip times, fixed core properties.
"""

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from alliances.documents.docx_tables import TableWriter
from alliances.documents.docx_text import child, element, points
from alliances.documents.layout import OFFICIAL, OfficialLayout
from alliances.documents.paper import NO_DATE, Paper, normalise, validate

ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def to_docx(paper: Paper, options: OfficialLayout = OFFICIAL) -> bytes:
    """The paper as a Word document; same paper and options, same bytes. Raises PaperError."""
    paper = normalise(paper)
    validate(paper)
    return _Writer(paper, options).write()


class _Writer(TableWriter):
    def write(self) -> bytes:
        self._defaults()
        self._section()
        self._properties()
        self.end = self.body.sectPr
        items = self.drawing["items"]
        new_page = False
        for index, item in enumerate(items):
            if item["kind"] == "break":
                new_page = True
                continue
            if item["kind"] == "p":
                self._paragraph(item, new_page)
                new_page = False
            elif item["kind"] == "cut":
                self._cut(item)
            elif item["kind"] == "qr":
                if new_page or index == 0:
                    self._spacer(new_page=new_page)
                    new_page = False
                self.end.addprevious(self._codes(item))
                self._spacer()
            elif item["kind"] == "pictures":
                self._pictures(item, new_page)
                new_page = False
            elif item["kind"] == "chart":
                self._chart(item, new_page)
                new_page = False
            elif item["kind"] == "imprint":
                self._imprint(item)
            elif item["kind"] == "gap":
                self._spacer(height=item["height"] * 72 / 25.4)
            else:
                if new_page or index == 0:
                    self._spacer(new_page=new_page)
                    new_page = False
                self.end.addprevious(self._grid(item))
                after = items[index + 1]["kind"] if index + 1 < len(items) else ""
                if after not in ("p", "gap"):
                    # Word needs a paragraph after a table, and joins neighbouring tables without one.
                    self._spacer()
        return self._pack()

    # --- the frame ------------------------------------------------------------------------------------------------

    def _defaults(self) -> None:
        """Normal in the body font; no theme fonts anywhere; Chinese as the language of East Asian text."""
        theme = {qn(f"w:{name}") for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")}
        for fonts in self.word.styles.element.iter(qn("w:rFonts")):
            for name in theme & set(fonts.keys()):
                del fonts.attrib[name]
            for name in ("ascii", "hAnsi", "eastAsia", "cs"):
                fonts.set(qn(f"w:{name}"), self.layout.body_font)
        for lang in self.word.styles.element.iter(qn("w:lang")):
            lang.set(qn("w:eastAsia"), "zh-CN")
        normal = self.word.styles["Normal"]
        normal.font.size = Pt(self.layout.body_size)
        properties = normal.element.get_or_add_rPr()
        for fonts in properties.findall(qn("w:rFonts")):
            properties.remove(fonts)
        properties.insert(0, self._rfonts("body"))
        normal.paragraph_format.space_after = Pt(0)

    def _section(self) -> None:
        page, section = self.drawing["page"], self.word.sections[0]
        section.page_width, section.page_height = Mm(page["width"]), Mm(page["height"])
        section.orientation = WD_ORIENT.LANDSCAPE if page["width"] > page["height"] else WD_ORIENT.PORTRAIT
        section.top_margin, section.right_margin = Mm(page["top"]), Mm(page["right"])
        section.bottom_margin, section.left_margin = Mm(page["bottom"]), Mm(page["left"])
        section.header_distance = Mm(15)
        size = self.layout.number_size
        # The dashes, in the middle of the line, stand 7 mm under the type area.
        section.footer_distance = Mm(max(5, page["bottom"] - self.layout.number_drop - size * 25.4 / 72 / 2))
        for name in ("w:cols", "w:docGrid"):
            for old in section._sectPr.findall(qn(name)):
                section._sectPr.remove(old)
        section._sectPr.append(element("w:docGrid", type="lines", linePitch=self.layout.line_pitch_twips))
        if not self.drawing["page_numbers"]:
            return
        self.word.settings.odd_and_even_pages_header_footer = True
        self._page_number(section.footer, "right")
        self._page_number(section.even_page_footer, "left")

    def _page_number(self, footer: Any, side: str) -> None:
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]._p
        for old in list(paragraph):
            paragraph.remove(old)
        size = self.layout.number_size
        properties = child(paragraph, "w:pPr")
        child(properties, "w:snapToGrid", val=0)
        child(properties, "w:spacing", before=0, after=0, line=points(size), lineRule="exact")
        child(properties, "w:ind", **{side: points(size), f"{side}Chars": 100})
        child(properties, "w:jc", val=side)
        self._run(paragraph, "— ", "number", size)
        for kind in ("begin", None, "separate", "1", "end"):
            run = self._run(paragraph, "1" if kind == "1" else "", "number", size)
            if kind is None:
                code = child(run, "w:instrText")
                code.set(qn("xml:space"), "preserve")
                code.text = " PAGE "
            elif kind != "1":
                child(run, "w:fldChar", fldCharType=kind)
        self._run(paragraph, " —", "number", size)

    def _properties(self) -> None:
        day = datetime.fromisoformat(self.paper.get("date") or NO_DATE).replace(tzinfo=UTC)
        core = self.word.core_properties
        core.title = self.drawing["title"][:255]
        core.author = core.last_modified_by = core.comments = ""
        core.subject = (self.paper.get("number") or "")[:255]
        core.created = core.modified = day
        core.language = "zh-CN"
        core.revision = 1

    def _pack(self) -> bytes:
        loose, packed = io.BytesIO(), io.BytesIO()
        self.word.save(loose)
        with zipfile.ZipFile(loose) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                info = zipfile.ZipInfo(name, ZIP_TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o600 << 16
                target.writestr(info, source.read(name))
        return packed.getvalue()
