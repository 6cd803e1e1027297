"""Changes to a passed table: two consents, one filing, and everything that hangs on the month moves with it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError

from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import LogEntry, Member, Message
from alliances.services import membership
from rotation.enums import SwapKind
from rotation.models import Duty, DutyChair, Plan, Slip, Swap
from rotation.services import slips, swaps
from tests.cast import Cast
from tests.conftest import Frozen
from tests.refusals import refuse_slips


def ask(cast: Cast, **changes: Any) -> Swap:
    """县图书馆's liaison asks to change March for 县实验小学's April."""
    values: dict[str, Any] = {
        "kind": SwapKind.SWAP,
        "reason": "三月布展，场地不便",
        "other": cast.members["县实验小学"],
        "other_duty": cast.duties[4],
        "actor": cast.liaison,
    }
    return swaps.ask(cast.duties[3], cast.members["县图书馆"], **{**values, **changes})


def ask_stand_in(cast: Cast, **changes: Any) -> Swap:
    return ask(cast, **{"kind": SwapKind.STAND_IN, "other_duty": None, **changes})


def agreed(cast: Cast, **changes: Any) -> Swap:
    return swaps.agree(ask(cast, **changes), actor=cast.other_liaison)


def chairs(cast: Cast, month: int) -> list[str]:
    rows = DutyChair.objects.filter(duty=cast.duties[month]).order_by("order")
    return list(rows.values_list("member__unit__name", flat=True))


def everything() -> dict[str, list[Any]]:
    """Every row that a filing may touch, to show that none was touched."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Swap, Duty, DutyChair, Plan, Slip, Message, LogEntry)
    }


# --- asking and agreeing ------------------------------------------------------------------------------------------


def test_asker_agrees_by_asking_and_the_other_is_told(cast: Cast) -> None:
    swap = ask(cast)
    assert (swap.state, swap.asker_agreed_via, swap.other_agreed_at) == ("asked", Via.SCREEN, None)
    message = Message.objects.get(kind="rotation.swap.asked")
    assert message.recipient == cast.other_liaison.person
    assert "县图书馆3月 ⇄ 县实验小学4月" in message.subject


def test_second_consent_moves_it_on_and_the_secretary_is_told(cast: Cast) -> None:
    swap = agreed(cast)
    assert (swap.state, swap.agreed_at is not None) == ("agreed", True)
    assert Message.objects.get(kind="rotation.swap.agreed").recipient == cast.secretary.person


def test_asked_by_staff_both_units_still_have_to_agree(cast: Cast) -> None:
    swap = ask(cast, actor=cast.staff)
    assert (swap.asker_agreed_at, swap.other_agreed_at) == (None, None)
    swaps.agree(swap, actor=cast.leader)
    assert Swap.objects.get(pk=swap.pk).state == "asked"
    swaps.agree(swap, actor=cast.other_liaison)
    assert Swap.objects.get(pk=swap.pk).state == "agreed"


def test_own_consent_twice_is_not_the_others(cast: Cast) -> None:
    swap = ask(cast)
    swaps.agree(swap, actor=cast.liaison)
    swaps.agree(swap, actor=cast.leader)
    swap.refresh_from_db()
    assert (swap.state, swap.other_agreed_at) == ("asked", None)


def test_consent_on_paper_is_recorded_as_such(cast: Cast) -> None:
    swap = ask(cast)
    swaps.record_consent(swap, cast.members["县实验小学"], via=Via.PHONE, actor=cast.staff)
    assert (swap.state, swap.other_agreed_via) == ("agreed", Via.PHONE)


@pytest.mark.parametrize("via", [Via.SCREEN, "", "dove"])
def test_office_cannot_claim_a_consent_on_screen(via: str, cast: Cast) -> None:
    swap = ask(cast)
    with pytest.raises(OfficeError, match="纸质或电话"):
        swaps.record_consent(swap, cast.members["县实验小学"], via=via, actor=cast.secretary)


def test_consent_of_a_third_unit_is_refused(cast: Cast) -> None:
    with pytest.raises(OfficeError, match="不是这次调整的单位"):
        swaps.record_consent(ask(cast), cast.members["县财政局"], via=Via.PAPER, actor=cast.staff)


def test_people_of_other_units_can_neither_ask_nor_agree(cast: Cast) -> None:
    swap = ask(cast)
    for part in ("second_liaison", "both_liaison", "secretary", "street", "county", "foreign_liaison"):
        with pytest.raises(NotAllowed):
            swaps.agree(swap, actor=cast.users[part])
    swaps.cancel(swap, actor=cast.liaison)
    for part in (
        "other_liaison",
        "both_liaison",
        "president",
        "street",
        "foreign_secretary",
        "foreign_liaison",
    ):
        with pytest.raises(NotAllowed):
            ask(cast, actor=cast.users[part])


def test_liaison_of_one_chair_cannot_give_away_another_chairs_month(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="本单位"):
        ask(cast, actor=cast.second_liaison)
    assert not Swap.objects.exists()


def test_refusal_ends_it_with_the_answer(cast: Cast) -> None:
    swap = swaps.refuse(ask(cast), answer="期末考试", actor=cast.other_liaison)
    assert (swap.state, swap.answer) == ("refused", "期末考试")
    assert Message.objects.get(kind="rotation.swap.answered").recipient == cast.liaison.person
    with pytest.raises(OfficeError):
        swaps.agree(swap, actor=cast.other_liaison)


def test_one_open_change_a_month(cast: Cast) -> None:
    first = ask(cast)
    with pytest.raises(OfficeError, match="已有一项调整正在办理"):
        ask(cast, actor=cast.staff)
    swaps.cancel(first, actor=cast.liaison)
    assert ask(cast).pk != first.pk


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason": "  "}, "调整原因"),
        ({"other": None}, "成员单位"),
        ({"other_duty": None}, "另一个月份"),
        ({"kind": SwapKind.POSTPONE, "until": None}, "顺延"),
        ({"kind": SwapKind.POSTPONE, "until": date(2026, 3, 31)}, "顺延"),
        ({"kind": SwapKind.POSTPONE, "until": date(2026, 5, 1)}, "顺延"),
    ],
)
def test_asking_for_what_cannot_be_is_refused(changes: dict[str, Any], sentence: str, cast: Cast) -> None:
    with pytest.raises(OfficeError, match=sentence):
        ask(cast, **changes)
    assert not Swap.objects.exists()


def test_parts_that_do_not_fit_are_refused(cast: Cast) -> None:
    for changes in (
        {"other": cast.foreign_members["县法院"]},
        {"other": cast.members["县文体广电局"]},  # already on duty in March
        {"other_duty": cast.foreign_duties[4]},
        {"other_duty": cast.duties[3]},
        {"other_duty": cast.duties[5]},  # not the other unit's month
        {"other_duty": cast.duties[1], "other": cast.members["县财政局"]},  # over
    ):
        with pytest.raises(OfficeError):
            ask(cast, **changes)
    with pytest.raises(OfficeError, match="不是3月的轮值主席"):
        swaps.ask(
            cast.duties[3],
            cast.members["县财政局"],
            kind=SwapKind.STAND_IN,
            reason="有事",
            other=cast.members["县实验小学"],
            actor=cast.staff,
        )
    assert not Swap.objects.exists()


def test_month_that_is_over_cannot_change(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-04-01T09:00")
    with pytest.raises(OfficeError, match="已经过去"):
        ask(cast)


# --- filing -------------------------------------------------------------------------------------------------------


def test_filing_moves_chairs_themes_and_slip_at_once(cast: Cast, march: Slip) -> None:
    swap = swaps.file(agreed(cast), actor=cast.secretary)
    assert chairs(cast, 3) == ["县实验小学", "县文体广电局", "县人民医院"]
    assert chairs(cast, 4) == ["县图书馆"]
    assert Duty.objects.get(pk=cast.duties[3].pk).theme == "4月主题活动"
    march.refresh_from_db()
    new = march.replaced_by
    assert (march.state, new.state, new.serial) == ("withdrawn", "issued", 4)
    assert [r.member.unit.name for r in new.receipts.order_by("order")] == chairs(cast, 3)
    assert "县实验小学" in str(new.paper)
    assert not Slip.objects.filter(duty=cast.duties[4]).exists()  # April has not begun
    assert swap.before[0] == {
        "month": 3,
        "members": [cast.members[n].pk for n in ("县图书馆", "县文体广电局", "县人民医院")],
        "theme": "3月主题活动",
        "ends_on": "2026-03-31",
    }
    assert swap.after[1]["members"] == [cast.members["县图书馆"].pk]


def test_unit_that_left_the_month_is_told_that_its_slip_is_withdrawn(cast: Cast, march: Slip) -> None:
    swaps.file(agreed(cast), actor=cast.secretary)
    told = Message.objects.filter(kind="rotation.slip.withdrawn")
    assert [m.recipient for m in told] == [cast.liaison.person]
    new = Message.objects.filter(kind="rotation.slip.issued", dedupe_key__endswith=f":{march.replaced_by.pk}")
    assert {m.recipient for m in new} == {
        cast.other_liaison.person,
        cast.second_liaison.person,
        cast.third_liaison.person,
    }


def test_themes_stay_when_they_are_the_months(cast: Cast) -> None:
    swaps.file(agreed(cast, with_theme=False), actor=cast.secretary)
    assert Duty.objects.get(pk=cast.duties[3].pk).theme == "3月主题活动"


def test_before_the_month_no_slip_is_issued_by_filing(cast: Cast) -> None:
    before = Slip.objects.count()
    swaps.file(agreed(cast), actor=cast.secretary)
    assert Slip.objects.count() == before


def test_stand_in_takes_the_place_and_its_order(cast: Cast, march: Slip) -> None:
    swap = swaps.agree(ask_stand_in(cast), actor=cast.other_liaison)
    swaps.file(swap, actor=cast.secretary)
    assert chairs(cast, 3) == ["县实验小学", "县文体广电局", "县人民医院"]
    assert chairs(cast, 4) == ["县实验小学"]


def test_postponing_needs_no_second_unit_and_moves_the_dates(cast: Cast, march: Slip, frozen: Frozen) -> None:
    swap = ask(cast, kind=SwapKind.POSTPONE, other=None, other_duty=None, until=date(2026, 4, 20))
    assert swap.state == "agreed"
    swaps.file(swap, actor=cast.secretary)
    march.refresh_from_db()
    new = march.replaced_by
    assert Duty.objects.get(pk=cast.duties[3].pk).ends_on == date(2026, 4, 20)
    assert (new.lapses_on, new.deadlines["activity_by"]) == (date(2026, 4, 20), "2026-04-20")
    assert "顺延至2026年4月20日" in str(new.paper)
    assert [r.member for r in new.receipts.order_by("order")] == [
        r.member for r in march.receipts.order_by("order")
    ]


def test_only_the_secretary_files_and_only_once(cast: Cast, march: Slip) -> None:
    swap = agreed(cast)
    for part in sorted(cast.users.keys() - {"secretary"}):
        with pytest.raises(NotAllowed):
            swaps.file(Swap.objects.get(pk=swap.pk), actor=cast.users[part])
    swaps.file(Swap.objects.get(pk=swap.pk), actor=cast.secretary)
    before = everything()
    with pytest.raises(OfficeError):
        swaps.file(Swap.objects.get(pk=swap.pk), actor=cast.secretary)
    with pytest.raises(OfficeError):  # and a copy that still believes it to be agreed
        swaps.file(swap, actor=cast.secretary)
    assert everything() == before


def test_change_that_is_not_agreed_is_not_filed(cast: Cast) -> None:
    swap = ask(cast)
    with pytest.raises(OfficeError):
        swaps.file(swap, actor=cast.secretary)
    assert chairs(cast, 3)[0] == "县图书馆"


# --- all or nothing -----------------------------------------------------------------------------------------------


def test_unit_that_came_into_the_month_meanwhile_undoes_the_whole_filing(cast: Cast, march: Slip) -> None:
    """A second change was filed first: 县实验小学 already stands in for 县人民医院. The database's own constraint
    (one chair once) refuses the second half of this one, and the first half is undone with it."""
    swap = agreed(cast)
    DutyChair.objects.filter(duty=cast.duties[3], member=cast.members["县人民医院"]).update(
        member=cast.members["县实验小学"]
    )
    before = everything()
    with pytest.raises(OfficeError, match="已经是3月的轮值主席"):
        swaps.file(swap, actor=cast.secretary)
    assert everything() == before


def test_failure_after_the_first_chair_has_moved_undoes_it(cast: Cast, march: Slip) -> None:
    """March can change, April cannot any more: its unit is no longer there."""
    swap = agreed(cast)
    DutyChair.objects.filter(duty=cast.duties[4]).update(member=cast.members["县财政局"])
    before = everything()
    with pytest.raises(OfficeError, match="已经不是4月的轮值主席"):
        swaps.file(swap, actor=cast.secretary)
    assert everything() == before


def test_failure_at_the_new_slip_undoes_chairs_and_filing(cast: Cast, march: Slip) -> None:
    """Everything has been written when the database refuses the new slip's row: nothing of it stays."""
    swap = agreed(cast)
    before = everything()
    refuse_slips("NEW.serial > 3")
    with pytest.raises(IntegrityError):
        swaps.file(swap, actor=cast.secretary)
    assert everything() == before
    assert chairs(cast, 3)[0] == "县图书馆"
    assert Swap.objects.get(pk=swap.pk).state == "agreed"


def test_unit_that_left_meanwhile_is_not_filed_in(cast: Cast, march: Slip) -> None:
    swap = agreed(cast)
    membership.leave(cast.members["县实验小学"], actor=cast.secretary)
    before = everything()
    with pytest.raises(OfficeError, match="已退出联盟"):
        swaps.file(Swap.objects.get(pk=swap.pk), actor=cast.secretary)
    assert everything() == before


def test_month_that_ended_meanwhile_is_not_filed(cast: Cast, march: Slip, frozen: Frozen) -> None:
    swap = agreed(cast)
    frozen.to("2026-04-01T09:00")
    before = everything()
    with pytest.raises(OfficeError, match="已经过去"):
        swaps.file(swap, actor=cast.secretary)
    assert everything() == before


def test_two_changes_of_one_chair_the_second_finds_nobody_to_replace(cast: Cast, march: Slip) -> None:
    """March leaves 县图书馆 by two ways: a swap asked in March and one in which April asks for March."""
    first = agreed(cast)
    member: Member = cast.members["县农商银行"]
    second = swaps.ask(
        cast.duties[5],
        member,
        kind=SwapKind.SWAP,
        reason="五月盘点",
        other=cast.members["县图书馆"],
        other_duty=cast.duties[3],
        actor=cast.staff,
    )
    swaps.record_consent(second, member, via=Via.PAPER, actor=cast.staff)
    swaps.agree(second, actor=cast.liaison)
    swaps.file(first, actor=cast.secretary)
    before = everything()
    with pytest.raises(OfficeError, match="请撤回后重新申请"):
        swaps.file(Swap.objects.get(pk=second.pk), actor=cast.secretary)
    assert everything() == before


def test_filed_change_and_slip_are_told_in_the_log(cast: Cast, march: Slip) -> None:
    swap = swaps.file(agreed(cast), actor=cast.secretary)
    rows = LogEntry.objects.filter(
        action__in=("rotation.swap.file", "rotation.slip.withdraw", "rotation.slip.issue")
    )
    codes = [(row.action, row.before, row.after) for row in rows.order_by("pk")][-3:]
    assert codes == [
        ("rotation.swap.file", "agreed", "filed"),
        ("rotation.slip.withdraw", "issued", "withdrawn"),
        ("rotation.slip.issue", "", "issued"),
    ]
    assert swap.filed_at is not None
    assert slips.issue(cast.duties[3]) is None
