"""A unit's ballot on the phone, and written down by staff: one page, one vote, no scores shown again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alliances import clock
from alliances.models import LogEntry, User
from evaluations.arithmetic import LEVELS, level_points
from evaluations.models import Ballot, Round, UnitMark
from evaluations.selectors.rounds import ballot_rows
from evaluations.services import rounds
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.evaluations.ballot_forms import answers, has_voted, hidden, opened, unit_url, vote

ClientFor = Callable[[User | None], Client]
UNIT = "县实验小学"


@pytest.fixture
def round(cast: Cast, frozen: Frozen) -> Round:
    frozen.to("2026-03-20T18:00")
    return scoring.open_round(cast)


@pytest.fixture
def client(cast: Cast, client_for: ClientFor) -> Client:
    return client_for(cast.other_liaison)


def test_five_words_are_fifths_that_agree_with_the_grades() -> None:
    assert [level_points(level, 15) for level, _ in LEVELS] == [15, 12, 9, 6, 3]
    assert [level_points(level, 100) for level, _ in LEVELS] == [100, 80, 60, 40, 20]
    for weight in range(1, 101):
        given = [level_points(level, weight) for level, _ in LEVELS]
        assert given == sorted(given, reverse=True)
        assert given[0] == weight and given[-1] >= 0


def test_liaison_votes_on_one_page_and_is_thanked_without_scores(round: Round, client: Client) -> None:
    url = unit_url(round, UNIT)
    page = client.get(url).content.decode()
    assert page.count('type="radio"') == 9 * 6
    assert "春季义诊进小区" in page and "县图书馆、县文体广电局、县人民医院" in page
    assert "data-draft" not in page  # what was tapped is not kept in the browser either
    answer = vote(client, url, "54321", "5043")
    assert (answer.status_code, answer.headers["Location"]) == (302, url)
    assert "no-store" in client.get(url).headers["Cache-Control"]
    thanks = client.get(url).content.decode()
    assert "评议已收到" in thanks and "3月20日" in thanks
    assert "radio" not in thanks and "checked" not in thanks
    assert ballot_rows([round.pk], "activity")["units"] == [
        {"theme": 20, "planning": 16, "cooperation": 12, "attendance": 6, "effect": 5}
    ]
    assert ballot_rows([round.pk], "chair")["units"] == [
        {"notice": 25, "seminar": None, "liaison": 20, "style": 15}
    ]


def test_the_same_form_again_gets_the_same_answer_and_another_is_refused(
    round: Round, client: Client
) -> None:
    url = unit_url(round, UNIT)
    form = opened(client, url) | answers("55555", "5555")
    for _ in range(3):
        assert client.post(url, form).headers["Location"] == url
    other = client.post(url, form | {"form_key": "another-form-of-16"})
    assert other.status_code == 409
    assert "已经评过" in other.content.decode()
    assert Ballot.objects.count() == 2


def test_every_form_has_a_key_of_its_own(round: Round, client: Client) -> None:
    url = unit_url(round, UNIT)
    keys = {opened(client, url)["form_key"] for _ in range(5)}
    assert len(keys) == 5


def test_chair_part_can_be_left_out_and_all_can_be_abstained_from(
    cast: Cast, round: Round, client: Client, client_for: ClientFor
) -> None:
    assert vote(client, unit_url(round, UNIT), "44444", None).status_code == 302
    assert ballot_rows([round.pk], "chair")["units"] == [dict.fromkeys(scoring.CHAIR)]
    other = client_for(cast.both_liaison)
    url = unit_url(round, "县交警队")
    assert other.post(url, opened(other, url) | {"abstain": "1"}).status_code == 302
    assert dict.fromkeys(scoring.ACTIVITY) in ballot_rows([round.pk], "activity")["units"]


def test_left_out_wins_over_what_was_tapped_in_the_part(round: Round, client: Client) -> None:
    assert vote(client, unit_url(round, UNIT), "44444", "1111", skip_chair="1").status_code == 302
    assert ballot_rows([round.pk], "chair")["units"] == [dict.fromkeys(scoring.CHAIR)]


def test_missing_answers_are_named_and_what_was_tapped_stays(round: Round, client: Client) -> None:
    url = unit_url(round, UNIT)
    form = opened(client, url) | answers("43210", "5555")
    del form["activity-planning"], form["chair-style"]
    answer = client.post(url, form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "还有 2 项没有选" in page
    assert 'href="#activity-planning"' in page and 'id="activity-planning"' in page
    assert page.count(" checked") == 7
    assert hidden(page)["form_key"] == form["form_key"]
    assert not has_voted(round, UNIT)


@pytest.mark.parametrize("value", ["6", "-1", "20", "5.0", "", "五", "5\0", "x" * 10_000, "５"])
def test_what_no_button_sends_is_refused(round: Round, client: Client, value: str) -> None:
    answer = vote(client, unit_url(round, UNIT), **{"activity-theme": value})
    assert answer.status_code == 422
    assert not Ballot.objects.exists() and not has_voted(round, UNIT)


def test_fields_beside_the_rubric_are_left_out_of_account(round: Round, client: Client) -> None:
    more = {"activity-extra": "5", "activity": "100", "scores": '{"theme": 99}', "group": "residents"}
    assert vote(client, unit_url(round, UNIT), **more).status_code == 302
    assert set(ballot_rows([round.pk], "activity")["units"][0]) == set(scoring.ACTIVITY)
    assert not Ballot.objects.filter(group="residents").exists()


@pytest.mark.parametrize("key", ["", "short", "k" * 65, "<script>alert(1)</script>", "空" * 20, "a\0" * 10])
def test_a_form_key_that_is_none_of_ours_is_no_key(round: Round, client: Client, key: str) -> None:
    url = unit_url(round, UNIT)
    assert vote(client, url, form_key=key).status_code == 302
    assert UnitMark.objects.get(round=round, member__unit__name=UNIT).form_hash == ""
    assert vote_again(client, url, key) == 409


def vote_again(client: Client, url: str, key: str) -> int:
    return int(client.post(url, answers("55555", "5555") | {"form_key": key}).status_code)


def test_a_post_without_the_forms_token_is_refused(cast: Cast, round: Round) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.other_liaison, backend="allauth.account.auth_backends.AuthenticationBackend")
    form = opened(strict, unit_url(round, UNIT)) | answers("55555", "5555")
    token = form.pop("csrfmiddlewaretoken")
    assert strict.post(unit_url(round, UNIT), form).status_code == 403
    assert not Ballot.objects.exists()
    assert strict.post(unit_url(round, UNIT), form | {"csrfmiddlewaretoken": token}).status_code == 302


def test_who_sees_and_who_may(cast: Cast, round: Round, client_for: ClientFor) -> None:
    url, paper = unit_url(round, UNIT), unit_url(round, UNIT, "unit-ballot-record")
    statuses = {
        part: (client_for(user).get(url).status_code, client_for(user).get(paper).status_code)
        for part, user in cast.users.items()
    }
    assert statuses.pop("other_liaison") == (200, 403)
    assert [statuses.pop(part) for part in ("secretary", "staff")] == [(403, 200)] * 2
    outside = ("administrator", "auditor", "other_street", "foreign_secretary", "foreign_liaison")
    assert [statuses.pop(part) for part in outside] == [(404, 404)] * 5
    assert set(statuses.values()) == {(403, 403)}
    assert "/accounts/login/" in client_for(None).get(url).headers["Location"]


def test_before_and_after_the_round_the_page_says_so(
    cast: Cast, round: Round, client: Client, frozen: Frozen
) -> None:
    early = rounds.prepare(scoring.held(cast, title="第二场", state="planned"))
    UnitMark.objects.create(round=early, duty=early.duty, member=cast.members[UNIT])
    url = unit_url(early, UNIT)
    assert "还没有开始" in client.get(url).content.decode()
    assert client.post(url, answers("55555", "5555")).status_code == 409
    late = unit_url(round, UNIT)
    form = opened(client, late) | answers("55555", "5555")
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    assert "已于3月25日截止" in client.get(late).content.decode()
    assert client.post(late, form).status_code == 410
    assert not Ballot.objects.exists()


def test_ballots_of_an_activity_that_was_called_off_are_gone(round: Round, client: Client) -> None:
    type(round.activity).objects.filter(pk=round.activity_id).update(state="cancelled")
    assert client.get(unit_url(round, UNIT)).status_code == 404
    assert client.post(unit_url(round, UNIT), answers("55555", "5555")).status_code == 404


# --- written down by staff ----------------------------------------------------------------------------------------


def test_staff_write_down_a_paper_ballot(cast: Cast, round: Round, client_for: ClientFor) -> None:
    staff = client_for(cast.staff)
    url = unit_url(round, "县财政局", "unit-ballot-record")
    page = staff.get(url).content.decode()
    assert 'value="县财政局联络员"' in page  # filled in: nothing to type
    assert "16分" in page
    form = hidden(page) | answers("54543", None) | {"voter_name": "李科长", "via": "phone"}
    for _ in range(2):
        answer = staff.post(url, form)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/rounds/{round.pk}/")
    row = UnitMark.objects.get(round=round, member__unit__name="县财政局")
    assert (row.via, row.voter_name, row.recorded_by) == ("phone", "李科长", cast.staff)
    assert LogEntry.objects.filter(action="evaluations.ballot.record").count() == 1
    assert Ballot.objects.count() == 2
    again = staff.get(url)
    assert (again.status_code, again.headers["Location"]) == (302, f"/rounds/{round.pk}/")


def test_written_down_ballots_have_no_points_that_a_screen_cannot_give(
    cast: Cast, round: Round, client: Client, client_for: ClientFor
) -> None:
    """Seventeen of twenty could only be the one from paper."""
    pages = {
        client.get(unit_url(round, UNIT)).content.decode(),
        client_for(cast.staff).get(unit_url(round, "县财政局", "unit-ballot-record")).content.decode(),
    }
    values = [sorted(set(re.findall(r'name="activity-\w+" value="(\w+)"', page))) for page in pages]
    assert values == [["0", "1", "2", "3", "4", "5"]] * 2


@pytest.mark.parametrize(
    "wrong", [{"voter_name": " "}, {"voter_name": "李" * 41}, {"via": "screen"}, {"via": ""}]
)
def test_incomplete_records_come_back_with_what_was_filled_in(
    cast: Cast, round: Round, client_for: ClientFor, wrong: dict[str, str]
) -> None:
    staff, url = client_for(cast.staff), unit_url(round, "县财政局", "unit-ballot-record")
    form = opened(staff, url) | answers("54543", "3333") | {"voter_name": "李科长", "via": "paper"} | wrong
    answer = staff.post(url, form)
    assert answer.status_code == 422
    assert answer.content.decode().count(" checked") >= 9
    assert not has_voted(round, "县财政局")


# --- queries ------------------------------------------------------------------------------------------------------


def queries(client: Client, url: str) -> list[str]:
    for _ in range(2):
        cache.clear()
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
    return [query["sql"] for query in found]


@pytest.mark.parametrize("guests", [("县实验小学",), ("县实验小学", "县交警队", "县财政局")])
def test_queries_of_the_pages(
    cast: Cast, frozen: Frozen, client: Client, client_for: ClientFor, guests: tuple[str, ...]
) -> None:
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast, guests=guests)
    ballot = queries(client, unit_url(round, UNIT))
    written = queries(client_for(cast.staff), unit_url(round, UNIT, "unit-ballot-record"))
    assert (len(ballot), len(written)) == (7, 8), "\n".join(sql[:150] for sql in [*ballot, *written])
