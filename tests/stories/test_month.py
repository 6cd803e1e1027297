"""The month of the rotating chair, from slip to published feedback and the comment in the next seminar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser

from alliances.models import Bulletin, Message, User
from alliances.services import appointments
from evaluations.models import Comment, Feedback, Round, UnitMark
from rotation.models import Duty, Slip
from tests import cast as cast_module
from tests.cast import Cast
from tests.conftest import client_of
from tests.stories import month_deeds as deeds
from tests.stories.browsing import DESK, PHONE, OfficeClock, Person, nobody_was_disturbed
from tests.stories.month_deeds import day_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHAIRS_MONTH, OTHERS_MONTH = 30, 6  # fields that a liaison may have to type, by what the design promises


@dataclass
class Town:
    """The cast in front of its browsers."""

    cast: Cast
    browser: Browser
    site: str
    calendar: OfficeClock

    def person(self, user: User, viewport: dict[str, int] = PHONE) -> Person:
        return Person(self.browser, self.site, viewport, client_of(user))

    def duty(self, month: int) -> Duty:
        return self.cast.duties[month]


@pytest.fixture
def town(transactional_db: None, live_server: Any, browser: Browser, calendar: OfficeClock) -> Town:
    """Without the frozen clock of other tests: here the calendar moves for the server and the test alike."""
    return Town(cast_module.build(), browser, live_server.url, calendar)


def live_a_month(
    town: Town,
    duty: Duty,
    chairs: list[Person],
    others: dict[str, Person],
    *,
    by_phone: list[str],
) -> Round:
    """From the slip to the published feedback. ``chairs`` begins with the lead; ``others`` act for their units on
    their phones; the units ``by_phone`` tell the community."""
    staff = town.person(town.cast.staff, DESK)
    slip = Slip.objects.exclude(state="withdrawn").get(duty=duty)
    lead = chairs[0]
    for chair in chairs:
        deeds.sign(chair)
    slip.refresh_from_db()
    assert slip.state == "acknowledged"

    town.calendar.tick(day_at(slip.notice_by - timedelta(days=1), "09:40"))
    deeds.open_notice(lead)
    meeting = deeds.send_notice(lead, duty, "同心社区二楼会议室")
    assert meeting.replies.count() == len(town.cast.members)
    for name, other in others.items():
        deeds.reply(other, opinion=f"{name}门前建议增设座椅")

    town.calendar.tick(day_at(meeting.starts_at, "17:00"))
    deeds.hold(lead, meeting)
    deeds.write_minutes(
        lead, meeting, "商定本月活动安排和分工。", task="准备活动物资", unit=next(iter(others))
    )
    activity = deeds.plan_activity(lead, duty)
    for other in others.values():
        deeds.join(other)
    for name in by_phone:
        deeds.record_joining(staff, activity, name)

    town.calendar.tick(day_at(activity.planned_on, "17:00"))
    deeds.record_activity(lead, activity, beneficiaries=60, summary="现场答疑，发放资料六十份。")
    town.calendar.tick(day_at(activity.planned_on, "17:30"))
    round = Round.objects.get(activity=activity)
    assert round.state == "open"
    for other in others.values():
        deeds.score(other, "很好")
    for name in by_phone:
        deeds.record_ballot(staff, UnitMark.objects.get(round=round, member__unit__name=name), "较好")
    deeds.residents_score(town.browser, town.site, round, "较好")

    deeds.to_results(town.calendar, round)
    president = town.person(town.cast.president)
    deeds.write_feedback(president, "组织有序，群众到得齐。", "会前征求意见还可以再早一些。")
    nobody_was_disturbed(staff, president, *chairs, *others.values())
    return round


def comment_in_the_next_seminar(
    town: Town, duty: Duty, following: Duty, host: Person, *, is_chair: bool = False, on_paper: bool = False
) -> None:
    """The secretary's comment is written once and reaches the next seminar by itself."""
    secretary = town.person(town.cast.secretary, DESK)
    deeds.write_comment(secretary, "本月活动贴近群众，希望下月提前一周发通知。")
    comment = Comment.objects.get(duty=duty)
    assert comment.given_in is None

    town.calendar.tick(day_at(following.starts_on, "08:40"))
    town.calendar.tick(day_at(following.starts_on + timedelta(days=7), "09:40"))
    if is_chair:
        deeds.sign(host)
    meeting = deeds.seminar(following)
    host.go(f"/meetings/{meeting.pk}/write/")
    agenda = host.page.get_by_label("会议议程").input_value()
    assert f"点评{duty.month}月轮值工作" in agenda
    if on_paper:
        meeting = deeds.record_notice(host, following, following.starts_on + timedelta(days=7))
    else:
        meeting = deeds.send_notice(host, following, "同心社区二楼会议室")
    assert f"点评{duty.month}月轮值工作" in str(meeting.paper)
    town.calendar.tick(day_at(meeting.starts_at, "17:00"))
    host.go(f"/meetings/{meeting.pk}/hold/")
    host.page.locator("input[name=came]").first.check()
    host.press("登记到会")
    host.sees("已召开")
    town.calendar.tick(day_at(meeting.starts_at, "17:10"))
    comment.refresh_from_db()
    assert comment.given_in == meeting
    reader = town.person(town.cast.both_liaison)
    assert reader.go(f"/feedback/{duty.pk}/comment/") == 200
    reader.sees("希望下月提前一周发通知")
    nobody_was_disturbed(secretary, host, reader)


def burden_is_kept(lead: Person, others: list[Person]) -> None:
    """What a duty month and an ordinary month ask a liaison to type, counted from the forms that were sent."""
    print(f"\ntyped by the chair's liaison: {lead.typed} {dict(lead.burden)}")
    assert 0 < lead.typed <= CHAIRS_MONTH, lead.burden
    for other in others:
        print(f"typed by another unit's liaison: {other.typed} {dict(other.burden)}")
        assert other.typed <= OTHERS_MONTH, other.burden


def results_are_out(duty: Duty, round: Round) -> None:
    feedback = Feedback.objects.get(duty=duty, state="published")
    assert feedback.paper_hash
    assert Bulletin.objects.filter(kind="feedback", alliance=duty.alliance).exists()
    figures = round.figures["activity"]
    assert figures["score"] is not None
    assert [group["is_used"] for group in figures["groups"]] == [True, True]
    assert not Message.objects.filter(state="failed").exists()


@pytest.mark.slow
def test_a_collective_month(town: Town) -> None:
    cast = town.cast
    town.calendar.tick("2026-03-02T08:40")
    chairs = [town.person(user) for user in (cast.liaison, cast.second_liaison, cast.third_liaison)]
    others = {"县实验小学": town.person(cast.other_liaison), "县交警队": town.person(cast.both_liaison)}
    round = live_a_month(town, town.duty(3), chairs, others, by_phone=["县财政局"])
    results_are_out(town.duty(3), round)
    burden_is_kept(chairs[0], [*chairs[1:], *others.values()])
    comment_in_the_next_seminar(
        town, town.duty(3), town.duty(4), town.person(cast.other_liaison), is_chair=True
    )


def test_a_solo_month(town: Town) -> None:
    cast = town.cast
    town.calendar.tick("2026-04-01T08:40")
    lead = town.person(cast.other_liaison)
    users = {
        "县图书馆": cast.liaison,
        "县文体广电局": cast.second_liaison,
        "县人民医院": cast.third_liaison,
        "县交警队": cast.both_liaison,
    }
    others = {name: town.person(user) for name, user in users.items()}
    round = live_a_month(town, town.duty(4), [lead], others, by_phone=[])
    results_are_out(town.duty(4), round)
    burden_is_kept(lead, list(others.values()))
    comment_in_the_next_seminar(town, town.duty(4), town.duty(5), town.person(cast.secretary, DESK))


@pytest.mark.slow
def test_the_same_month_wholly_from_paper(town: Town) -> None:
    """No unit touches a screen: the community writes down what came on paper, and every paper is there all the same."""
    cast, duty, calendar = town.cast, town.duty(3), town.calendar
    calendar.tick("2026-03-02T08:40")
    appointments.end(cast.president.person.appointments.get(), actor=cast.secretary)
    staff, secretary = town.person(cast.staff, DESK), town.person(cast.secretary, DESK)
    units = ["县财政局", "县农商银行", "县住建局", "县司法局"]

    calendar.tick("2026-03-04T10:00")
    slip = Slip.objects.exclude(state="withdrawn").get(duty=duty)
    deeds.record_receipts(staff, slip)
    slip.refresh_from_db()
    assert slip.state == "acknowledged"
    calendar.tick("2026-03-05T10:00")
    meeting = deeds.record_notice(staff, duty, date(2026, 3, 4))
    for unit in units:
        deeds.record_reply(staff, meeting, unit, opinion="楼道照明不亮" if unit == "县住建局" else "")
    calendar.tick(day_at(meeting.starts_at, "16:00"))
    staff.go(f"/meetings/{meeting.pk}/")
    deeds.hold(staff, meeting, from_desk=False)
    deeds.write_minutes(staff, meeting, "商定三月活动。", task="联系物业检修照明", unit="县住建局")

    calendar.tick("2026-03-23T09:00")
    activity = deeds.record_activity_afterwards(
        staff, duty, date(2026, 3, 20), dict.fromkeys(["县图书馆", *units], 3)
    )
    calendar.tick("2026-03-23T09:10")
    round = Round.objects.get(activity=activity)
    for mark in UnitMark.objects.filter(round=round):
        deeds.record_ballot(staff, mark, "较好")
    assert {mark.via for mark in UnitMark.objects.filter(round=round)} == {"phone"}
    deeds.to_closing(calendar, round)
    sheets = [[18, 17, 16, 12, 20, 22, 21, 20, 23]] * 8 + [[15, 15, 15, 10, 18, 20, 20, 20, 20]] * 2
    deeds.type_sheets(staff, round, sheets, handed_out=15)
    deeds.settle(staff, round)
    counts = round.figures["counts"]
    # 4 units and 15 sheets went out; 4 and 10 + 1 spoilt came back
    assert counts == {"handed_out": 19, "returned": 15, "valid": 14, "abstained": 0, "void": 1}
    deeds.write_feedback(secretary, "组织有序。", "通知可以再早一些。")
    results_are_out(duty, round)
    for paper in ("notice.docx", "replies.pdf", "opinions.docx", "minutes.docx", "minutes.pdf"):
        assert client_of(cast.staff).get(f"/meetings/{meeting.pk}/{paper}").status_code == 200
    comment_in_the_next_seminar(town, duty, town.duty(4), staff, on_paper=True)
    nobody_was_disturbed(staff, secretary)
