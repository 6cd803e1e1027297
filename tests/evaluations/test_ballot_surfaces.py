"""Known people vote with ballots that nobody else has. Then every place where something is kept or shown is searched:
tables row by row, sessions, the log, messages, exports, pages for everybody, the server's log lines."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from alliances import clock
from alliances.errors import OfficeError
from alliances.models import Message
from alliances.registry import registries
from alliances.services import audit, commitments
from evaluations.models import Ballot
from evaluations.services import rounds
from rotation.models import Slip
from tests import routes
from tests.cast import Cast
from tests.conftest import Frozen, client_of
from tests.evaluations import secrecy
from tests.evaluations.ballot_forms import code_url, venue_url
from tests.evaluations.secrecy import (
    BALLOTS,
    FINANCE,
    LIBRARY,
    POLICE,
    SCHOOL,
    SECRETARY,
    VOTERS,
    Voter,
    Votes,
    found_in,
    tables,
)

WORDS = {"activity", "chair", "units", "residents", "screen", "paper", ""}


@pytest.fixture
def votes(cast: Cast, frozen: Frozen) -> Votes:
    cache.clear()
    frozen.to("2026-03-20T18:00")
    return Votes(cast, secrecy.open_round(cast))


@pytest.fixture
def voted(votes: Votes) -> Votes:
    votes.all()
    return votes


def settle(votes: Votes, frozen: Frozen) -> None:
    for day in ("2026-03-26T09:00", "2026-03-27T09:00"):
        frozen.to(day)
        rounds.run(clock.now())
    votes.round.refresh_from_db()
    assert votes.round.state == "settled"


def test_the_ballots_are_distinctive_and_stored_as_expected(voted: Votes) -> None:
    stored = [[row[key] for key in secrecy.WEIGHTS] for row in rows("activity")]
    assert sorted(map(str, stored)) == sorted(str(voter.points) for voter in VOTERS)
    assert len({voter.score for voter in VOTERS}) == len(VOTERS)
    everything = str(tables()[BALLOTS])
    assert {line.split(":")[0] for line in found_in(everything)} == {voter.who for voter in VOTERS}


def rows(subject: str) -> list[dict[str, int | None]]:
    return list(Ballot.objects.filter(subject=subject).values_list("scores", flat=True))


# --- tables -------------------------------------------------------------------------------------------------------

KINDS: dict[str, tuple[Voter, set[str]]] = {
    "unit": (SCHOOL, {BALLOTS, "evaluations_unitmark"}),
    "unit of two alliances": (POLICE, {BALLOTS, "evaluations_unitmark"}),
    "written down": (FINANCE, {BALLOTS, "evaluations_unitmark", "alliances_logentry"}),
    "resident at the venue": (SECRETARY, {BALLOTS, "evaluations_residentcode"}),
    "resident with a slip": (LIBRARY, {BALLOTS, "evaluations_residentcode"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_vote_touches_these_tables_and_no_other(votes: Votes, kind: str) -> None:
    """Not the session's time, nor a login's, nor a message: nothing that a person's row could be joined by."""
    voter, expected = KINDS[kind]
    before = tables()
    votes.cast_ballot(voter)
    after = tables()
    assert {name for name in after if sorted(after[name]) != sorted(before[name])} == expected
    new = [row for name in expected - {BALLOTS} for row in set(after[name]) - set(before[name])]
    assert new
    assert not found_in(" | ".join(map(str, new)))


@pytest.mark.parametrize("is_settled", [False, True], ids=["open", "settled"])
def test_no_row_beside_the_ballots_holds_scores(voted: Votes, frozen: Frozen, is_settled: bool) -> None:
    if is_settled:
        settle(voted, frozen)
    hits = [
        f"{name}: {hit}"
        for name, content in tables().items()
        if name != BALLOTS
        for row in content
        for hit in found_in(" | ".join(row))
    ]
    assert hits == []


@pytest.mark.parametrize("is_settled", [False, True], ids=["open", "settled"])
def test_no_row_of_a_ballot_shares_a_value_with_a_row_of_anything(
    voted: Votes, frozen: Frozen, is_settled: bool
) -> None:
    """But for its round and the words of its kind: no key, no time, no hash, no number."""
    if is_settled:
        settle(voted, frozen)
    everything = tables()
    ballots = everything.pop(BALLOTS)
    elsewhere = {value for content in everything.values() for row in content for value in row}
    shared = {value for row in ballots for value in row} & elsewhere
    assert shared - WORDS == {str(voted.round.pk)}
    text = str(ballots)
    people = [user.person.name for user in voted.cast.users.values()]
    people += [user.phone for user in voted.cast.users.values()] + ["李科长", "县财政局", "县交警队"]
    assert not [known for known in [*people, *voted.secrets] if known in text]
    assert not re.search(r"20\d\d-\d\d|\d\d:\d\d", text)


def test_the_search_finds_what_leaks(voted: Votes) -> None:
    """Twins: scores in the log, in a message, with another separator; a score by itself."""
    values = dict(zip(secrecy.WEIGHTS, SCHOOL.points, strict=True))
    audit.record("evaluations.ballot.record", voted.round, actor=voted.cast.staff, data={"scores": values})
    Message.objects.filter(pk=Message.objects.values("pk")[:1]).update(body=f"得分 {POLICE.score}")
    hits = {
        (name, hit.split(":")[0])
        for name, content in tables().items()
        if name != BALLOTS
        for row in content
        for hit in found_in(" | ".join(row))
    }
    assert hits == {("alliances_logentry", "other_liaison"), ("alliances_message", "both_liaison")}
    assert found_in(" ".join("不了解" if p is None else f"{p}分" for p in FINANCE.points))
    assert found_in(secrecy.readable(f"<td>{SECRETARY.score}</td>".encode()))


def test_sessions_know_nothing_of_a_ballot(voted: Votes) -> None:
    text = str([session.get_decoded() for session in Session.objects.all()])
    assert Session.objects.count() >= len(VOTERS)
    assert not found_in(text)
    assert not [secret for secret in voted.secrets if secret in text]


def test_hashes_and_not_the_values_are_kept(voted: Votes) -> None:
    """Codes, forms' values and a browser's value are in no table."""
    text = str(tables())
    kept = voted.secrets - {voted.round.venue_token}
    assert len(kept) == 1 + 1 + len(VOTERS)  # the slip's code, the venue's, each form's value
    assert not [secret for secret in kept if secret in text or secret.replace("-", "") in text]
    cookie = voted.clients["secretary"].cookies["gongjian_ballot"].value
    assert cookie.split(":")[0] not in text


# --- order and transactions ---------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_after_closing_no_transaction_joins_a_ballot_to_a_code_or_a_mark(
    transactional_db: None, cast: Cast, frozen: Frozen
) -> None:
    """While the round is open, a resident's ballot and its code, which names nobody, do carry one transaction."""
    frozen.to("2026-03-20T18:00")
    votes = Votes(cast, secrecy.open_round(cast))
    votes.all()
    assert len(joined("evaluations_residentcode", "residents")) == 2 * 2  # a sheet is two ballots
    settle(votes, frozen)
    for table in ("evaluations_residentcode", "evaluations_unitmark", "alliances_logentry"):
        assert joined(table) == [], table


def joined(table: str, group: str = "") -> list[object]:
    """Ballots (of ``group``) that were written by the very transaction that wrote a row of ``table``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ballot.key FROM {BALLOTS} ballot JOIN {table} other "
            'ON other.xmin::text = ballot.xmin::text WHERE ballot."group" LIKE %s',
            [group or "%"],
        )
        return list(cursor.fetchall())


# --- what is written and taken away -------------------------------------------------------------------------------


def test_log_lines_hold_no_code_no_form_and_no_score(votes: Votes) -> None:
    """Also those of refusals: used up, guessed, incomplete, without the form's token."""
    with secrecy.log_lines() as lines:
        votes.all()
        phone, strict = Client(), Client(enforce_csrf_checks=True)
        used = code_url(votes.slips[0])
        statuses = [
            phone.get(used).status_code,
            phone.get("/b/7KQ2M-XA94C-PRT3W/").status_code,
            phone.post(venue_url(votes.round)).status_code,
            strict.post(used).status_code,
            strict.post(venue_url(votes.round)).status_code,
            votes.clients["other_liaison"].post(secrecy.unit_url(votes.round, "县实验小学")).status_code,
        ]
    assert statuses == [409, 404, 400, 403, 403, 422]
    text = "\n".join(lines)
    assert text.count("/b/…") >= 5
    assert not [x for x in lines if any(secret in x for secret in {*votes.secrets, "7KQ2M", "XA94C"})]
    assert not found_in(text)


@pytest.mark.parametrize("is_settled", [False, True], ids=["open", "settled"])
def test_no_export_holds_a_ballot(voted: Votes, march_slip: Slip, frozen: Frozen, is_settled: bool) -> None:
    if is_settled:
        settle(voted, frozen)
    # Without a promise there is no 责任清单.
    cast = voted.cast
    commitments.add(cast.members["县图书馆"], text="开放阅览室", due_on=date(2026, 3, 31), actor=cast.staff)
    written = 0
    for export in registries.exports:
        for suffix in export.formats:
            if suffix == "pdf":  # the same paper as the Word file
                continue
            target = io.BytesIO()
            try:
                export.write(suffix, target, voted.cast.alliance, 2026)
            except OfficeError:  # the quarter's own: nobody has filed anything yet
                assert export.name.startswith("quarter-"), export.name
                continue
            written += 1
            assert not found_in(secrecy.readable(target.getvalue())), (export.name, suffix)
    assert written >= 20


@pytest.fixture
def march_slip(votes: Votes) -> Slip:
    from rotation.services import slips

    slip = slips.issue(votes.cast.duties[3])
    assert slip
    return slip


# --- pages --------------------------------------------------------------------------------------------------------


def pages(votes: Votes, slip: Slip) -> dict[str, str]:
    """Route → address, of every route that can be looked at; papers as Word, whose text can be read."""
    arguments = routes.furnish(votes.cast, slip)
    found = of_these_ballots(votes)
    for route in routes.listed(arguments):
        if route.startswith("admin:"):
            continue
        given = dict(arguments.get(route) or {})
        if given.get("fmt") == "pdf":
            given["fmt"] = "docx"
        found[route] = reverse(route.split(" ")[0], kwargs=given or None)
    return found


def of_these_ballots(votes: Votes) -> dict[str, str]:
    """Pages about the round they were cast in, its activity, its month."""
    cast, own = votes.cast, [votes.round.pk]
    names = ("round", "codes", "venue", "paper")
    found = {f"own {name}": reverse(f"evaluations:{name}", args=own) for name in names}
    for name in ("unit-ballot", "unit-ballot-record"):
        for unit in ("县实验小学", "县交警队", "县财政局"):
            found[f"own {name} {unit}"] = secrecy.unit_url(votes.round, unit, name)
    return found | {
        "own rounds": "/rounds/",
        "own venue of residents": venue_url(votes.round),
        "own slip": code_url(votes.slips[0]),
        "own feedback": f"/feedback/{cast.duties[3].pk}/",
        "own activity": f"/activities/{votes.round.activity_id}/",
        "own month": f"/month/{cast.alliance.code}/2026/3/",
        "own desk": "/",
        "own inbox": "/inbox/",
    }


def shown(votes: Votes, addresses: dict[str, str], people: list[str]) -> tuple[int, list[str]]:
    """How many pages were there for ``people``, and which showed a ballot."""
    looked_at, hits = 0, []
    for part in people:
        client = client_of(votes.cast.users.get(part))
        for route, url in addresses.items():
            if text := secrecy.seen_by(client, url):
                looked_at += 1
                hits += [f"{part} {route} {url} {hit}" for hit in found_in(text)]
    return looked_at, hits


@pytest.mark.parametrize("is_settled", [False, True], ids=["open", "settled"])
def test_no_page_of_these_ballots_shows_one(voted: Votes, frozen: Frozen, is_settled: bool) -> None:
    addresses = of_these_ballots(voted)
    if is_settled:
        settle(voted, frozen)
    looked_at, hits = shown(voted, addresses, ["secretary", "president", "other_liaison"])
    assert hits == []
    assert looked_at >= 20


@pytest.mark.slow
@pytest.mark.parametrize("is_settled", [False, True], ids=["open", "settled"])
def test_no_page_of_the_site_shows_a_ballot_to_anybody(
    voted: Votes, march_slip: Slip, frozen: Frozen, is_settled: bool
) -> None:
    addresses = pages(voted, march_slip)
    if is_settled:
        settle(voted, frozen)
    looked_at, hits = shown(voted, addresses, [*voted.cast.users, "anonymous"])
    assert hits == []
    assert looked_at >= 500


def test_twin_whose_message_tells_a_score_is_found_on_a_page(voted: Votes) -> None:
    mine = Message.objects.filter(recipient=voted.cast.other_liaison.person)
    assert mine.update(subject=f"评分 {SCHOOL.score}", state="sent", sent_at=clock.now())
    looked_at, hits = shown(voted, {"inbox": "/inbox/"}, ["other_liaison"])
    assert looked_at == 1
    assert hits
