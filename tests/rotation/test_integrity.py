"""``check_integrity``: each contradiction that somebody's hand in the database could make is found and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from alliances import clock
from alliances.enums import Level, MessageState, Role
from alliances.models import Alliance, Appointment, Member, Message, NumberSeries, Organisation
from alliances.registry import registries
from alliances.services import audit, membership
from rotation.enums import PlanState, SlipState
from rotation.models import DutyChair, Plan, Receipt, Slip, Swap
from rotation.services import slips, swaps
from tests.cast import Cast
from tests.factories import people


def found() -> list[str]:
    return [sentence for check in registries.integrity for sentence in check.find()]


@pytest.fixture
def sound(cast: Cast) -> Cast:
    """The cast with a past that went through the services: nothing contradicts anything."""
    Receipt.objects.all().delete()
    Slip.objects.all().delete()
    NumberSeries.objects.all().delete()
    Plan.objects.update(start_month=3)
    cast.plan.duties.filter(month__lt=3).delete()
    for plan in (cast.plan, cast.foreign_plan):
        _log_state(plan)
    slip = slips.issue(cast.duties[3])
    for receipt in slip.receipts.all():
        user = {
            "县图书馆": cast.liaison,
            "县文体广电局": cast.second_liaison,
            "县人民医院": cast.third_liaison,
        }[receipt.member.unit.name]
        slips.acknowledge(Receipt.objects.get(pk=receipt.pk), actor=user)
    slips.issue(cast.foreign_duties[3])
    assert found() == []
    return cast


def _log_state(plan: Plan) -> None:
    audit.record("rotation.plan.pass", plan, actor=None, after=plan.state)


def march(cast: Cast) -> Slip:
    return Slip.objects.get(alliance=cast.alliance)


BREAKAGES: dict[str, tuple[Callable[[Cast], object], str]] = {
    "path of a node": (
        lambda cast: Organisation.objects.filter(pk=cast.community.pk).update(path="01/09/01/"),
        "同心社区的路径 01/09/01/ 与编码 01-01-01 对不上",
    ),
    "code under the wrong parent": (
        lambda cast: Organisation.objects.filter(pk=cast.station_place.pk).update(
            code="01-02-07", path="01/02/07/"
        ),
        "清风小区服务站的编码 01-02-07 不在上级同心社区（01-01-01）之下",
    ),
    "level under its like": (
        lambda cast: Organisation.objects.filter(pk=cast.community.pk).update(level=Level.STREET),
        "同心社区（街道）不应在街道之下",
    ),
    "code of an alliance": (
        lambda cast: Alliance.objects.filter(pk=cast.alliance.pk).update(code="x"),
        "同心社区党建联盟的编码 x 与组织编码 01-01-01 不同",
    ),
    "secretary of a station": (
        lambda cast: people.appoint(people.contact("错任"), Role.SECRETARY, cast.station_place),
        "社区书记不能任在清风小区服务站（小区服务站）",
    ),
    "office at a community": (
        lambda cast: people.appoint(people.contact("错任"), Role.OFFICE, cast.community),
        "上级办公室不能任在同心社区（社区）",
    ),
    "administrator and auditor in one": (
        lambda cast: people.appoint(cast.administrator.person, Role.AUDITOR, cast.county_place),
        "同时是系统管理员和审计员",
    ),
    "post that outlived the membership": (
        lambda cast: (
            Member.objects.filter(pk=cast.members["县供水公司"].pk).update(left_on=clock.today())
            and people.appoint(people.contact("留守"), Role.LIAISON, cast.members["县供水公司"])
        ),
        "县供水公司已退出联盟，任职还没有结束",
    ),
    "message stuck with a dead sender": (
        lambda cast: Message.objects.filter(pk=Message.objects.earliest("pk").pk).update(
            state=MessageState.SENDING, leased_until=clock.machine_time() - timedelta(hours=1)
        ),
        "号消息停在“发送中”，没有程序在发送",
    ),
    "message sent at no time": (
        lambda cast: Message.objects.filter(pk=Message.objects.earliest("pk").pk).update(
            state=MessageState.SENT, sent_at=None
        ),
        "号消息已发送，却没有发送时间",
    ),
    "state moved past the engine": (
        lambda cast: Plan.objects.filter(pk=cast.plan.pk).update(state=PlanState.CLOSED),
        "是“已归档”，日志里是“已通过”",
    ),
    "state nobody logged": (
        lambda cast: Plan.objects.create(alliance=cast.alliance, year=2027),
        "是“草稿”，日志里是“没有记录”",
    ),
    "passed without a meeting": (
        lambda cast: Plan.objects.filter(pk=cast.plan.pk).update(passed_meeting=""),
        "已通过，却没有通过会议或日期",
    ),
    "passed with a month missing": (
        lambda cast: DutyChair.objects.filter(duty=cast.duties[8]).delete(),
        "已通过，8月没有轮值主席",
    ),
    "slip missing for a month that is over": (
        lambda cast: (
            Plan.objects.filter(pk=cast.foreign_plan.pk).update(start_month=2)
            and cast.foreign_plan.duties.create(
                alliance=cast.foreign_alliance, month=2, ends_on="2026-02-28"
            ).chairs.create(member=cast.foreign_members["县法院"])
        ),
        "清河社区党建联盟2026年2月已过，还没有提醒单",
    ),
    "chair exchanged behind the slip": (
        lambda cast: DutyChair.objects.filter(duty=cast.duties[3], member=cast.members["县图书馆"]).update(
            member=cast.members["县邮政局"]
        ),
        "提〔2026〕1号的签收单位与2026年3月轮值主席不一致",
    ),
    "acknowledged without a receipt": (
        lambda cast: Receipt.objects.filter(slip=march(cast), order=0).update(
            signed_at=None, via="", recorded_by=None
        ),
        "提〔2026〕1号是“已签收”，签收记录未齐",
    ),
    "receipt before the slip": (
        lambda cast: Receipt.objects.filter(slip=march(cast), order=0).update(
            signed_at=clock.now() - timedelta(days=1)
        ),
        "县图书馆的签收早于发出",
    ),
    "paper retouched": (
        lambda cast: Slip.objects.filter(pk=march(cast).pk).update(paper={"title": "另一张"}),
        "提〔2026〕1号的内容与发出时不同",
    ),
    "paper retouched in one word": (
        lambda cast: Slip.objects.filter(pk=march(cast).pk).update(
            paper={**march(cast).paper, "title": "提示单"}
        ),
        "提〔2026〕1号的内容与发出时不同",
    ),
    "number skipped": (
        lambda cast: Slip.objects.filter(pk=march(cast).pk).update(serial=3),
        "同心社区党建联盟2026年提醒单编号不连续：1 份，最大 3 号",
    ),
    "number book ahead": (
        lambda cast: NumberSeries.objects.filter(organisation=cast.community).update(last=5),
        "同心社区党建联盟2026年提醒单最大 1 号，编号簿记到 5 号",
    ),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_check_integrity_finds(sound: Cast, name: str) -> None:
    damage, sentence = BREAKAGES[name]
    assert damage(sound)
    told = found()
    assert [line for line in told if sentence in line], told


def test_check_integrity_prints_and_fails_only_when_something_is_wrong(
    sound: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("check_integrity")
    printed = capsys.readouterr().out
    assert f"{len(registries.integrity)} 项核对全部一致。" in printed
    assert printed.count("：一致") == len(registries.integrity)

    Slip.objects.filter(pk=march(sound).pk).update(paper_hash="0" * 64)
    with pytest.raises(CommandError, match="共 1 处不一致") as failed:
        call_command("check_integrity")
    assert failed.value.returncode == 1
    assert "  · 同心党建联提〔2026〕1号的内容与发出时不同" in capsys.readouterr().out


def test_check_integrity_agrees_with_everything_the_services_do(sound: Cast) -> None:
    """A unit leaves, a swap is filed and its slip replaced, a slip lapses: all of it consistent."""
    duty = sound.foreign_duties[3]
    swap = swaps.ask(
        duty,
        sound.foreign_members["县法院"],
        kind="stand_in",
        reason="换届",
        other=sound.foreign_members["县交警队"],
        actor=sound.foreign_liaison,
    )
    swaps.agree(swap, actor=sound.both_liaison)
    swaps.file(Swap.objects.get(pk=swap.pk), actor=sound.foreign_secretary)
    membership.leave(sound.members["县供水公司"], actor=sound.secretary)
    with clock.at(clock.now() + timedelta(days=35)):
        slips.follow_up(clock.now())
        slips.issue_due(clock.now())
        states = sorted(Slip.objects.filter(alliance=sound.foreign_alliance).values_list("state", flat=True))
        assert states == [SlipState.ISSUED, SlipState.UNACKNOWLEDGED, SlipState.WITHDRAWN]
        assert found() == []
    assert Appointment.objects.filter(member=sound.members["县供水公司"], ends_on=None).count() == 0
