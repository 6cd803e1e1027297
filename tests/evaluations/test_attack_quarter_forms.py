"""Hostile words through every form and address of the quarter, the year's end, the promises and the lists behind the figures, and
through the papers that are made of what was taken: no error of ours, nothing printed unescaped, nothing written or lost on a refusal.

Forms are read from the pages themselves, so that a new field is tried without being named here.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from django.db import connection, transaction
from django.utils.html import escape

from alliances import clock
from alliances.models import Commitment, ExportJob, LogEntry
from alliances.services import commitments, export_jobs
from evaluations.models import AssessmentLine, AwardList
from evaluations.selectors import assessments as reads
from evaluations.services import assessments, awards
from tests.evaluations.quarter_world import YEAR, QuarterWorld
from tests.hostile_forms import ATTRIBUTE, MARKUP, WORDS, fields_of, filled
from tests.walkers import walkers

pytestmark = pytest.mark.django_db
# Routes that came with the quarter; those of scoring have tests of their own.
OURS = re.compile(
    r"evaluations:(assessment|quarter|feedback-months|year-end|two-way|award)|alliances:(commitment|export (commitments|responsibility|quarter))"
    r"|rotation:(duties|replies|participations)"
)
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.S)
BUTTON = re.compile(r'<button\b[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"')
NUMBER = re.compile(r"\d+")
# What a hand-made request might send to a deed that is a button.
GUESSED = (
    "reason", "return_reason", "revise_reason", "adjustment", "problems", "next_steps", "decision", "kind", "member", "name", "words",
    "title-1", "head", "quarter", "under", "alliance", "next", "format", "year", "closes_on", "form_key", "more", "state",
)  # fmt: skip
CHOSEN = ("radio", "checkbox", "select", "hidden")


def ours(world: QuarterWorld) -> list[str]:
    return [route for route in world.routes() if OURS.match(route)]


@contextmanager
def no_nul() -> Iterator[None]:
    """SQLite takes a NUL, PostgreSQL refuses it: it must not come as far as a query."""

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        for value in params if isinstance(params, list | tuple) else ():
            assert not (isinstance(value, str) and ("\0" in value or "\\u0000" in value)), sql[:300]
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield


def send(world: QuarterWorld, part: str, method: str, url: str, data: Any) -> tuple[int, str]:
    """(status, page) of one request, followed where it leads, undone."""
    with transaction.atomic(), no_nul():
        client, before = world.client(part), LogEntry.objects.count()
        response = getattr(client, method)(url, data)
        target = response.headers.get("Location", "")
        assert not target.startswith("//")
        assert target.startswith("/") or not target, target
        written = LogEntry.objects.count() - before
        pages = [response, *([client.get(target)] if target else [])]
        bodies = [b"".join(page.streaming_content) if page.streaming else page.content for page in pages]
        transaction.set_rollback(True)
    codes = [page.status_code for page in pages]
    assert max(codes) < 500, (part, method, url, str(data)[:500], codes)
    assert not any(MARKUP.encode() in body for body in bodies), (part, method, url)
    assert codes[0] < 400 or not written, (part, method, url, codes)
    return codes[0], bodies[0].decode("utf-8", "replace")


def forms_of(page: str, url: str) -> list[tuple[str, dict[str, tuple[str, str]]]]:
    """(address, controls) of every form of a page that is sent by POST; a named button counts as hidden."""
    found = []
    for inner, body in FORM.findall(page):
        attributes = dict(ATTRIBUTE.findall(inner))
        if attributes.get("method", "").lower() != "post":
            continue
        fields = fields_of(body) | {name: ("hidden", value) for name, value in BUTTON.findall(body)}
        found.append((attributes.get("action") or url.split("?")[0], fields))
    return found


def forms(world: QuarterWorld, part: str) -> list[tuple[str, dict[str, tuple[str, str]]]]:
    """Of all our pages, each kind of form twice at most: they differ by the row, hostile words hardly."""
    kinds: dict[tuple[str, tuple[str, ...]], list[tuple[str, dict[str, tuple[str, str]]]]] = {}
    for route in ours(world):
        for url in world.addresses(route):
            page = world.client(part).get(url)
            if page.status_code != 200 or page.streaming or "text/html" not in page.headers["Content-Type"]:
                continue
            for action, fields in forms_of(page.content.decode(), url):
                kind = (NUMBER.sub("#", action), tuple(NUMBER.sub("#", name) for name in fields))
                same = kinds.setdefault(kind, [])
                if len(same) < 2 and (action, fields) not in same:
                    same.append((action, fields))
    frame = ("/accounts/", "/choose/", "/type/", "/demo/")
    return [form for same in kinds.values() for form in same if not form[0].startswith(frame)]


@pytest.mark.parametrize(
    "part", walkers(["secretary", "staff", "street", "county", "other_liaison"], first=["other_liaison"])
)
def test_no_form_breaks_on_hostile_words(part: str, world: QuarterWorld) -> None:
    found = forms(world, part)
    tried, refused, lost = 0, 0, []
    for action, fields in found:
        typed = [name for name, (kind, _) in fields.items() if kind not in CHOSEN]
        for number, (word, words) in enumerate(WORDS.items()):
            if not typed and number > 3:
                break
            for data in filled(fields, words)[number % 2 :: 2] if number > 3 else filled(fields, words):
                status, page = send(world, part, "post", action, data)
                tried, refused = tried + 1, refused + (status == 422)
                kept = escape(words[:20])
                is_told = word not in ("null", "blank", "marks", "long", "emoji")
                if status == 422 and is_told and page.count(kept) < len(typed):
                    lost.append(f"{action} {word}: {page.count(kept)} of {typed}")
    assert not lost, f"{len(lost)}\n" + "\n".join(lost[:20])
    assert len(found) > {"secretary": 20, "staff": 12}.get(part, 0)
    assert tried > 3 * len(found)
    # The county only asks for files: it has no word to type that could be refused.
    assert refused > {"secretary": 100, "staff": 50, "county": -1}.get(part, 5)


@pytest.mark.parametrize("part", walkers(["secretary", "liaison", "street"], first=["street"]))
def test_no_deed_breaks_on_what_no_form_of_ours_sends(part: str, world: QuarterWorld) -> None:
    for route in ours(world):
        urls = world.addresses(route)
        for url in dict.fromkeys([urls[0], urls[-1]]):
            for word in ("markup", "long", "digits", "minus", "nan", "date", "far", "null", "marks"):
                send(world, part, "post", url, dict.fromkeys(GUESSED, WORDS[word]))


@pytest.mark.parametrize(
    "part", walkers(["secretary", "county", "anonymous", "liaison"], first=["anonymous"])
)
def test_no_address_breaks_on_hostile_questions(part: str, world: QuarterWorld) -> None:
    names = (
        "alliance", "under", "member", "line", "period", "quarter", "team", "wherever", "standing", "state", "step", "came", "after",
        "before", "page", "paper", "revision", "year", "total", "q", "format", "place", "since", "until",
    )  # fmt: skip
    own = {"alliance": "01-01-01"}
    for route in ours(world):
        url = world.addresses(route)[0]
        for words in WORDS.values():
            if len(words) < 1000:
                asked = dict.fromkeys(names, words)
                send(world, part, "get", url, asked)
                send(world, part, "get", url, {**asked, **own, "total": "1"})


@pytest.mark.parametrize("year", ["0", "1999", "2100", "9999", "99999", "9" * 30])
@pytest.mark.parametrize("code", ["01-01-01", "01", "nowhere", "0" * 300])
def test_impossible_years_and_codes_are_pages_or_not_found(world: QuarterWorld, code: str, year: str) -> None:
    member = world.cast.members["县图书馆"].pk
    at = f"/year-end/{code}/{year}/"
    urls = [
        f"{at}{page}"
        for page in ("", "two-way/", "awards/", "publish/", "two-way/items/", "awards/add/", "summary.pdf")
    ]
    urls += [f"{at}two-way/ballots/{member}/", f"/assessments/scheme/{code}/{year}/"]
    for part in ("secretary", "county"):
        for url in urls:
            for method in ("get", "post"):
                send(world, part, method, url, {})


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "9999-12-31", "10000-01-01"])
def test_impossible_days_of_promises_are_refused_or_shown(world: QuarterWorld, day: str) -> None:
    member = world.cast.members["县图书馆"].pk
    body = {"text": "阅览室开放", "due_on": day, "evidence": "已开放", "fulfilled_on": day}
    send(world, "secretary", "post", f"/members/{member}/commitments/new/", body)
    for pk in world.every(Commitment):
        send(world, "secretary", "post", f"/commitments/{pk}/fulfil/", body)


# --- what was taken ---------------------------------------------------------------------------------------------------

TAKEN = f"{MARKUP}{{{{ 7*7 }}}}\u202e\u200b\U0001f4a5 & \"'</script>"
FORMULA = '=HYPERLINK("http://example.com","x")'


@pytest.fixture
def taken(world: QuarterWorld) -> Iterator[QuarterWorld]:
    """Hostile words in every text that a person writes, as far as the rules take them; and the tables made of them."""
    cast = world.cast
    with transaction.atomic():
        member = cast.members["县图书馆"]
        for words in (TAKEN, FORMULA):
            one = commitments.add(member, text=words, due_on=clock.today(), actor=cast.staff)
            commitments.fulfil(one, evidence=words, fulfilled_on=clock.today(), actor=cast.staff)
            one = commitments.add(member, text=words, due_on=clock.today(), actor=cast.staff)
            commitments.waive(one, reason=words, actor=cast.secretary)
        draft = reads.full().get(pk=world.reports["draft"].pk)
        assessments.write(draft, problems=f"{TAKEN}\n{FORMULA}", next_steps=TAKEN, actor=cast.secretary)
        lines = AssessmentLine.objects.select_related("assessment__alliance__organisation", "member__unit")
        for line, words in zip(
            lines.filter(assessment=draft, score__isnull=False), (TAKEN, FORMULA), strict=False
        ):
            assessments.adjust(line, adjustment="-1", reason=words, actor=cast.secretary)
        filed = assessments.file(reads.full().get(pk=draft.pk), actor=cast.secretary)
        assessments.send_back(filed, reason=TAKEN, actor=cast.street)
        again = assessments.revise(reads.full().get(pk=filed.pk), reason=TAKEN, actor=cast.secretary)
        again = assessments.file(reads.full().get(pk=again.pk), actor=cast.secretary)
        draft_list = AwardList.objects.select_related("alliance__organisation").get(
            alliance=cast.alliance, year=YEAR
        )
        awards.set_kinds(
            draft_list, [*draft_list.kinds, {"title": MARKUP[:20]}, {"title": "=1+1"}], actor=cast.secretary
        )
        awards.add(draft_list, kind="advanced", member=None, name=MARKUP, words=TAKEN, actor=cast.staff)
        yield world
        transaction.set_rollback(True)


@pytest.mark.parametrize("part", walkers(["secretary", "county", "liaison", "street"], first=["street"]))
def test_nothing_that_was_taken_is_printed_unescaped(part: str, taken: QuarterWorld) -> None:
    told = 0
    for route in ours(taken):
        for url in taken.addresses(route):
            _, page = send(taken, part, "get", url, {})
            told += escape(MARKUP) in page
    more = ["/", "/circle/", "/inbox/", "/members/", f"/members/{taken.cast.members['县图书馆'].pk}/"]
    more += [f"/assessments/{pk}/?paper=1" for pk in taken.every(type(taken.reports["draft"]))]
    for url in more:
        send(taken, part, "get", url, {})
    assert told > 2


def test_files_of_what_was_taken_open_and_compute_nothing(taken: QuarterWorld) -> None:
    """Every paper, table and archive: XML is well formed, and no cell is a formula."""
    newest = reads.full().filter(alliance=taken.cast.alliance, year=YEAR, quarter=4).order_by("-revision")[0]
    member = taken.cast.members["县图书馆"].pk
    at = f"/assessments/{newest.pk}/"
    asked: list[tuple[str, str, dict[str, str]]] = [
        ("secretary", f"{at}{name}", {"head": "red"})
        for name in (
            "report.docx",
            "report.pdf",
            "summary.docx",
            "summary.pdf",
            "data.xlsx",
            f"letters/{member}.docx",
        )
    ]
    named = {"alliance": "01-01-01", "year": str(YEAR + 1)}
    asked += [("secretary", "/exports/commitments/", {**named, "format": fmt}) for fmt in ("xlsx", "csv")]
    asked += [
        ("secretary", "/exports/responsibility/", {**named, "format": fmt}) for fmt in ("docx", "pdf", "xlsx")
    ]
    quarter = {"quarter": f"{YEAR}-4"}
    asked += [
        ("street", "/exports/quarter-digest/", {**quarter, "format": fmt}) for fmt in ("docx", "pdf", "xlsx")
    ]
    with no_nul():
        for part, url, body in asked:
            response = taken.client(part).post(url, body)
            assert "attachment" in response.headers.get("Content-Disposition", ""), (
                url,
                response.status_code,
            )
            check(b"".join(response.streaming_content) if response.streaming else response.content, url)
        assert (
            taken.client("street").post("/exports/quarter-reports/", {**quarter, "format": "zip"}).status_code
            == 302
        )
        job = ExportJob.objects.latest("pk")
        while export_jobs.make_due(clock.now()):
            pass
        response = taken.client("street").post(f"/exports/jobs/{job.pk}/file/")
        check(b"".join(response.streaming_content), "archive")


def check(content: bytes, where: str) -> None:
    if not content.startswith(b"PK\x03\x04"):
        if content.startswith(b'\xef\xbb\xbf"'):
            assert '"=' not in content.decode("utf-8-sig"), where
        return
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = package.namelist()
        assert not [
            name for name in names if name.startswith(("/", "..")) or "\\" in name or ".." in name.split("/")
        ]
        for name in names:
            if name.endswith((".docx", ".xlsx")):
                check(package.read(name), f"{where} {name}")
            elif name.endswith((".xml", ".rels")):
                ElementTree.fromstring(package.read(name))
        if "xl/workbook.xml" not in names:
            return
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (where, cell.coordinate, cell.value)
                link = cell.hyperlink
                assert link is None or "example.com" not in str(link.target)


def test_messages_and_log_of_what_was_taken_are_whole(taken: QuarterWorld) -> None:
    for data in LogEntry.objects.order_by("-pk").values_list("data", flat=True)[:50]:
        assert "\0" not in json.dumps(data)
    for part in ("secretary", "street", "liaison"):
        send(taken, part, "get", "/inbox/", {})
