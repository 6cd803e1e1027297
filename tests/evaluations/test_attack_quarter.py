"""What an attacker tried on the quarter, the year's end and the lists behind their figures: other people's rows by their ids, codes
and filters."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alliances.models import Commitment, ExportJob, Organisation
from alliances.registry import registries
from evaluations.models import Assessment, AssessmentLine, Candidate
from tests.demands.planted import words_of
from tests.evaluations.quarter_world import MARKS, WALKERS, YEAR, QuarterWorld
from tests.matrix import ALL, OFFICES, who

pytestmark = pytest.mark.django_db
WRITE = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.I)
SESSION = re.compile(r'"(django_session|axes_\w+)"')
CODES = ("01-01-01", "01-02-01")
# The lists behind the figures; what stands in their addresses.
LISTS = (
    "/commitments/",
    "/duties/",
    "/meetings/replies/",
    "/activities/units/",
    "/feedback/",
    "/assessments/",
    "/demands/",
    "/demands/claims/",
    "/demands/offers/",
    "/demands/acceptances/",
    "/demands/answers/",
    "/demands/resources/",
)


def ask(
    world: QuarterWorld, part: str, url: str, data: Any = None, *, method: str = "post"
) -> tuple[int, str, list[str]]:
    """(status, words, what it wrote) of one request, undone."""
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        response = getattr(world.client(part), method)(url, data or {})
        words = words_of(response)
        transaction.set_rollback(True)
    writes = [q["sql"][:100] for q in queries if WRITE.match(q["sql"]) and not SESSION.search(q["sql"])]
    assert response.status_code < 500, (part, url, data)
    return response.status_code, words, writes


def look(world: QuarterWorld, part: str, urls: list[str]) -> tuple[int, list[str]]:
    """How many of ``urls`` answered, and what ``part`` came by that is not theirs, or wrote by looking."""
    wrong, seen = [], 0
    for url in urls:
        status, words, writes = ask(world, part, url, method="get")
        seen += status == 200
        heard = world.overheard(part, words)
        if heard or writes:
            wrong.append(f"{part} {url} ({status}): {heard} {writes}")
    return seen, wrong


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [*WALKERS, "anonymous"])
def test_no_page_tells_what_is_not_the_readers(part: str, world: QuarterWorld) -> None:
    """Every report, line, letter, year and promise of both alliances, and the pages that speak of them."""
    others = (
        "alliances:commitment",
        "alliances:member",
        "alliances:circle",
        "alliances:inbox",
        "alliances:desk",
    )
    urls = [
        url
        for route in world.routes()
        if route.startswith("evaluations:") or route.split(" ")[0].startswith((*others, "alliances:log"))
        for url in world.addresses(route)
    ]
    urls += [f"/commitments/{pk}/" for pk in world.every(Commitment)]
    seen, wrong = look(world, part, urls)
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:20])
    assert len(urls) > 150
    assert seen > (4 if part == "anonymous" else 8)


def questions(world: QuarterWorld) -> list[str]:
    """Filters as addresses carry them, with what belongs to either alliance and to nobody."""
    units = [world.cast.members["县图书馆"].pk, world.cast.members["县实验小学"].pk]
    units += [world.cast.foreign_members["县法院"].pk, world.cast.foreign_members["县交警队"].pk, 10**17]
    found = [
        f"period={YEAR}",
        f"period={YEAR}-2&standing=1",
        "wherever=1",
        *(f"team={code}" for code in CODES),
    ]
    found += [f"member={pk}&wherever=1&standing=1&period={YEAR}" for pk in units]
    found += [f"alliance={code}&period={YEAR}" for code in CODES]
    found += [f"alliance={code}&member={pk}" for code in CODES for pk in units[1:4]]
    found += [
        f"alliance={CODES[1]}&team={CODES[1]}&place=01-02",
        "place=01&alliance=01",
        "total=1&alliance=01-02-01",
    ]
    return found


@pytest.mark.parametrize("part", WALKERS)
def test_no_filter_opens_anothers_rows(part: str, world: QuarterWorld) -> None:
    urls = [f"{page}?{question}" for page in LISTS for question in questions(world)]
    _, wrong = look(world, part, urls)
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:20])


@pytest.mark.parametrize("part", WALKERS)
def test_no_line_place_or_revision_opens_anothers_quarter(part: str, world: QuarterWorld) -> None:
    places = list(Organisation.objects.values_list("code", flat=True))
    urls = [f"/assessments/own/?line={pk}" for pk in world.every(AssessmentLine)]
    urls += [
        f"/assessments/office/{page}?under={code}&quarter={YEAR}-{n}"
        for page in ("", "trend.svg")
        for code in places
        for n in (1, 4)
    ]
    urls += [
        f"/assessments/office/?state={state}&alliance={CODES[1]}"
        for state in ("draft", "unfiled", "returned")
    ]
    urls += [f"/year-end/office/?year={year}" for year in (YEAR, YEAR - 1)]
    urls += [
        f"/year-end/{code}/{YEAR}/{page}?revision={n}"
        for code in CODES
        for page in ("", "awards/", "awards/list.docx", "summary.xlsx", "two-way/result.docx")
        for n in (1, 2)
    ]
    _, wrong = look(world, part, urls)
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:20])


@pytest.mark.parametrize("part", sorted(OFFICES))
def test_an_office_reads_nothing_beside_its_own_tree(part: str, world: QuarterWorld) -> None:
    """Neither a street's figures in another's table, nor the county's in a street's."""
    other = {"street": "河东街道", "other_street": "城关街道"}.get(part)
    for code in Organisation.objects.values_list("code", flat=True):
        for url in (
            f"/assessments/office/?under={code}",
            f"/assessments/office/?under={code}&quarter={YEAR}-1",
        ):
            status, words, _ = ask(world, part, url, method="get")
            place = Organisation.objects.get(code=code)
            own = Organisation.objects.get(code={"street": "01-01", "other_street": "01-02"}.get(part, "01"))
            assert status == (200 if place.is_under(own) else 404), url
            assert other is None or other not in words or status == 404


def test_the_marks_are_found_by_those_who_may(world: QuarterWorld) -> None:
    """The search is worth something: each word is read by somebody who may."""
    report = world.reports["received"].pk
    lines = AssessmentLine.objects.values_list("member__unit__name", "pk")
    own = dict(lines.filter(assessment=report))
    away = dict(lines.filter(assessment=world.reports["foreign"]))
    asked = {
        "同心报送密语": ("street", f"/assessments/{report}/"),
        "同心草稿密语": ("president", f"/assessments/{world.reports['draft'].pk}/"),
        "同心退回密语": ("staff", f"/assessments/{world.reports['returned'].pk}/"),
        "图书馆加减密语": ("leader", f"/assessments/own/?line={own['县图书馆']}"),
        "小学加减密语": ("other_liaison", f"/assessments/own/?line={own['县实验小学']}"),
        "图书馆承诺密语": ("liaison", f"/commitments/?period={YEAR}"),
        "小学承诺密语": ("county", f"/commitments/?alliance=01-01-01&period={YEAR}"),
        "同心事项密语": ("secretary", f"/year-end/01-01-01/{YEAR}/two-way/"),
        "同心候选密语": ("president", f"/year-end/01-01-01/{YEAR}/awards/"),
        "同心不予密语": ("staff", f"/year-end/01-01-01/{YEAR}/awards/"),
        "清河报送密语": ("other_street", f"/assessments/{world.reports['foreign'].pk}/"),
        "清河草稿密语": ("foreign_secretary", f"/assessments/{world.reports['foreign draft'].pk}/"),
        "法院加减密语": ("foreign_liaison", "/assessments/own/"),
        "清河交警加减密语": ("both_liaison", f"/assessments/own/?line={away['县交警队']}"),
        "法院承诺密语": ("foreign_liaison", "/commitments/"),
        "清河交警承诺密语": ("foreign_secretary", "/commitments/"),
        "清河事项密语": ("foreign_secretary", f"/year-end/01-02-01/{YEAR}/two-way/"),
        "清河候选密语": ("foreign_secretary", f"/year-end/01-02-01/{YEAR}/awards/"),
        "清河需求密语": ("foreign_liaison", "/demands/"),
        "法院措施密语": ("both_liaison", "/demands/claims/?alliance=01-02-01"),
    }
    assert set(asked) == set(MARKS)
    for mark, (part, url) in asked.items():
        status, words, _ = ask(world, part, url, method="get")
        assert (status, mark in words) == (200, True), (mark, part, url, status)


# --- deeds ------------------------------------------------------------------------------------------------------------

BODY = {
    "problems": "改写", "next_steps": "改写", "adjustment": "-1", "reason": "改写", "return_reason": "改写", "revise_reason": "改写",
    "text": "改写", "due_on": "2027-03-01", "evidence": "改写", "fulfilled_on": "2027-01-05", "decision": "award", "kind": "advanced",
    "words": "改写", "closes_on": "2027-02-01", "title-1": "改写", "head": "red", "less": "1", "more": "1", "voter_name": "改写",
    "via": "paper", "year": str(YEAR), "format": "zip", "quarter": f"{YEAR}-4",
}  # fmt: skip


def deeds(world: QuarterWorld, alliance: str) -> list[str]:
    """Every POST about one alliance's reports, year's end and promises."""
    cast = world.cast
    away = alliance == "01-02-01"
    members = cast.foreign_members if away else cast.members
    member = members["县法院" if away else "县图书馆"]
    reports = Assessment.objects.filter(alliance__code=alliance).values_list("pk", flat=True)
    found = []
    for pk in reports:
        found += [
            f"/assessments/{pk}/{deed}"
            for deed in (
                "", "recompute/", "file/", "revise/", "receive/", "return/", "acknowledge/", f"adjust/{member.pk}/",
                "report.docx", "summary.docx", "data.xlsx", f"letters/{member.pk}.docx",
            )
        ]  # fmt: skip
    at = f"/year-end/{alliance}/{YEAR}/"
    candidate = Candidate.objects.filter(alliance__code=alliance, award_list__year=YEAR).first()
    assert candidate
    found += [
        f"{at}{deed}"
        for deed in (
            "publish/", "two-way/", "two-way/open/", "two-way/close/", "two-way/publish/", "two-way/items/",
            f"two-way/ballots/{member.pk}/", f"two-way/ballots/{member.pk}/record/", "awards/begin/", "awards/add/",
            "awards/kinds/", "awards/publish/", "awards/correct/", f"awards/{candidate.pk}/decide/",
        )
    ]  # fmt: skip
    for pk in Commitment.objects.filter(alliance__code=alliance).values_list("pk", flat=True):
        found += [f"/commitments/{pk}/{deed}/" for deed in ("fulfil", "waive", "reopen")]
    return [*found, f"/members/{member.pk}/commitments/new/", f"/assessments/scheme/{alliance}/2027/"]


STRANGERS = {
    "01-01-01": sorted(who("foreign_secretary foreign_liaison other_street administrator auditor")),
    "01-02-01": sorted(ALL - who("foreign_secretary foreign_liaison both_liaison other_street county")),
}


@pytest.mark.parametrize("alliance", CODES)
def test_strangers_do_nothing_to_an_alliance(alliance: str, world: QuarterWorld) -> None:
    """For everybody who does not belong there each of its rows is no row at all, and nothing is written."""
    wrong = []
    for part in STRANGERS[alliance]:
        for url in deeds(world, alliance):
            status, _, writes = ask(world, part, url, BODY)
            if status != 404 or writes:
                wrong.append(f"{part} {url}: {status} {writes}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:20])


def test_offices_and_units_do_nothing_to_drafts(world: QuarterWorld) -> None:
    wrong = []
    for part in sorted(who("street county liaison leader both_liaison station")):
        for report in ("draft", "correction"):
            for url in deeds(world, "01-01-01"):
                if url.startswith(f"/assessments/{world.reports[report].pk}/"):
                    for method in ("get", "post"):
                        status, _, writes = ask(world, part, url, BODY, method=method)
                        # POST-only addresses are no pages for anybody.
                        if status not in (404, 405 if method == "get" else 404) or writes:
                            wrong.append(f"{method} {part} {url}: {status} {writes}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:20])


def test_a_report_has_letters_and_lines_of_its_own_units_only(world: QuarterWorld) -> None:
    """A foreign unit's number in an own report's address, and an unheard-of one."""
    away = world.cast.foreign_members["县法院"].pk
    for member in (away, 10**17, 2**63, 10**30):
        pk = world.reports["received"].pk
        for url in (
            f"/assessments/{pk}/letters/{member}.docx",
            f"/assessments/{world.reports['draft'].pk}/adjust/{member}/",
        ):
            status, _, writes = ask(world, "secretary", url, BODY)
            assert (status, writes) == (404, []), url
        at = f"/year-end/01-01-01/{YEAR}/"
        for url in (
            f"{at}two-way/ballots/{member}/",
            f"{at}two-way/ballots/{member}/record/",
            f"{at}awards/{member}/decide/",
        ):
            for method in ("get", "post"):
                status, _, writes = ask(world, "secretary", url, BODY, method=method)
                assert status in (404, 405), url
                assert not writes
    assert ask(world, "secretary", f"{at}awards/add/", {**BODY, "member": str(away)})[0] == 422
    candidate = Candidate.objects.filter(alliance__code="01-02-01").first()
    assert candidate
    assert ask(world, "secretary", f"{at}awards/{candidate.pk}/decide/", BODY)[0] == 404


@pytest.mark.parametrize("route", ["assessments", "commitments", "assessments/own"])
@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 19, "9" * 40])
def test_numbers_that_no_database_holds_are_not_found(world: QuarterWorld, route: str, number: str) -> None:
    for part in ("secretary", "county", "liaison"):
        for deed in (
            "",
            "file/",
            "fulfil/",
            "changes/",
            "report.docx",
            "letter.docx",
            f"adjust/{number}/",
            f"letters/{number}.pdf",
        ):
            for method in ("get", "post"):
                status, _, writes = ask(world, part, f"/{route}/{number}/{deed}", BODY, method=method)
                assert status in (404, 405)
                assert not writes


# --- offices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", sorted(ALL))
def test_nobody_urges_beside_the_own_tree(part: str, world: QuarterWorld) -> None:
    own = {"street": "01-01", "other_street": "01-02", "county": "01"}.get(part, "-")
    for code in (*CODES, "nowhere", "01", ""):
        for under in ("", "01", "01-01", "01-02", *CODES, "nowhere"):
            body = {"alliance": code, "under": under, "quarter": f"{YEAR}-4", "next": "//evil.example/"}
            status, _, writes = ask(world, part, "/assessments/office/urge/", body)
            may = (
                part in OFFICES
                and (not under or under.startswith(own))
                and (not code or (code in CODES and code.startswith(own)))
            )
            assert status == (302 if may else 403 if part not in OFFICES else 404), body
            assert may or not writes


# --- tables that the worker makes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", sorted(ALL))
def test_anothers_archive_is_nobodys(part: str, world: QuarterWorld) -> None:
    for owner, job in world.jobs.items():
        if owner == part:
            continue
        for url, method in (("", "get"), ("file/", "post"), ("drop/", "post"), ("file/", "get")):
            status, _, writes = ask(world, part, f"/exports/jobs/{job.pk}/{url}", method=method)
            assert status == (405 if (url, method) == ("file/", "get") else 404), (owner, url)
            assert not writes
    assert ExportJob.objects.filter(pk__in=[job.pk for job in world.jobs.values()], state="done").count() == 3


@pytest.mark.parametrize("part", ["street", "other_street", "county"])
def test_an_archive_holds_the_own_tree_only(part: str, world: QuarterWorld) -> None:
    status, words, _ = ask(world, part, f"/exports/jobs/{world.jobs[part].pk}/file/")
    assert status == 200
    assert not world.overheard(part, words)
    assert ("同心报送密语" in words) == (part != "other_street")
    assert ("清河报送密语" in words) == (part != "street")


@pytest.mark.parametrize("part", WALKERS)
def test_no_export_takes_what_is_not_the_readers(part: str, world: QuarterWorld) -> None:
    """Every export with every filter of the other alliance; reading it first, then taking it."""
    court = world.cast.foreign_members["县法院"].pk
    library = world.cast.members["县图书馆"].pk
    bodies = [{"alliance": code} for code in ("", *CODES)]
    bodies += [
        {"member": str(pk), "wherever": "1", "standing": "1", "period": str(YEAR)} for pk in (court, library)
    ]
    bodies += [{"team": code, "wherever": "1"} for code in CODES]
    bodies += [{"under": code, "quarter": f"{YEAR}-1"} for code in ("01", "01-01", "01-02", *CODES)]
    wrong, taken = [], 0
    for kind in registries.exports:
        fmt = next(one for one in kind.formats if one != "pdf")
        for body in bodies:
            url = reverse("alliances:export", args=[kind.name])
            status, words, writes = ask(world, part, url, {**body, "format": fmt, "year": str(YEAR)})
            taken += "attachment" in words[:2000]
            if heard := world.overheard(part, words):
                wrong.append(f"{part} {kind.name} {body}: {heard}")
            if status in (403, 404) and writes:
                wrong.append(f"{part} {kind.name} {body}: {status}, yet it wrote {writes}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:20])
    assert (taken > 10) == (
        part in who("secretary staff president street other_street county foreign_secretary")
    )


def test_an_archive_is_not_handed_out_after_the_post_has_ended(world: QuarterWorld) -> None:
    with transaction.atomic():
        world.cast.street.person.appointments.update(ends_on=date(YEAR, 12, 31))
        status, words, _ = ask(world, "street", f"/exports/jobs/{world.jobs['street'].pk}/file/")
        transaction.set_rollback(True)
    assert status in (302, 403, 404)
    assert "同心报送密语" not in words
