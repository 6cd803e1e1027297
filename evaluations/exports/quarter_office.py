"""What an office takes of a quarter: the digest as one paper, and every report below it in one archive (.zip).

Both are of one quarter and of what stands below one place (``quarter``, ``under``), within the communities that the export
covers. Made from the frozen documents and their briefs; nothing is computed again.
"""

from __future__ import annotations

import copy
import hashlib
import shutil
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, ClassVar, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings

from alliances import clock
from alliances.calendars import Quarter, quarter_of
from alliances.documents import Paper, chinese_date, file_name, safe_file_name, to_docx, to_pdf, to_xlsx
from alliances.errors import OfficeError
from alliances.exporting import PaperExport, PiecedExport, Unfinished, alliances_in
from alliances.models import Organisation
from evaluations import policies
from evaluations.exports.workbook import to_workbook, workbook_paper
from evaluations.models import Assessment
from evaluations.selectors import assessments as reads
from evaluations.selectors import quarter_office as office
from evaluations.selectors.papers_quarter import report_paper
from evaluations.selectors.papers_quarter_digest import TITLE, digest_paper
from evaluations.selectors.quarter_office import Community

PAGE = "evaluations:quarter-office"
NOTHING_STANDS = "还没有社区报送报告，请在社区报送以后再下载。"
COPIED = 1024 * 1024  # bytes at a time


class OfQuarter:
    """The quarter and the place that the page's address names; both of this export's copy."""

    quarter: Quarter | None = None
    under: str = ""
    offices: tuple[Organisation, ...] | None = (
        None  # of whoever asks; None: an operator, who may have everything
    )

    def narrowed(self, params: Mapping[str, Any]) -> Self:
        found = copy.copy(self)
        found.quarter = quarter_of(str(params.get("quarter", "")))
        found.under = str(params.get("under", ""))
        return found

    def asked_by(self, user: Any) -> Self:
        found = copy.copy(self)
        found.offices = tuple(office.office_places(user))
        return found

    def who_may(self, user: Any, alliance: Any) -> bool:
        return policies.can_read_reports(user, alliance)

    def logged(self) -> dict[str, Any]:
        return {"quarter": f"{self.period.year}-{self.period.n}", "under": self.under}

    @property
    def period(self) -> Quarter:
        return self.quarter or Quarter.of(clock.today()).prev()

    def place(self, scope: Any) -> Organisation:
        """Whose digest it is: the place asked for if it stands below the reader's office, else the office itself."""
        if self.under and "\0" not in self.under:
            found = Organisation.objects.filter(code=self.under).first()
            if found and (self.offices is None or any(found.is_under(one) for one in self.offices)):
                return found
        own: Organisation = scope.organisation
        return next((one for one in self.offices or () if own.is_under(one)), own)

    def communities(self, scope: Any) -> list[Community]:
        """Those below the place that the export covers."""
        covered = {alliance.pk for alliance in alliances_in(scope)}
        return [one for one in office.communities(self.place(scope), self.period) if one.alliance in covered]

    def digest(self, scope: Any) -> Paper:
        found = self.communities(scope)
        if not found:
            raise OfficeError(f"{self.place(scope)}下面没有应报{self.period.label}报告的社区。")
        return digest_paper(
            self.place(scope).name, self.period.label, [one.reported for one in found], clock.today()
        )


class DigestExport(OfQuarter, PaperExport):
    name = "quarter-digest"
    title = "季度考核评议情况汇总"
    lead = "各社区报送情况、主要数据和三项比率，一张表。数据取自已报送的报告。"
    formats = ("docx", "pdf", "xlsx")
    page = PAGE
    over_many = True

    def heading(self, alliance: Any, year: int | None) -> str:
        return f"{self.place(alliance)}{self.period.label}{TITLE}"

    def paper(self, alliance: Any, year: int | None) -> Paper:
        return self.digest(alliance)

    def file_name(self, alliance: Any, year: int | None, extension: str) -> str:
        return safe_file_name(self.heading(alliance, year), extension)


# What lies in the folder of one community's piece, and how it is made from the frozen document.
REPORT, PRINT, DATA = "report.docx", "report.pdf", "data.xlsx"


class ReportsExport(OfQuarter, PiecedExport):
    """One archive: a folder a community with report (docx, pdf) and data (xlsx), the digest, and the contents (目录)."""

    name = "quarter-reports"
    title = "季度考核评议报告（全部）"
    lead = "各社区已报送的报告（Word、PDF）、数据表和本级汇总，打成一个压缩包，由后台生成，好了用消息通知您。"
    formats: ClassVar[tuple[str, ...]] = ("zip",)
    page = PAGE
    over_many = True

    def heading(self, alliance: Any, year: int | None) -> str:
        return f"{self.place(alliance)}{self.period.label}考核评议报告"

    def size(self, alliance: Any, year: int | None = None) -> int | None:
        """How many reports stand. Raises OfficeError for none."""
        standing = sum(one.stands for one in self.communities(alliance))
        if not standing:
            raise OfficeError(NOTHING_STANDS)
        return standing

    def write(self, suffix: str, target: BinaryIO, alliance: Any, year: int | None = None) -> int:
        found = self.communities(alliance)
        standing = [one for one in found if one.stands]
        if not standing:
            raise OfficeError(NOTHING_STANDS)
        with self._workshop() as folder:
            for number, one in enumerate(standing, start=1):
                self._piece(folder, one, number)
            self._join(target, folder, alliance, found)
        return len(standing)

    @contextmanager
    def _workshop(self) -> Any:
        """The job's folder; on the command line one for the moment."""
        if self.folder is not None:
            yield self.folder
            return
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=settings.VAR_DIR) as folder:
            yield Path(folder)

    def _piece(self, folder: Path, one: Community, number: int) -> None:
        """The three files of one report, unless they are there. One document in memory at a time."""
        place = folder / _key(one)
        if place.exists():
            return
        if self.until is not None and clock.machine_time() > self.until:
            raise Unfinished
        # Half a piece has another name: whoever goes on after a crash makes it anew.
        half = folder / f"{_key(one)}.half"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir()
        assert one.pk is not None  # it stands
        document = reads.document(Assessment.objects.get(pk=one.pk))
        paper = report_paper(document)
        (half / REPORT).write_bytes(to_docx(paper))
        (half / PRINT).write_bytes(to_pdf(paper))
        (half / DATA).write_bytes(to_workbook(document, site=settings.SITE_URL))
        names = (
            file_name(paper, "docx"),
            file_name(paper, "pdf"),
            file_name(workbook_paper(document), "xlsx"),
        )
        (half / "names").write_text("\n".join(names), encoding="utf-8")
        half.rename(place)
        self.note(number)

    # --- the archive ------------------------------------------------------------------------------------------------

    def _join(self, target: BinaryIO, folder: Path, scope: Any, found: Sequence[Community]) -> None:
        """Copy everything into the archive, a megabyte at a time, and list it with its hashes."""
        top = safe_file_name(self.heading(scope, None), "zip").removesuffix(".zip")
        listed: list[str] = []
        with ZipFile(target, "w", ZIP_STORED) as archive:
            digest = self.digest(scope)
            for suffix, write in (("docx", to_docx), ("pdf", to_pdf), ("xlsx", to_xlsx)):
                name = safe_file_name(f"00 {self.place(scope)}{self.period.label}情况汇总", suffix)
                content = write(digest)
                archive.writestr(self._entry(f"{top}/{name}"), content)
                listed += [name, f"    sha256 {hashlib.sha256(content).hexdigest()}"]
            standing = [one for one in found if one.stands]
            width = max(2, len(str(len(standing))))
            is_wide = len({one.above for one in standing}) > 1  # two streets may have a community of one name
            for number, one in enumerate(standing, start=1):
                name = f"{one.above}{one.name}" if is_wide else one.name
                place = safe_file_name(f"{number:0{width}d} {name}", "x").removesuffix(".x")
                listed += ["", f"{place}　{one.number}　{one.word}　{chinese_date(one.filed_on)}报送"]  # type: ignore[arg-type]  # it stands
                names = (folder / _key(one) / "names").read_text(encoding="utf-8").split("\n")
                for source, name in zip((REPORT, PRINT, DATA), names, strict=True):
                    seal = self._copy(archive, folder / _key(one) / source, f"{top}/{place}/{name}")
                    listed += [f"{place}/{name}", f"    sha256 {seal}"]
                if number % 50 == 0:
                    self.note(number)
            archive.writestr(
                self._entry(f"{top}/目录.txt"), self._contents(scope, found, listed), ZIP_DEFLATED
            )

    def _entry(self, name: str) -> ZipInfo:
        """Names beyond ASCII are written as UTF-8 with the flag that says so; the day is that of the making."""
        moment = clock.local(clock.now())
        entry = ZipInfo(name, (moment.year, moment.month, moment.day, moment.hour, moment.minute, 0))
        entry.external_attr = 0o644 << 16
        return entry

    def _copy(self, archive: ZipFile, source: Path, name: str) -> str:
        """Office files and PDFs are packed already: they are stored. Gives the sha256."""
        seal = hashlib.sha256()
        with source.open("rb") as file, archive.open(self._entry(name), "w") as target:
            while block := file.read(COPIED):
                seal.update(block)
                target.write(block)
        return seal.hexdigest()

    def _contents(self, scope: Any, found: Sequence[Community], listed: Sequence[str]) -> bytes:
        """目录.txt, as Windows reads it: with a byte order mark and its line ends."""
        made = clock.local(clock.now())
        missing = [one for one in found if not one.stands]
        lines = [
            self.heading(scope, None),
            f"生成时间：{chinese_date(made.date())}{made:%H:%M}",
            f"应报社区 {len(found)} 个，已报送 {len(found) - len(missing)} 个。按社区编码排列，不作排名。",
            *(f"未收入：{one.name}（{one.word}）" for one in missing),
            "",
            "每份文件下面是它的校验码（sha256），可用来核对文件在转送中有没有改动。",
            "同一文号的报告内容在报送时已经固定，数据表里有每个数字的来源地址。",
            "",
            *listed,
            "",
        ]
        return b"\xef\xbb\xbf" + "\r\n".join(lines).encode()


def _key(one: Community) -> str:
    """A report's piece: by its number here and by what it says, so that another revision is another piece."""
    return f"{one.pk}-{one.digest[:16]}"


EXPORTS = (DigestExport, ReportsExport)
