"""Many at once on PostgreSQL: one winner, no double slip, no lost consent - and twins without the guard that fail."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.models import LogEntry, Message, NumberSeries
from alliances.services import audit, digests, numbering, outbox, sweeps
from rotation.enums import SwapKind, SwapState
from rotation.models import Duty, DutyChair, Plan, Receipt, Slip, Swap
from rotation.services import plans, slips, swaps
from tests import cast as cast_module
from tests.cast import Cast
from tests.conftest import Frozen
from tests.races import together

pytestmark = [pytest.mark.race, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
CROWD = 20


@pytest.fixture
def crowd(transactional_db: None, frozen: Frozen) -> Cast:
    """The cast, committed, so that other connections see it."""
    return cast_module.build()


def won(outcomes: list[Any]) -> list[Any]:
    """What succeeded; anything that failed must have failed with a sentence."""
    unexpected = [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, OfficeError)]
    assert not unexpected, unexpected
    return [o for o in outcomes if not isinstance(o, Exception)]


# --- issuing ------------------------------------------------------------------------------------------------------


def test_many_sweeps_at_once_issue_each_slip_once(crowd: Cast, race_rounds: int) -> None:
    for round_ in range(race_rounds):
        Receipt.objects.filter(slip__duty__month=3).delete()
        Slip.objects.filter(duty__month=3).delete()
        last = {s.organisation_id: s.last for s in NumberSeries.objects.filter(kind="rotation.slip")}
        outcomes = together([lambda: sweeps.run_all(clock.now())] * CROWD)
        errors = [o.error for tick in won(outcomes) for o in tick if o.error]
        assert not errors, errors
        assert Slip.objects.filter(duty__month=3).count() == 2, round_
        for series in NumberSeries.objects.filter(kind="rotation.slip"):
            assert series.last == last.get(series.organisation_id, 0) + 1, round_
    issued = Message.objects.filter(kind="rotation.slip.issued", alliance=crowd.alliance)
    assert issued.count() == 3 * race_rounds


def test_numbers_taken_at_once_are_all_different(crowd: Cast) -> None:
    def take() -> int:
        with transaction.atomic():
            return numbering.take(crowd.community, "test.paper", 2026)

    assert sorted(won(together([take] * CROWD))) == list(range(1, CROWD + 1))


def test_issuing_and_filing_at_once_leave_one_slip_with_the_right_chairs(
    crowd: Cast, race_rounds: int
) -> None:
    """The sweep reads March's chairs while the secretary files their change."""
    for _ in range(race_rounds):
        swap = open_swap(crowd)
        duty = Duty.objects.select_related("plan", "alliance__organisation").get(pk=crowd.duties[3].pk)
        together([partial(slips.issue, duty), partial(swaps.file, swap, actor=crowd.secretary)])
        slips.issue(duty)
        (standing,) = Slip.objects.filter(duty=duty).exclude(state="withdrawn")
        on_slip = set(standing.receipts.values_list("member_id", flat=True))
        assert on_slip == set(DutyChair.objects.filter(duty=duty).values_list("member_id", flat=True))
        reset(crowd)


# --- signing ------------------------------------------------------------------------------------------------------


def test_last_signatures_at_once_acknowledge_the_slip_once(crowd: Cast, race_rounds: int) -> None:
    signers = {
        "县图书馆": crowd.liaison,
        "县文体广电局": crowd.second_liaison,
        "县人民医院": crowd.third_liaison,
    }
    for _ in range(race_rounds):
        slip = slips.issue(
            Duty.objects.select_related("plan", "alliance__organisation").get(pk=crowd.duties[3].pk)
        )
        rows = slip.receipts.select_related("slip__alliance__organisation")
        copies = [
            (rows.get(member=crowd.members[name]), user) for name, user in signers.items() for _ in range(4)
        ]
        deeds = [partial(slips.acknowledge, receipt, actor=user) for receipt, user in copies]
        won(together(deeds))
        slip.refresh_from_db()
        assert slip.state == "acknowledged"
        rows = LogEntry.objects.filter(object_type="rotation.slip", object_id=slip.pk)
        assert rows.filter(action="rotation.slip.sign").count() == 3
        assert rows.filter(action="rotation.slip.acknowledge").count() == 1
        reset(crowd)


# --- swaps --------------------------------------------------------------------------------------------------------


def open_swap(cast: Cast, month: int = 4, unit: str = "县实验小学") -> Swap:
    """An agreed change of March's 县图书馆 with ``unit``'s ``month``."""
    return Swap.objects.create(
        alliance=cast.alliance,
        plan=cast.plan,
        kind=SwapKind.SWAP,
        state=SwapState.AGREED,
        duty=cast.duties[month],
        other_duty=cast.duties[3],
        asker=cast.members[unit],
        other=cast.members["县图书馆"],
        asker_agreed_at=clock.now(),
        other_agreed_at=clock.now(),
        reason="三月布展",
    )


def reset(cast: Cast) -> None:
    """March, April and May as the cast has them, without slips or changes."""
    Swap.objects.all().delete()
    Receipt.objects.filter(slip__duty__month__gte=3).delete()
    for slip in Slip.objects.filter(duty__month__gte=3).order_by("-pk"):
        slip.delete()
    for month in (3, 4, 5):
        names = cast_module.YEAR[month]
        DutyChair.objects.filter(duty=cast.duties[month]).delete()
        DutyChair.objects.bulk_create(
            DutyChair(duty=cast.duties[month], member=cast.members[name], order=order)
            for order, name in enumerate(names)
        )
        Duty.objects.filter(pk=cast.duties[month].pk).update(theme=f"{month}月主题活动")


def file_twice(cast: Cast, filing: Any) -> list[Any]:
    """Two windows of the secretary file the same change at once."""
    swap = open_swap(cast)
    copies = [Swap.objects.get(pk=swap.pk) for _ in range(2)]
    return together([partial(filing, copy, actor=cast.secretary) for copy in copies])


def test_two_filings_of_one_change_have_one_winner(crowd: Cast, race_rounds: int) -> None:
    for _ in range(race_rounds):
        slips.issue(crowd.duties[3])
        rows = LogEntry.objects.filter(action="rotation.swap.file").count()
        assert len(won(file_twice(crowd, swaps.file))) == 1
        assert LogEntry.objects.filter(action="rotation.swap.file").count() == rows + 1
        assert Slip.objects.filter(duty=crowd.duties[3]).count() == 2  # withdrawn and new, not three
        assert Duty.objects.get(pk=crowd.duties[3].pk).theme == "4月主题活动"
        reset(crowd)


def file_without_the_guard(swap: Swap, *, actor: Any) -> Swap:
    """The twin: the same filing, but it believes the state it has read and replaces chairs unconditionally."""
    assert swap.state == SwapState.AGREED
    with transaction.atomic():
        Swap.objects.filter(pk=swap.pk).update(state=SwapState.FILED, filed_at=clock.now())
        audit.record("rotation.swap.file", swap, actor=actor, before="agreed", after="filed")
        themes = dict(
            Duty.objects.filter(pk__in=[swap.duty_id, swap.other_duty_id]).values_list("pk", "theme")
        )
        Duty.objects.filter(pk=swap.duty_id).update(theme=themes[swap.other_duty_id])
        Duty.objects.filter(pk=swap.other_duty_id).update(theme=themes[swap.duty_id])
        DutyChair.objects.filter(duty=swap.duty, member=swap.asker).update(member=swap.other)
        DutyChair.objects.filter(duty=swap.other_duty, member=swap.other).update(member=swap.asker)
        slips.reissue(
            Duty.objects.select_related("plan", "alliance__organisation").get(pk=swap.other_duty_id),
            actor=actor,
        )
    return swap


def test_twin_without_the_guard_takes_effect_twice(crowd: Cast) -> None:
    slips.issue(crowd.duties[3])
    assert len(won(file_twice(crowd, file_without_the_guard))) == 2
    assert LogEntry.objects.filter(action="rotation.swap.file").count() == 2
    assert Slip.objects.filter(duty=crowd.duties[3]).count() == 3


def test_two_changes_of_one_chair_have_one_winner(crowd: Cast, race_rounds: int) -> None:
    """April and May both take 县图书馆 out of March."""
    for _ in range(race_rounds):
        first, second = open_swap(crowd), open_swap(crowd, 5, "县农商银行")
        outcomes = together([partial(swaps.file, swap, actor=crowd.secretary) for swap in (first, second)])
        assert len(won(outcomes)) == 1
        assert DutyChair.objects.filter(duty__in=[crowd.duties[m] for m in (3, 4, 5)]).count() == 5
        holders = DutyChair.objects.filter(member=crowd.members["县图书馆"])
        assert holders.count() == 1
        reset(crowd)


def test_changes_that_cross_do_not_wait_for_each_other_for_ever(crowd: Cast, race_rounds: int) -> None:
    """March with April and April with March's second unit: both hold both months, in one order."""
    for _ in range(race_rounds):
        first = open_swap(crowd)
        second = Swap.objects.create(
            alliance=crowd.alliance,
            plan=crowd.plan,
            kind=SwapKind.SWAP,
            state=SwapState.AGREED,
            duty=crowd.duties[3],
            other_duty=crowd.duties[4],
            asker=crowd.members["县文体广电局"],
            other=crowd.members["县实验小学"],
            reason="反方向",
        )
        outcomes = together([partial(swaps.file, s, actor=crowd.secretary) for s in (first, second)])
        assert len(won(outcomes)) == 1
        reset(crowd)


def test_consents_of_both_units_at_once_are_both_kept(crowd: Cast, race_rounds: int) -> None:
    for _ in range(race_rounds):
        swap = swaps.ask(
            crowd.duties[3],
            crowd.members["县图书馆"],
            kind=SwapKind.SWAP,
            reason="布展",
            other=crowd.members["县实验小学"],
            other_duty=crowd.duties[4],
            actor=crowd.staff,
        )
        outcomes = together(
            [
                partial(swaps.agree, Swap.objects.get(pk=swap.pk), actor=user)
                for user in (crowd.liaison, crowd.other_liaison)
            ]
        )
        assert len(won(outcomes)) == 2
        assert Swap.objects.get(pk=swap.pk).state == "agreed"
        assert LogEntry.objects.filter(action="rotation.swap.agree", object_id=swap.pk).count() == 1
        reset(crowd)


def test_one_month_gets_one_open_change_however_many_ask(crowd: Cast) -> None:
    def ask() -> Swap:
        return swaps.ask(
            Duty.objects.select_related("plan", "alliance").get(pk=crowd.duties[3].pk),
            crowd.members["县图书馆"],
            kind=SwapKind.SWAP,
            reason="布展",
            other=crowd.members["县实验小学"],
            other_duty=crowd.duties[4],
            actor=crowd.staff,
        )

    assert len(won(together([ask] * CROWD))) == 1
    assert Swap.objects.count() == 1


# --- plans, outbox, digests ---------------------------------------------------------------------------------------


def test_passing_and_editing_at_once_never_change_a_passed_table(crowd: Cast, race_rounds: int) -> None:
    for _ in range(race_rounds):
        Plan.objects.filter(pk=crowd.plan.pk).update(state="discussing")
        plan = Plan.objects.select_related("alliance__organisation").get(pk=crowd.plan.pk)
        duty = Duty.objects.select_related("plan__alliance__organisation").get(pk=crowd.duties[4].pk)
        together(
            [
                partial(plans.pass_plan, plan, meeting="会", passed_on=clock.today(), actor=crowd.secretary),
                partial(plans.set_chairs, duty, [crowd.members["县住建局"]], actor=crowd.staff),
            ]
        )
        frozen = crowd.plan.versions.filter(origin="passed").order_by("-number").first()
        april = next(row for row in frozen.months if row["month"] == 4)
        assert april["members"] == list(crowd.duties[4].chairs.values_list("member_id", flat=True))
        reset(crowd)


def test_many_senders_send_each_message_once(crowd: Cast, race_rounds: int) -> None:
    for round_ in range(race_rounds):
        keys = [f"{round_}:{n}" for n in range(15)]
        for key in keys:
            outbox.post([crowd.liaison.person], kind="test", subject="一", body="二", dedupe_key=key)
        won(together([lambda: outbox.send_due(clock.now())] * 8))
        rows = Message.objects.filter(dedupe_key__in=keys)
        assert set(rows.values_list("state", "attempts")) == {("sent", 1)}


def test_same_message_posted_fifty_times_at_once_is_one_row(crowd: Cast) -> None:
    people = [crowd.liaison.person]
    deed = partial(outbox.post, people, kind="t", subject="一", body="二", dedupe_key="k")
    assert sum(won(together([deed] * 50))) >= 1
    assert Message.objects.filter(dedupe_key="k").count() == 1


def test_many_digest_sweeps_make_one_message_a_person(crowd: Cast, frozen: Frozen) -> None:
    slips.issue(crowd.duties[3])
    now = frozen.to("2026-03-03T09:00")
    slips.follow_up(now)
    won(together([lambda: digests.send_due(now)] * CROWD))
    rows = Message.objects.filter(kind=digests.KIND)
    assert rows.count() == 3
    assert rows.values("recipient").distinct().count() == 3
