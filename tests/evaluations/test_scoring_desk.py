"""What scoring lays on whose desk, and its steps of the month's chain."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliances import clock
from alliances.enums import Role
from alliances.models import Appointment, User
from alliances.registry import ChainStep, MonthView
from evaluations import desk
from evaluations.models import Feedback, Round
from evaluations.services import ballots, comments, feedbacks, rounds
from rotation.services import slips
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.evaluations.scoring import chair, mark, scores


@pytest.fixture
def round(cast: Cast, frozen: Frozen) -> Round:
    slips.issue(cast.duties[3])
    frozen.to("2026-03-20T18:00")
    return scoring.open_round(cast)


def titles(cast: Cast, user: User) -> list[str]:
    return [line.title for line in desk.lines(cast.fresh(user), cast.alliance)]


def chain(cast: Cast, user: User, month: int = 3) -> list[tuple[str, str, str, str]]:
    steps = desk.month_part(MonthView(cast.fresh(user), cast.alliance, 2026, month)).steps
    return [(step.title, step.state, step.detail, step.action) for step in steps]


def settle(cast: Cast, frozen: Frozen) -> Feedback:
    frozen.to("2026-03-27T09:00")
    rounds.run(clock.now())
    rounds.run(clock.now())
    return Feedback.objects.select_related("alliance__organisation", "duty__plan").get()


def test_the_desk_follows_the_month(cast: Cast, round: Round, frozen: Frozen) -> None:
    everybody = {
        name: getattr(cast, name) for name in ("secretary", "president", "staff", "liaison", "other_liaison")
    }

    def desks() -> dict[str, list[str]]:
        return {name: found for name, user in everybody.items() if (found := titles(cast, user))}

    assert desks() == {"other_liaison": ["评议：春季义诊进小区"]}
    (line,) = desk.lines(cast.fresh(cast.other_liaison), cast.alliance)
    assert (line.url, line.state) == (f"/rounds/ballots/{mark(round, '县实验小学').pk}/", "3月25日前")
    scoring.units_vote(cast, round, 90, 90, 90)
    assert desks() == {}
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    entry = ["录入“春季义诊进小区”纸质评议票"]
    assert desks() == {"secretary": entry, "staff": entry}
    feedback = settle(cast, frozen)
    # Three equal ballots: twice a warning, for the secretary alone.
    warned = ["“春季义诊进小区”评议提醒"] * 2
    assert desks() == {"president": ["写3月评议反馈"], "secretary": warned}
    frozen.to("2026-04-02T10:00")
    feedbacks.follow_up(clock.now())
    late = ["3月评议反馈仍未通报"]
    assert desks() == {"president": ["写3月评议反馈"], "secretary": late + warned}
    feedbacks.write(feedback, good="好", mend="", actor=cast.president)
    feedbacks.publish(feedback, actor=cast.president)
    assert desks() == {"secretary": ["写3月轮值工作点评", *warned]}
    comments.write(cast.duties[3], "组织有力。", actor=cast.secretary)
    assert desks() == {"secretary": warned}
    frozen.to("2026-05-02T10:00")
    assert desks() == {}


def test_without_a_president_the_feedback_is_on_the_secretarys_desk(
    cast: Cast, round: Round, frozen: Frozen
) -> None:
    Appointment.objects.filter(role=Role.PRESIDENT).update(ends_on=date(2026, 3, 1))
    settle(cast, frozen)
    assert titles(cast, cast.secretary) == ["写3月评议反馈"]


def test_nobody_of_another_alliance_has_anything_of_it(cast: Cast, round: Round, frozen: Frozen) -> None:
    settle(cast, frozen)
    for user in (cast.foreign_secretary, cast.foreign_liaison, cast.auditor, cast.administrator, cast.street):
        assert titles(cast, user) == []


def test_the_chain_follows_the_month(cast: Cast, round: Round, frozen: Frozen) -> None:
    assert chain(cast, cast.other_liaison) == [
        ("评议：春季义诊进小区", "now", "0/3 家单位、0 位居民已评，3月25日截止", "去评议"),
        ("评议反馈", "ahead", "最迟4月2日", ""),
        ("书记点评", "ahead", "下次研讨会通报", ""),
    ]
    scoring.units_vote(cast, round, 90, 84, 87)
    scoring.residents_vote(cast, round, *[80] * 5, *[90] * 5)
    assert chain(cast, cast.other_liaison)[0][2:] == ("3/3 家单位、10 位居民已评，3月25日截止", "")
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    assert chain(cast, cast.staff)[0][1:] == (
        "now",
        "3/3 家单位、10 位居民已评，已截止，待出结果",
        "录入纸质票",
    )
    feedback = settle(cast, frozen)
    assert chain(cast, cast.president) == [
        ("评议：春季义诊进小区", "done", "85.8分（良好，有效13票，±2.4）", ""),
        ("评议反馈", "now", "最迟3月30日", "去写"),
        ("书记点评", "ahead", "下次研讨会通报", ""),
    ]
    frozen.to("2026-03-31T09:00")
    assert chain(cast, cast.liaison)[1] == ("评议反馈", "late", "最迟3月30日", "")
    feedbacks.write(feedback, good="好", mend="", actor=cast.president)
    feedbacks.publish(feedback, actor=cast.president)
    assert chain(cast, cast.secretary)[1:] == [
        ("评议反馈", "done", "3月31日通报", ""),
        ("书记点评", "now", "下次研讨会通报", "去写"),
    ]
    comments.write(cast.duties[3], "组织有力。", actor=cast.secretary)
    assert chain(cast, cast.liaison)[2] == ("书记点评", "now", "已写好，待下次研讨会通报", "")
    frozen.to("2026-04-10T18:00")
    scoring.seminar(cast, 4, "2026-04-10T15:00", "held")
    comments.settle_given(clock.now())
    assert chain(cast, cast.liaison)[2] == ("书记点评", "done", "4月10日研讨会通报", "")


def test_before_the_activity_the_chain_shows_the_slips_dates(cast: Cast, frozen: Frozen) -> None:
    assert desk.month_part(MonthView(cast.staff, cast.alliance, 2026, 3)).steps == []  # no slip yet
    slips.issue(cast.duties[3])
    first, second, _ = desk.month_part(MonthView(cast.staff, cast.alliance, 2026, 3)).steps
    assert (first.title, first.state, first.detail, first.due) == (
        "评议打分",
        "ahead",
        "最迟3月30日",
        "2026-03-30",
    )
    assert (second.title, second.detail, second.due) == ("评议反馈", "最迟4月2日", "2026-04-02")
    frozen.to("2026-03-18T09:00")
    rounds.prepare(scoring.held(cast, state="planned"))
    step: ChainStep = desk.month_part(MonthView(cast.staff, cast.alliance, 2026, 3)).steps[0]
    assert (step.action, step.url) == ("准备评议票", f"/rounds/{Round.objects.get().pk}/")
    assert desk.month_part(MonthView(cast.liaison, cast.alliance, 2026, 3)).steps[0].action == ""


def queries(cast: Cast, user: User) -> int:
    user = cast.fresh(user)
    with CaptureQueriesContext(connection) as captured:
        desk.month_part(MonthView(user, cast.alliance, 2026, 3))
        desk.lines(user, cast.alliance)
    return len(captured)


def test_more_rounds_cost_no_more_queries(cast: Cast, round: Round) -> None:
    before = {
        name: queries(cast, getattr(cast, name)) for name in ("other_liaison", "secretary", "president")
    }
    for n in range(3):
        scoring.open_round(cast, title=f"第{n}场")
    after = {name: queries(cast, getattr(cast, name)) for name in before}
    assert after == before
    # The desk's card and the month's steps together; one of them is the user's appointments.
    assert max(after.values()) <= 12


def test_a_successor_takes_over_the_votes(cast: Cast, round: Round) -> None:
    assert desk.hand_over_tasks(cast.members["县实验小学"]) == ["评议“春季义诊进小区”"]
    ballots.cast_unit(mark(round, "县实验小学"), scores(90), chair(90), actor=cast.other_liaison)
    assert desk.hand_over_tasks(cast.members["县实验小学"]) == []
