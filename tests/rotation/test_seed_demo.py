"""``manage.py seed_demo``: the county as its README counts it, a quarter lived whole, passwords told once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from alliances import clock
from alliances.enums import Role
from alliances.models import (
    Alliance,
    Bulletin,
    DemoClock,
    LogEntry,
    Member,
    Message,
    Organisation,
    Unit,
    User,
)
from alliances.registry import registries
from alliances.services import demo_clock
from demands.models import (
    Acceptance,
    Author,
    Booking,
    CallBack,
    Claim,
    Demand,
    Extension,
    IntakePoint,
    Offer,
    Resource,
)
from evaluations.enums import FeedbackState, RoundState
from evaluations.models import (
    AwardList,
    Ballot,
    Comment,
    Feedback,
    PaperBatch,
    Round,
    TwoWay,
    UnitMark,
    YearSummary,
)
from evaluations.services import demo
from rotation import desk
from rotation.enums import MeetingKind, MeetingState, PlanState, SlipState, SwapState
from rotation.models import Activity, Duty, Meeting, Opinion, Photo, Plan, Receipt, Reply, Slip, Swap, Wish
from rotation.selectors import month
from tests.factories import people

LOGIN = re.compile(r"^  (\S+) +(\S+) +(\S+) +(1[39]\d{9}) +(\S{14})$", re.MULTILINE)
STAGE = "同心社区"


@pytest.fixture
def demo_mode(db: None, settings: Any) -> Iterator[None]:
    """The demo's setting and its clock, as ``DEMO=1`` wires them."""
    settings.DEMO = True
    clock.use_shift(demo_clock.shift)
    yield
    clock.use_shift(None)
    demo_clock._cached = None


def rows() -> dict[str, int]:
    models = (
        Organisation,
        Unit,
        Member,
        User,
        Plan,
        Slip,
        Swap,
        Message,
        LogEntry,
        Meeting,
        Activity,
        Ballot,
        Demand,
        Claim,
    )
    return {model.__name__: model.objects.count() for model in models}


def test_seed_demo_without_the_demo_setting_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("seed_demo")
    assert not Organisation.objects.exists()


def test_seed_demo_into_a_database_in_use_is_refused(demo_mode: None) -> None:
    people.place("真实的县")
    with pytest.raises(CommandError, match="只装入空库"):
        call_command("seed_demo")
    assert Organisation.objects.count() == 1


def test_seed_demo_that_fails_leaves_nothing(demo_mode: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rotation.services.demo.county.STAGE", "没有这个社区")
    with pytest.raises(KeyError):
        call_command("seed_demo")
    assert set(rows().values()) == {0}
    assert not DemoClock.objects.exists()


@pytest.mark.slow
def test_seed_demo_lives_the_first_quarter_and_is_kept(
    demo_mode: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("seed_demo")
    printed = capsys.readouterr().out

    # The county as its README counts it.
    assert (Organisation.objects.count(), Unit.objects.count(), Member.objects.count()) == (61, 70, 74)
    assert Wish.objects.count() == 70
    assert Counter(Plan.objects.values_list("year", "state")) == {
        (2025, PlanState.CLOSED): 8,
        (2026, PlanState.PASSED): 8,
    }
    for plan in Plan.objects.filter(year=2026):
        assert (plan.passed_on.isoformat(), plan.passed_meeting) == ("2025-12-30", "年度全体联席会")

    # Three months of eight slips, two of them replaced; the states a visitor should find.
    states = Counter(Slip.objects.values_list("state", flat=True))
    assert states == {
        SlipState.ACKNOWLEDGED: 22,
        SlipState.WITHDRAWN: 2,
        SlipState.UNACKNOWLEDGED: 1,
        SlipState.ISSUED: 1,
    }
    assert Slip.objects.filter(escalated_at__isnull=False).count() == 4
    assert Counter(Swap.objects.values_list("state", flat=True)) == {
        SwapState.FILED: 3,
        SwapState.REFUSED: 1,
        SwapState.CANCELLED: 1,
        SwapState.AGREED: 1,
        SwapState.ASKED: 1,
    }
    assert set(Receipt.objects.exclude(via="").values_list("via", flat=True)) == {"screen", "paper", "phone"}
    assert {check.name: check.find() for check in registries.integrity if check.find()} == {}
    assert not Message.objects.exclude(state="sent").exists()

    _months_were_lived()
    _lists_are_the_countys()
    _demands_were_lived()
    _march_is_in_the_middle_of_things()
    _last_year_was_ended()
    _passwords_are_told_once(printed)
    _desks_have_work()
    _every_kind_of_work_lies_on_a_desk(printed)
    _second_run_keeps_everything(capsys)
    _the_next_working_day_brings_april()


def _passwords_are_told_once(printed: str) -> None:
    logins = LOGIN.findall(printed)
    assert [role for role, *_ in logins] == [
        "系统管理员",
        "审计员",
        "县级办公室",
        "街道办公室",
        "社区书记",
        "社区工作人员",
        "会长",
        "站点负责人",
        "单位联络员（本月轮值）",
        "单位联络员（下月轮值）",
        "单位负责人",
    ]
    for _, name, _, phone, password in logins:
        user = User.objects.get(phone=phone)
        assert user.person.name == name
        assert user.check_password(password)
        assert not user.must_change_password
    held = {role for _, _, _, phone, _ in logins for role in _roles(User.objects.get(phone=phone))}
    assert held == set(Role.values)
    assert len({password for *_, password in logins}) == len(logins)


def _months_were_lived() -> None:
    """January and February from slip to feedback in all eight communities, and the comment given in a later seminar."""
    past = Duty.objects.filter(plan__year=2026, month__lte=2)
    assert past.count() == 16
    seminars = Meeting.objects.filter(duty__in=past).exclude(state=MeetingState.CANCELLED)
    assert set(seminars.values_list("state", flat=True)) == {MeetingState.MINUTED}
    assert Activity.objects.filter(duty__in=past, state="recorded").count() == 16
    assert Feedback.objects.filter(duty__in=past, state=FeedbackState.PUBLISHED).count() == 16
    assert Comment.objects.filter(given_in__isnull=False).count() >= 8
    for round in Round.objects.filter(duty__in=past):
        assert round.figures["activity"]["score"], round
        assert round.figures["activity"]["n"] >= 15
    replies = Counter(Reply.objects.values_list("state", flat=True))
    assert replies["attending"] > 100
    assert min(replies["leave"], replies["waiting"], Opinion.objects.count()) > 10
    assert set(Reply.objects.exclude(via="").values_list("via", flat=True)) == {"screen", "paper", "phone"}
    assert set(UnitMark.objects.exclude(via="").values_list("via", flat=True)) >= {"screen", "paper"}
    assert PaperBatch.objects.count() >= 6
    assert Photo.objects.count() == 2
    assert set(Bulletin.objects.values_list("kind", flat=True)) == {"news", "task", "plan", "feedback"}
    for activity in Activity.objects.filter(state="recorded"):
        assert activity.participations.filter(is_chair=True, heads__gt=0).exists()
        assert activity.beneficiaries


def _lists_are_the_countys() -> None:
    """Beside what was lived, the county's four lists to the number."""
    history = Demand.objects.filter(imported_at__isnull=False)
    assert (Resource.objects.count(), history.count()) == (75, 232)
    assert Claim.objects.filter(imported_at__isnull=False).count() == 304
    assert Acceptance.objects.filter(imported_at__isnull=False).count() == 275
    assert Counter(history.values_list("state", flat=True)) == {
        "closed": 188,
        "open": 12,
        "claimed": 27,
        "served": 5,
    }


def _demands_were_lived() -> None:
    """Every state of the loop's rows is there to be looked at, from every door, and every community has had demands."""
    lived = Demand.objects.filter(imported_at=None)
    assert Counter(lived.values_list("state", flat=True)) == {
        "closed": 15,
        "claimed": 14,
        "open": 7,
        "submitted": 7,
        "served": 1,
        "declined": 1,
        "merged": 1,
        "withdrawn": 1,
        "unresolved": 1,
    }
    sources = {"online", "opinion_box", "hotline", "visit", "wish", "station", "unit"}
    assert set(lived.values_list("source", flat=True)) == sources
    assert lived.values("alliance").distinct().count() == 8
    shared = lived.filter(shared_to__isnull=False).values_list("shared_to__level", "is_sensitive")
    assert set(shared) == {("street", False), ("county", True)}
    mine = Claim.objects.filter(demand__in=lived)
    states = {"taken", "in_service", "delivered", "returned", "accepted", "handed_back"}
    assert set(mine.values_list("state", flat=True)) == states
    assert set(mine.values_list("part", flat=True)) == {"lead", "joint"}
    assert set(mine.values_list("via", flat=True)) == {"screen", "phone"}
    assert mine.filter(contact_released_at__isnull=False).count() == 2
    assert mine.filter(reopened_at__isnull=False).count() == 2
    visits = Acceptance.objects.filter(claim__in=mine)
    assert set(visits.values_list("verdict", flat=True)) == {"passed", "mended", "failed"}
    assert set(visits.values_list("via", flat=True)) == {"screen", "paper"}
    answers = CallBack.objects.filter(acceptance__in=visits)
    assert set(answers.values_list("method", flat=True)) == {"phone", "on_site", "link", ""}
    assert set(Offer.objects.values_list("state", flat=True)) == {"offered", "taken", "declined", "lapsed"}
    assert set(Extension.objects.values_list("state", flat=True)) == {"asked", "granted"}
    assert set(Booking.objects.values_list("state", flat=True)) == {"asked", "confirmed", "declined", "used"}
    assert IntakePoint.objects.filter(closed_at=None).count() == 22
    # Fictional people only: the phones of the blocks that nobody has.
    phones = [author.phone for author in Author.objects.all() if author.phone]
    assert all(phone.startswith(("1380000", "1390000")) for phone in phones)


def _march_is_in_the_middle_of_things() -> None:
    stage = Alliance.objects.get(organisation__name=STAGE)
    rounds = Round.objects.filter(alliance=stage, duty__month=3).values_list("state", flat=True)
    assert set(rounds) == {RoundState.PREPARED, RoundState.OPEN, RoundState.CLOSED}
    others = Meeting.objects.filter(alliance=stage).exclude(kind=MeetingKind.SEMINAR)
    assert set(others.values_list("state", flat=True)) == {"planned", "noticed", "held", "minuted"}
    elsewhere = Duty.objects.filter(plan__year=2026, month=3).exclude(alliance=stage)
    assert elsewhere.filter(feedbacks__state=FeedbackState.PUBLISHED).count() >= 2
    assert elsewhere.filter(feedbacks__state=FeedbackState.DRAFT).exists()
    assert elsewhere.filter(activities=None).count() == 2


def _last_year_was_ended() -> None:
    """2025 in five communities: units scored, representatives marked, awards given with their basis; without reports the
    yearly summary says so, and one list of awards still waits for its secretary."""
    evaluations = list(TwoWay.objects.filter(year=2025, state="published"))
    assert len(evaluations) == 5
    for one in evaluations:
        assert one.figures["community"]["score"], one
        assert all(item["score"] for unit in one.figures["units"] for item in unit["items"]), one
    assert Counter(AwardList.objects.filter(year=2025).values_list("state", flat=True)) == {
        "published": 4,
        "draft": 1,
    }
    for given in AwardList.objects.filter(state="published"):
        assert "认领项目按时完成率" in str(given.paper), given
    assert [one.figures["reports"] for one in YearSummary.objects.filter(state="published")] == [0] * 5


def _every_kind_of_work_lies_on_a_desk(printed: str) -> None:
    """Whoever tries the demo finds each kind of line with somebody whose password was told, and no flood of reports."""
    stage = Alliance.objects.get(organisation__name=STAGE)
    actions: set[str] = set()
    for _, _, _, phone, _ in LOGIN.findall(printed):
        user = User.objects.get(phone=phone)
        lines = [line for card in registries.desk_cards for line in card.lines(user, stage)]
        actions |= {line.action for line in lines}
        assert sum(line.state == "已报书记" for line in lines) <= 2, [line.title for line in lines]
    assert actions >= {
        "查看并签收",
        "查看，可代录签收",
        "查看并回复",
        "查看并备案",
        "写通知单",
        "查看回执",
        "登记到会",
        "写纪要",
        "回复",
        "报办理情况",
        "登记举办",
        "填写记录",
        "去评议",
        "去录入",
        "去写",
        "去受理",
        "去跟进",
        "去答复",
        "去验收",
        "打开回访名单",
        "填进展或报完成",
        "查看并答复",
    }
    secretary = User.objects.get(
        person__appointments__organisation=stage.organisation, person__appointments__role=Role.SECRETARY
    )
    march = Duty.objects.select_related("plan", "alliance__organisation").get(
        alliance=stage, plan__year=2026, month=3
    )
    assert len(month.chain(secretary, march)) >= 8


def _roles(user: User) -> list[str]:
    return [appointment.role for appointment in user.current_appointments]


def _desks_have_work() -> None:
    stage = Alliance.objects.get(organisation__name=STAGE)
    march = Slip.objects.get(alliance=stage, duty__month=3)
    waiting = Receipt.objects.get(slip=march, signed_at=None)
    liaison = User.objects.get(
        person__appointments__member=waiting.member, person__appointments__role=Role.LIAISON
    )
    assert [line.title for line in desk.lines(liaison, stage)] == ["签收3月轮值主席提醒单"]
    secretary = User.objects.get(
        person__appointments__organisation=stage.organisation, person__appointments__role=Role.SECRETARY
    )
    lines = {line.action: line.title for line in desk.lines(secretary, stage)}
    assert lines["查看并备案"].startswith("调换：")
    assert lines["查看，可代录签收"].endswith("仍未签收")


def _second_run_keeps_everything(capsys: pytest.CaptureFixture[str]) -> None:
    before = rows()
    call_command("seed_demo")
    again = capsys.readouterr().out
    assert again == "演示数据已在，保持不变；演示时钟 2026-03-31 09:00。\n"
    assert rows() == before


def _the_next_working_day_brings_april() -> None:
    assert f"{clock.now():%Y-%m-%d %H:%M}" == "2026-03-31 09:00"
    done = demo_clock.advance("workday")
    assert f"{clock.now():%Y-%m-%d %H:%M}" == "2026-04-01 09:00"
    assert sum(line.startswith("发出") and "4月" in line for line in done) == 8
    assert Slip.objects.filter(duty__month=4, state=SlipState.ISSUED).count() == 8
    assert not Slip.objects.filter(duty__month=3, state=SlipState.ISSUED).exists()


@pytest.mark.slow
def test_demo_seeds_the_same_story_every_time(demo_mode: None) -> None:
    stories = []
    for _ in range(2):
        with transaction.atomic():
            demo.seed()
            stories.append(
                [
                    list(Slip.objects.order_by("pk").values_list("number", "paper_hash", "issued_at")),
                    list(Receipt.objects.order_by("slip", "order").values_list("signed_at", "via")),
                    list(User.objects.order_by("pk").values_list("phone", flat=True)),
                    list(Meeting.objects.order_by("pk").values_list("number", "paper_hash", "minutes_hash")),
                    list(Activity.objects.order_by("pk").values_list("title", "held_on", "beneficiaries")),
                    list(Round.objects.order_by("pk").values_list("figures", "closes_on")),
                    list(Feedback.objects.order_by("pk").values_list("good", "published_at")),
                    list(Bulletin.objects.order_by("pk").values_list("title", "published_at")),
                    list(Demand.objects.order_by("pk").values_list("number", "state", "created_at")),
                    list(Claim.objects.order_by("pk").values_list("state", "claimed_at", "due_on")),
                ]
            )
            transaction.set_rollback(True)
    assert stories[0] == stories[1]
