"""Nobody's name leaves the house: residents are planted all over the loop (``planted``) and looked for in every page,
file, message, log line and row that anybody can come by.

Pages are found through the URL resolver: a new route is walked without being named here, and one whose objects are unknown
fails until ``planted.MODELS`` knows them.
"""

from __future__ import annotations

import csv
import io
import json
import logging
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from alliances import clock
from alliances.models import LogEntry, Message
from alliances.registry import registries
from alliances.services import sweeps
from demands.models import Author, Booking, Claim
from demands.services import intake
from tests.cast import NOW
from tests.demands import planted as planting
from tests.demands import resident_forms
from tests.demands.planted import SECRET_WORDS, database, leaks, words_of
from tests.demands.planted_world import World
from tests.matrix import ALL, ANYONE, OFFICE
from tests.walkers import walkers

pytestmark = pytest.mark.django_db
# Filters as the desk and the lists put them into addresses.
FILTERS = (
    "state=submitted", "state=open", "state=declined", "state=merged", "state=delivered", "state=due",
    "late=1", "extension=asked", "follow=none",
)  # fmt: skip
# Answers to these are what a reveal is; they have tests of their own.
REVEALS = {"demands:author-reveal", "demands:booking-asker"}


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that the server's log would say."""
    caplog.set_level(logging.INFO)
    return caplog


def written(caplog: pytest.LogCaptureFixture) -> str:
    """Log lines as a handler writes them, with their tracebacks."""
    form = logging.Formatter("%(name)s %(message)s")
    return "\n".join(form.format(record) + str(record.args) for record in caplog.records)


def asked(world: World, route: str, part: str) -> list[str]:
    """Every address of a page, and a list of the loop with every filter; of many codes, which are the same for everybody
    who has an account, a few."""
    found = world.addresses(route)
    if route.startswith("demands:") and route not in world.arguments:
        return found + [f"{found[0]}?{question}" for question in FILTERS]
    is_by_code = "code" in world.arguments.get(route, {})
    return found[:3] if is_by_code and part != "anonymous" else found


# --- pages and papers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", walkers(ANYONE, first=["anonymous", "foreign_liaison", "liaison"]))
def test_no_page_or_paper_names_anybody(part: str, world: World, lines: pytest.LogCaptureFixture) -> None:
    """Every GET route of the site, with every planted row and every filter: not even the office reads a name in passing."""
    wrong, seen = [], 0
    for route in world.routes():
        for url in asked(world, route, part):
            with transaction.atomic():
                response = world.client(part).get(url)
                transaction.set_rollback(True)
            assert response.status_code < 500, (url, response.status_code)
            seen += response.status_code == 200
            if found := world.told(part, words_of(response)):
                wrong.append(f"{route} {url} ({response.status_code}): {sorted(found)}")
    assert not wrong, f"{len(wrong)} answers\n" + "\n".join(wrong[:20])
    assert seen > (20 if part == "anonymous" else 40)
    assert not leaks(written(lines), world.planted.people)


def test_every_route_is_furnished(world: World) -> None:
    """A route for which ``tests.routes`` knows no object would be walked past."""
    assert [route for route in world.routes() if not world.addresses(route)] == []


def test_rows_of_every_kind_are_walked(world: World) -> None:
    """The walk is worth something: whoever may reads the planted demands, and the furnished codes are the residents'."""
    for key, demand in world.planted.demands.items():
        page = words_of(world.client("secretary").get(reverse("demands:demand", args=[demand.pk])))
        assert demand.number in page, key
    walked = {route for route in world.routes() if len(world.addresses(route)) > 3}
    assert len(walked) > 40
    for code in world.planted.codes.values():
        assert world.client("anonymous").get(f"/q/{code}/").status_code in (200, 404)  # withdrawn, cleared


def test_masked_names_are_where_the_office_looks(world: World) -> None:
    """Nothing is found because names are masked, not because nobody is shown."""
    demand = world.planted.demands["open"]
    page = words_of(world.client("staff").get(reverse("demands:demand", args=[demand.pk])))
    assert f"{planting.SURNAME[0]}*" in page
    assert "139****" in page


def test_search_finds_a_page_that_forgets_to_mask(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The losing twin: with a name printed in full the walk would fail."""
    monkeypatch.setattr(
        Author, "masked", property(lambda author: f"{author.name} {author.phone[:3]}-{author.phone[3:]}")
    )
    demand = world.planted.demands["open"]
    author = Author.objects.get(demand=demand)
    with transaction.atomic():
        page = words_of(world.client("staff").get(reverse("demands:demand", args=[demand.pk])))
        transaction.set_rollback(True)
    assert author.name in world.told("staff", page)
    assert world.told("staff", f"来电 {author.phone[:3]} {author.phone[3:7]} {author.phone[7:]}") == {
        author.name
    }


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", sorted(ALL))
def test_no_export_names_anybody_but_the_secretarys_full_list(part: str, world: World) -> None:
    taken = []
    for kind in registries.exports:
        for fmt in kind.formats:
            form = {"format": fmt, "year": "2026"}
            with transaction.atomic():
                response = world.client(part).post(reverse("alliances:export", args=[kind.name]), form)
                words = words_of(response)
                transaction.set_rollback(True)
            assert response.status_code in (200, 403, 404), (kind.name, fmt)
            is_file = "attachment" in response.headers.get("Content-Disposition", "")
            found = world.told(part, words)
            if kind.name == "demands_full":
                assert is_file == (part in ("secretary", "foreign_secretary")), part
                assert bool(found) == (part == "secretary" and fmt != "pdf"), (part, fmt)
                continue
            if kind.name == "demands":  # the list that says it names nobody
                found |= leaks(words, world.planted.people)
            assert not found, (kind.name, fmt, found)
            taken += [kind.name] * is_file
    if part in OFFICE | {"street", "county"}:
        assert {"demands", "claims", "acceptances"} <= set(taken)


# --- deeds and errors -------------------------------------------------------------------------------------------------

# What nobody's form takes: unknown choices, dates that are none, no text at all.
JUNK = dict.fromkeys(("category", "state", "due_on", "until_on", "until", "on", "member", "members", "station", "satisfaction", "method", "why", "into", "office", "reason", "starts_at", "day", "starts", "ends", "part", "via", "urgency"), "?")  # fmt: skip


@pytest.mark.parametrize("part", walkers(ANYONE, first=["anonymous", "secretary"]))
def test_no_answer_to_a_bad_form_names_anybody(
    part: str, world: World, lines: pytest.LogCaptureFixture
) -> None:
    """403, 404, 405, 422, 400, and deeds that are refused: every POST route of the loop about rows of every kind."""
    wrong = []
    for route in world.routes():
        if not route.startswith("demands:") or route in REVEALS:
            continue
        urls = world.addresses(route)
        for url in urls if part in ("secretary", "foreign_liaison") else urls[::4]:
            for body in ({}, JUNK):
                with transaction.atomic():
                    response = world.client(part).post(url, body)
                    words = words_of(response)
                    transaction.set_rollback(True)
                assert response.status_code < 500, (url, response.status_code)
                if found := world.told(part, words):
                    wrong.append(f"{route} {url} ({response.status_code}): {sorted(found)}")
    assert not wrong, f"{len(wrong)} answers\n" + "\n".join(wrong[:20])
    assert not leaks(written(lines), world.planted.people)


def test_breakdown_while_a_name_is_taken_in_tells_nobody(
    world: World, lines: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error page and the traceback in the log hold the place, not the person."""

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(intake, "_write_author", broken)
    assert world.planted.point
    person = world.planted.person()
    client = world.client("anonymous")
    url = reverse("demands:resident-order", args=[world.planted.point.code])
    with transaction.atomic():
        asked = {"name": person["name"], "phone": person["phone"], "consent": "on"}
        hidden = resident_forms.opened(client, url)
        response = client.post(url, hidden | resident_forms.WORDS | asked)
        transaction.set_rollback(True)
    assert response.status_code == 500
    assert "disk full" in written(lines)
    assert not leaks(words_of(response), world.planted.people)
    assert not leaks(written(lines), world.planted.people)


# --- those who may ----------------------------------------------------------------------------------------------------


def test_reveal_tells_those_who_may_one_contact_and_logs_it(world: World) -> None:
    wrong = []
    for author in Author.objects.exclude(phone="").select_related("demand"):
        for part in sorted(ANYONE):
            user = world.cast.fresh(world.cast.users[part]) if part in world.cast.users else None
            may = user is not None and Author.objects.visible_to(user).filter(pk=author.pk).exists()
            with transaction.atomic():
                before = LogEntry.objects.filter(action="demands.author.reveal").count()
                url = reverse("demands:author-reveal", args=[author.pk])
                words = words_of(world.client(part).post(url, {"reason": "serve"}))
                logged = LogEntry.objects.filter(action="demands.author.reveal").count() - before
                transaction.set_rollback(True)
            told = leaks(words, world.planted.people)
            if told != ({author.name} if may else set()) or logged != int(may):
                wrong.append(f"{part} {author} of {author.demand.state}: {told}, {logged} logged, may: {may}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:20])


def test_a_unit_reads_a_contact_only_while_its_claim_stands(world: World) -> None:
    """Literally: whose planted contacts 县图书馆, which claims, and 县法院 of another community come by."""
    named = {
        part: {
            key
            for key, demand in world.planted.demands.items()
            for author in Author.objects.visible_to(world.cast.fresh(world.cast.users[part])).filter(
                demand=demand
            )
        }
        for part in (
            "liaison",
            "second_liaison",
            "foreign_liaison",
            "both_liaison",
            "street",
            "county",
            "president",
        )
    }
    assert named == {
        "liaison": {
            "claimed",
            "released",
            "served",
            "returned",
            "typed-claimed",
            "typed-work",
        },
        "second_liaison": {"claimed"},
        "foreign_liaison": {"shared-claimed"},
        "both_liaison": set(),
        "street": set(),
        "county": set(),
        "president": set(),
    }


def test_booker_is_told_to_those_who_give_the_venue(world: World) -> None:
    """The unit that gives it and the office that runs its alliance; every look is logged."""
    wrong = []
    for booking in Booking.objects.filter(member=None).exclude(tracking_hash=""):
        for part in sorted(ANYONE):
            with transaction.atomic():
                before = LogEntry.objects.count()
                response = world.client(part).post(reverse("demands:booking-asker", args=[booking.pk]))
                words, logged = words_of(response), LogEntry.objects.count() - before
                transaction.set_rollback(True)
            told = leaks(words, world.planted.people)
            may = part in OFFICE | {"liaison"}
            if told - {booking.asker_name} or (told and not (may and logged == 1)):
                wrong.append(f"{part} {booking.state}: {told}, {logged} logged, {response.status_code}")
    assert not wrong, "\n".join(wrong[:20])


# --- what lies about --------------------------------------------------------------------------------------------------


def test_nothing_at_rest_names_anybody(world: World) -> None:
    """The database as a thief reads it: messages, reminders, the log, sessions, tokens, drafts; and the mail that went.

    After weeks of sweeps, a reveal, a full export and a search, so that everything that writes has written.
    """
    with transaction.atomic():
        for days in (1, 4, 8, 15, 40):
            moment = NOW + timedelta(days=days)
            with clock.at(moment):
                assert not [outcome.error for outcome in sweeps.run_all(moment) if outcome.error]
        staff = world.client("secretary")
        author = Author.objects.get(demand=world.planted.demands["open"])
        staff.post(reverse("demands:author-reveal", args=[author.pk]), {"reason": "ask"})
        staff.post(reverse("alliances:export", args=["demands_full"]), {"format": "xlsx"})
        staff.post(reverse("demands:demand-decline", args=[author.demand_id]), {"reason": ""})
        assert Message.objects.filter(kind__startswith="demands").count() >= 15
        lying = database()
        transaction.set_rollback(True)
    assert Claim._meta.db_table in lying
    assert not leaks(lying, world.planted.untyped)
    words = tuple(f"demands_{table} " for table in planting.WORDS)
    elsewhere = "\n".join(line for line in lying.split("\n") if not line.startswith(words))
    assert not leaks(elsewhere, world.planted.people)
    letters = "\n".join(f"{letter.subject} {letter.body} {letter.alternatives}" for letter in mail.outbox)
    assert not leaks(letters, world.planted.people)
    assert SECRET_WORDS not in letters
    messages = "\n".join(str(row) for row in Message.objects.values_list("subject", "body", "path"))
    assert SECRET_WORDS not in messages


def test_reports_of_imports_name_nobody(world: World, tmp_path: Path) -> None:
    """Neither rows taken nor rows refused: a bad date beside a name, a number that is none, a name too long."""
    path, report = tmp_path / "群众需求清单.csv", tmp_path / "report.json"
    call_command("export", "demands_full", "--alliance", "01-01-01", "--out", str(path), stdout=io.StringIO())
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    head = next(number for number, row in enumerate(rows) if row[0] == "序号")
    names, phones = rows[head].index("需求人"), rows[head].index("电话")
    raised = rows[head].index("提出时间")
    body = [row for row in rows[head + 1 :] if len(row) > phones and row[phones]]
    assert leaks(str(body), world.planted.people)
    body[0][raised] = "某日"
    body[1][phones] = f"{body[1][phones]}99"
    body[2][names] = body[2][names] * 20
    body[3][phones] = f"{body[3][phones]}转{body[3][names]}"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([rows[head], *body])
    out, err = io.StringIO(), io.StringIO()
    with transaction.atomic():
        with suppress(SystemExit):
            call_command(
                "import_sheet", "demands", str(path), "--alliance", "01-01-01", "--dry-run",
                report=str(report), stdout=out, stderr=err,
            )  # fmt: skip
        transaction.set_rollback(True)
    told = json.loads(report.read_text(encoding="utf-8"))
    assert len(told["refused"]) >= 4
    everything = json.dumps(told, ensure_ascii=False) + out.getvalue() + err.getvalue()
    assert not leaks(everything, world.planted.people)
