"""Residents of the whole loop are named by nothing that the quarter and the year's end make of their demands: pages, papers, tables,
archives, messages, log and what lies in the database. The search is the loop's own (``tests.demands.planted``)."""

from __future__ import annotations

import logging

import pytest
from django.core import mail
from django.db import transaction

from alliances import clock
from alliances.models import Message
from alliances.registry import registries
from alliances.services import sweeps
from demands.models import Author
from evaluations.models import Assessment
from evaluations.selectors import assessments as reads
from tests.demands import planted as planting
from tests.demands.planted import database, leaks, words_of
from tests.evaluations.quarter_world import LATER, WALKERS, YEAR, QuarterWorld

pytestmark = pytest.mark.django_db
NEW = (
    "evaluations:",
    "alliances:commitment",
    "rotation:duties",
    "rotation:replies",
    "rotation:participations",
)
PERIODS = ("", f"period={YEAR}", f"period={YEAR}-1", f"quarter={YEAR}-1&alliance=01-01-01", f"year={YEAR}")


@pytest.mark.parametrize("part", [*WALKERS, "anonymous"])
def test_no_page_of_the_quarter_names_anybody(
    part: str, world: QuarterWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    wrong, seen = [], 0
    for route in world.routes():
        if not route.startswith(NEW):
            continue
        urls = world.addresses(route)
        for url in urls + [f"{urls[0]}?{question}" for question in PERIODS[1:]]:
            with transaction.atomic():
                response = world.client(part).get(url)
                words = words_of(response)
                transaction.set_rollback(True)
            seen += response.status_code == 200
            if found := world.told(part, words):
                wrong.append(f"{route} {url} ({response.status_code}): {sorted(found)}")
    assert not wrong, f"{len(wrong)} answers\n" + "\n".join(wrong[:20])
    # An administrator and an auditor have no business here: they are shown lists of their own and little else.
    assert seen > (4 if part in ("anonymous", "administrator", "auditor") else 20)
    assert not leaks("\n".join(record.getMessage() for record in caplog.records), world.planted.people)


def test_reports_count_the_planted_demands(world: QuarterWorld) -> None:
    """The walk is worth something: their quarter has claims, answers and offers of planted residents."""
    report = world.reports["received"]
    figures = {one["key"]: one for section in report.figures["sections"] for one in section["figures"]}
    assert int(figures["lists.demands"]["value"]) > 20
    assert int(figures["lists.claims"]["value"]) > 8
    assert Author.objects.exclude(phone="").count() > 20


@pytest.mark.parametrize("part", ["secretary", "street", "county"])
def test_no_paper_of_a_report_names_anybody(part: str, world: QuarterWorld) -> None:
    member = world.cast.members["县图书馆"].pk
    taken = 0
    for pk in world.every(Assessment):
        at = f"/assessments/{pk}/"
        for url in (f"{at}report.docx", f"{at}summary.pdf", f"{at}data.xlsx", f"{at}letters/{member}.docx"):
            with transaction.atomic():
                response = world.client(part).post(url)
                words = words_of(response)
                transaction.set_rollback(True)
            taken += response.status_code == 200
            assert not world.told(part, words), (part, url)
    assert taken >= 12
    for text in reads.full().values_list("figures", "brief"):
        assert not leaks(str(text), world.planted.people)


@pytest.mark.parametrize("part", ["secretary", "street", "county", "foreign_secretary"])
def test_no_export_of_the_quarter_names_anybody(part: str, world: QuarterWorld) -> None:
    taken = set()
    for kind in registries.exports:
        if kind.name not in ("commitments", "responsibility", "quarter-digest", "quarter-reports"):
            continue
        for fmt in kind.formats:
            for quarter in (f"{YEAR}-1", f"{YEAR}-3"):
                form = {"format": fmt, "year": str(YEAR), "quarter": quarter, "period": str(YEAR)}
                with transaction.atomic():
                    response = world.client(part).post(f"/exports/{kind.name}/", form)
                    words = words_of(response)
                    transaction.set_rollback(True)
                taken |= (
                    {kind.name} if response.status_code == 200 and "attachment" in words[:3000] else set()
                )
                assert not world.told(part, words), (part, kind.name, fmt)
    assert taken >= (
        {"quarter-digest"} if part in ("street", "county") else {"commitments", "responsibility"}
    )


def test_no_archive_names_anybody(world: QuarterWorld) -> None:
    for part, job in world.jobs.items():
        with transaction.atomic():
            response = world.client(part).post(f"/exports/jobs/{job.pk}/file/")
            words = words_of(response)
            transaction.set_rollback(True)
        assert response.status_code == 200
        assert "考核评议报告" in words
        assert not world.told(part, words), part


def test_a_report_that_would_name_residents_is_found(world: QuarterWorld) -> None:
    """The losing twin: a resident's name in a person's own words comes up on the page and in the paper."""
    name = next(iter(world.planted.untyped))
    with transaction.atomic():
        report = world.reports["draft"]
        Assessment.objects.filter(pk=report.pk).update(problems=f"{name}家的事没有办好")
        for method, url in (
            ("get", f"/assessments/{report.pk}/"),
            ("post", f"/assessments/{report.pk}/report.docx"),
        ):
            words = words_of(getattr(world.client("secretary"), method)(url))
            assert name in leaks(words, world.planted.people), url
        transaction.set_rollback(True)


def test_nothing_at_rest_names_anybody(world: QuarterWorld) -> None:
    """After the sweeps of the quarter's and the year's end: the database as a thief reads it, and the letters that went."""
    with transaction.atomic():
        lying = database()  # before the sweeps forget whose ninety days are over
        for _ in range(2):
            assert not [outcome.error for outcome in sweeps.run_all(LATER) if outcome.error]
        assert Message.objects.filter(kind__startswith="evaluations").count() > 5
        lying += database()
        told = "\n".join(str(row) for row in Message.objects.values_list("subject", "body", "path"))
        transaction.set_rollback(True)
    assert clock.now() == LATER
    assert not leaks(lying, world.planted.untyped)
    words = tuple(f"demands_{table} " for table in planting.WORDS)
    elsewhere = "\n".join(line for line in lying.split("\n") if not line.startswith(words))
    assert not leaks(elsewhere, world.planted.people)
    assert not leaks(told, world.planted.people)
    letters = "\n".join(f"{letter.subject} {letter.body} {letter.alternatives}" for letter in mail.outbox)
    assert not leaks(letters, world.planted.people)
