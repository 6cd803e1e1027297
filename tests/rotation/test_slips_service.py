"""The reminder slip from its first working morning to its named end."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from alliances import clock
from alliances.documents import freeze
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import LogEntry, Message, NumberSeries, ReminderLine, SweepRun, User
from alliances.services import membership, organisations, sweeps
from rotation.models import Duty, Plan, Receipt, Slip
from rotation.services import slips
from tests.cast import Cast
from tests.conftest import Frozen
from tests.factories import rotation as tables
from tests.refusals import refuse_slips


def tick() -> list[str]:
    """Every sweep once, as of the frozen clock; what the sweeps said they did."""
    outcomes = sweeps.run_all(clock.now())
    assert not [outcome.error for outcome in outcomes if outcome.error]
    return [line for outcome in outcomes for line in outcome.lines]


def home(cast: Cast) -> list[Slip]:
    """This year's slips of the home alliance that were not there before the test, oldest first."""
    return list(Slip.objects.filter(alliance=cast.alliance, serial__gt=2).order_by("pk"))


def receipt_of(slip: Slip, cast: Cast, unit: str) -> Receipt:
    return slip.receipts.select_related("slip__alliance__organisation", "member__unit").get(
        member=cast.members[unit]
    )


def sign_all(slip: Slip, cast: Cast) -> None:
    signers = {
        "县图书馆": cast.liaison,
        "县文体广电局": cast.second_liaison,
        "县人民医院": cast.third_liaison,
    }
    for unit, user in signers.items():
        slips.acknowledge(receipt_of(slip, cast, unit), actor=user)
    slip.refresh_from_db()


# --- issuing ------------------------------------------------------------------------------------------------------


def test_slip_comes_at_half_past_eight_of_the_first_working_day(cast: Cast, frozen: Frozen) -> None:
    for moment in ("2026-02-28T23:59", "2026-03-01T12:00", "2026-03-02T08:29:59"):
        frozen.to(moment)
        tick()
        assert home(cast) == [], moment
    frozen.to("2026-03-02T08:30")
    tick()
    (slip,) = home(cast)
    assert (slip.number, slip.state, slip.is_late) == ("同心党建联提〔2026〕3号", "issued", False)
    assert (slip.acknowledge_by, slip.lapses_on) == (date(2026, 3, 4), date(2026, 3, 31))
    assert slip.issued_at == clock.now()


def test_fifty_ticks_issue_one_slip_with_one_message_a_person(cast: Cast, frozen: Frozen) -> None:
    for _ in range(50):
        tick()
        frozen.forward(minutes=1)
    assert len(home(cast)) == 1
    assert Slip.objects.filter(alliance=cast.foreign_alliance).count() == 1
    assert LogEntry.objects.filter(action="rotation.slip.issue").count() == 2
    told = Message.objects.filter(kind="rotation.slip.issued", alliance=cast.alliance)
    assert sorted(told.values_list("recipient__name", flat=True)) == sorted(["杨欣然", "何文", "邓医生"])


def test_clock_that_stood_still_catches_up(cast: Cast, frozen: Frozen) -> None:
    """Stopped on 28 January, started on 4 March: February comes after its month and says so, March is on time."""
    Slip.objects.filter(duty=cast.duties[2]).delete()
    NumberSeries.objects.update(last=1)
    frozen.to("2026-01-28T10:00")
    tick()
    frozen.to("2026-03-04T09:00")
    tick()
    february, march = Slip.objects.filter(alliance=cast.alliance, duty__month__in=(2, 3)).order_by(
        "duty__month"
    )
    assert (february.serial, february.is_late, february.acknowledge_by, february.deadlines) == (
        2,
        True,
        None,
        {},
    )
    assert (march.serial, march.is_late, march.acknowledge_by) == (3, False, date(2026, 3, 6))
    assert "补发" in str(february.paper)
    assert Message.objects.filter(kind="rotation.slip.issued", body__contains="（补发）").exists()


def test_late_slip_starts_no_deadlines_but_can_be_signed_until_its_months_end(
    cast: Cast, frozen: Frozen
) -> None:
    Slip.objects.filter(duty=cast.duties[2]).delete()
    frozen.to("2026-03-04T09:00")
    tick()
    late = Slip.objects.get(duty=cast.duties[2])
    for day in range(5, 32):
        frozen.to(f"2026-03-{day:02d}T10:00")
        tick()
    late.refresh_from_db()
    assert (late.state, late.nudged_at, late.escalated_at, late.notice_by) == ("issued", None, None, None)
    slips.acknowledge(late.receipts.get(), actor=cast.both_liaison)
    late.refresh_from_db()
    assert (late.state, late.notice_by) == ("acknowledged", None)


@pytest.mark.parametrize("state", ["draft", "discussing", "closed"])
def test_only_passed_tables_issue(state: str, cast: Cast) -> None:
    Plan.objects.filter(pk=cast.plan.pk).update(state=state)
    tick()
    assert home(cast) == []


def test_months_over_before_the_table_was_passed_get_none(cast: Cast, frozen: Frozen) -> None:
    plan = tables.plan(
        cast.alliance,
        2027,
        {month: [cast.members["县财政局"]] for month in range(1, 5)},
        passed_at=frozen.to("2027-02-10T10:00"),
    )
    frozen.to("2027-03-01T09:00")
    tick()
    assert sorted(Slip.objects.filter(duty__plan=plan).values_list("duty__month", flat=True)) == [2, 3]


def test_month_whose_units_have_left_gets_none_until_a_unit_stands_in(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-04-01T08:00")
    membership.leave(cast.members["县实验小学"], actor=cast.secretary)
    frozen.to("2026-04-01T09:00")
    tick()
    assert not Slip.objects.filter(duty=cast.duties[4]).exists()


def test_paper_is_frozen_as_issued(march: Slip, cast: Cast) -> None:
    stored = Slip.objects.get(pk=march.pk)
    assert freeze(stored.paper)[1] == stored.paper_hash
    text = str(stored.paper)
    assert "县图书馆、县文体广电局、县人民医院" in text
    assert "3月主题活动" in text
    Duty.objects.filter(pk=march.duty_id).update(theme="改了的主题")
    membership.change_unit(cast.members["县图书馆"].unit, actor=None, name="县新图书馆")
    organisations.change_settings(cast.community, {"acknowledge_within": 5}, actor=cast.secretary)
    tick()
    again = Slip.objects.get(pk=march.pk)
    assert (again.paper, again.paper_hash, again.acknowledge_by) == (
        stored.paper,
        stored.paper_hash,
        stored.acknowledge_by,
    )


def test_slip_that_is_undone_gives_its_number_back(cast: Cast) -> None:
    with transaction.atomic():
        assert slips.issue(cast.duties[3]).serial == 3
        transaction.set_rollback(True)
    assert not home(cast)
    assert slips.issue(cast.duties[3]).serial == 3
    assert slips.issue(cast.duties[3]) is None
    assert NumberSeries.objects.get(kind="rotation.slip", organisation=cast.community).last == 3


def test_issuing_a_standing_slip_again_takes_no_number(march: Slip, cast: Cast) -> None:
    for _ in range(5):
        assert slips.issue(cast.duties[3]) is None
    assert NumberSeries.objects.get(organisation=cast.community).last == 3


def test_change_between_the_look_and_the_issue_is_on_the_paper(cast: Cast) -> None:
    """The sweep has read the month; before it issues, a filed change gives the month another theme and end."""
    stale = Duty.objects.select_related("plan", "alliance__organisation").get(pk=cast.duties[3].pk)
    Duty.objects.filter(pk=stale.pk).update(theme="换来的主题", ends_on=date(2026, 4, 20))
    slip = slips.issue(stale)
    assert "换来的主题" in str(slip.paper)
    assert slip.lapses_on == date(2026, 4, 20)


def test_month_that_cannot_be_issued_holds_up_no_other_and_is_seen(cast: Cast) -> None:
    refuse_slips(f"NEW.duty_id = {cast.duties[3].pk}")
    outcome = next(o for o in sweeps.run_all(clock.now()) if o.name == "rotation.slips")
    assert "1 件没有办成" in outcome.error
    assert outcome.lines == ["发出清河党建联提〔2026〕1号（清河社区党建联盟 3月）"]
    assert NumberSeries.objects.get(organisation=cast.community).last == 2
    assert SweepRun.objects.get(name="rotation.slips").failed_at is not None


# --- receipts -----------------------------------------------------------------------------------------------------


def test_slip_is_acknowledged_when_every_chair_has_signed(march: Slip, cast: Cast, frozen: Frozen) -> None:
    slips.acknowledge(receipt_of(march, cast, "县文体广电局"), actor=cast.second_liaison)
    march.refresh_from_db()
    assert (march.state, march.received_on, march.notice_by) == ("issued", date(2026, 3, 2), date(2026, 3, 5))
    frozen.to("2026-03-03T10:00")
    sign_all(march, cast)
    assert (march.state, march.acknowledged_at) == ("acknowledged", clock.now())
    assert (march.received_on, march.notice_by) == (date(2026, 3, 2), date(2026, 3, 5))
    (entry,) = LogEntry.objects.filter(action="rotation.slip.acknowledge")
    assert (entry.before, entry.after, entry.actor) == ("issued", "acknowledged", cast.third_liaison)


def test_signing_twice_is_harmless(march: Slip, cast: Cast, frozen: Frozen) -> None:
    for _ in range(3):
        slips.acknowledge(receipt_of(march, cast, "县图书馆"), actor=cast.liaison)
        frozen.forward(minutes=5)
    receipt = receipt_of(march, cast, "县图书馆")
    assert (receipt.signer_name, receipt.via, receipt.signed_at) == ("杨欣然", Via.SCREEN, march.issued_at)
    assert LogEntry.objects.filter(action="rotation.slip.sign").count() == 1


def test_nobody_but_the_units_own_liaison_signs(march: Slip, cast: Cast) -> None:
    receipt = receipt_of(march, cast, "县图书馆")
    for part, user in cast.users.items():
        if part == "liaison":
            continue
        with pytest.raises(NotAllowed):
            slips.acknowledge(receipt, actor=user)
    assert receipt_of(march, cast, "县图书馆").signed_at is None
    assert not LogEntry.objects.filter(action="rotation.slip.sign").exists()


def test_paper_receipt_is_recorded_and_said_to_be_so(march: Slip, cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-04T16:00")
    slips.record_receipt(
        receipt_of(march, cast, "县图书馆"),
        signer_name=" 温馆长 ",
        via=Via.PAPER,
        signed_on=date(2026, 3, 3),
        actor=cast.staff,
    )
    receipt = receipt_of(march, cast, "县图书馆")
    assert (receipt.signer_name, receipt.via, receipt.recorded_by) == ("温馆长", Via.PAPER, cast.staff)
    assert clock.local(receipt.signed_at).date() == date(2026, 3, 3)
    march.refresh_from_db()
    assert (march.received_on, march.notice_by) == (date(2026, 3, 3), date(2026, 3, 6))


@pytest.mark.parametrize(
    "wrong",
    [
        {"signer_name": "  "},
        {"via": Via.SCREEN},
        {"via": "dove"},
        {"signed_on": date(2026, 3, 1)},
        {"signed_on": date(2026, 3, 3)},
    ],
)
def test_record_that_cannot_be_true_is_refused(wrong: dict[str, object], march: Slip, cast: Cast) -> None:
    right: dict[str, object] = {"signer_name": "杨欣然", "via": Via.PHONE, "signed_on": date(2026, 3, 2)}
    with pytest.raises(OfficeError):
        slips.record_receipt(receipt_of(march, cast, "县图书馆"), actor=cast.staff, **{**right, **wrong})
    assert receipt_of(march, cast, "县图书馆").signed_at is None


def test_only_the_community_records(march: Slip, cast: Cast) -> None:
    receipt = receipt_of(march, cast, "县图书馆")
    for part in sorted(cast.users.keys() - {"secretary", "staff"}):
        with pytest.raises(NotAllowed):
            slips.record_receipt(
                receipt, signer_name="某", via=Via.PAPER, signed_on=date(2026, 3, 2), actor=cast.users[part]
            )


def test_record_after_the_screen_is_refused(march: Slip, cast: Cast) -> None:
    slips.acknowledge(receipt_of(march, cast, "县图书馆"), actor=cast.liaison)
    with pytest.raises(OfficeError, match="已经签收"):
        slips.record_receipt(
            receipt_of(march, cast, "县图书馆"),
            signer_name="别人",
            via=Via.PAPER,
            signed_on=date(2026, 3, 2),
            actor=cast.staff,
        )
    assert receipt_of(march, cast, "县图书馆").signer_name == "杨欣然"


# --- the clock ----------------------------------------------------------------------------------------------------


def walk(frozen: Frozen, first: str, last: str) -> None:
    """A tick every day at ten from ``first`` to ``last``."""
    frozen.to(f"{first}T10:00")
    while clock.today() <= date.fromisoformat(last):
        tick()
        frozen.forward(days=1)


def digests_to(user: User) -> list[str]:
    """What the user was sent about slips; the later steps of the month have tests of their own."""
    rows = ReminderLine.objects.filter(kind__startswith="rotation.slip.", recipient=user.person)
    sent = rows.exclude(message=None).select_related("message").order_by("pk")
    return [f"{clock.local(r.message.created_at):%m-%d} {r.text.split('：')[0][:9]}" for r in sent]


def test_reminder_nudge_escalation_and_lapse_come_on_their_days(
    march: Slip, cast: Cast, frozen: Frozen
) -> None:
    """Due Wednesday 4 March: reminded 3, nudged 5, to the secretary on Monday 9, lapsed after the 31st."""
    slips.acknowledge(receipt_of(march, cast, "县文体广电局"), actor=cast.second_liaison)
    slips.acknowledge(receipt_of(march, cast, "县人民医院"), actor=cast.third_liaison)
    walk(frozen, "2026-03-02", "2026-03-31")
    march.refresh_from_db()
    assert march.state == "issued"
    assert clock.local(march.nudged_at).date() == date(2026, 3, 5)
    assert clock.local(march.escalated_at).date() == date(2026, 3, 9)
    assert digests_to(cast.liaison) == ["03-03 请于3月4日前签收", "03-05 催办"]
    assert digests_to(cast.secretary) == ["03-09 报书记"]
    for user in (
        cast.staff,
        cast.president,
        cast.street,
        cast.leader,
        cast.second_liaison,
        cast.other_liaison,
    ):
        assert digests_to(user) == [], user
    walk(frozen, "2026-04-01", "2026-04-01")
    march.refresh_from_db()
    assert march.state == "unacknowledged"


def test_notice_clock_starts_at_latest_when_acknowledgement_was_due(
    march: Slip, cast: Cast, frozen: Frozen
) -> None:
    walk(frozen, "2026-03-02", "2026-03-05")
    march.refresh_from_db()
    assert (march.received_on, march.notice_by) == (date(2026, 3, 4), date(2026, 3, 9))
    slips.acknowledge(receipt_of(march, cast, "县图书馆"), actor=cast.liaison)
    march.refresh_from_db()
    assert march.received_on == date(2026, 3, 4)


def test_lapsed_slip_cannot_be_signed_any_more(march: Slip, cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-04-01T00:05")
    tick()
    with pytest.raises(OfficeError, match="到期未签收"):
        slips.acknowledge(receipt_of(march, cast, "县图书馆"), actor=cast.liaison)
    march.refresh_from_db()
    assert (march.state, march.notice_by) == ("unacknowledged", date(2026, 3, 9))


def test_acknowledged_slip_is_left_in_peace(march: Slip, cast: Cast, frozen: Frozen) -> None:
    sign_all(march, cast)
    walk(frozen, "2026-03-03", "2026-04-02")
    march.refresh_from_db()
    assert (march.state, march.nudged_at, march.escalated_at) == ("acknowledged", None, None)
    assert digests_to(cast.liaison) == []


def test_escalated_slip_says_who_is_missing(march: Slip, cast: Cast, frozen: Frozen) -> None:
    slips.acknowledge(receipt_of(march, cast, "县图书馆"), actor=cast.liaison)
    walk(frozen, "2026-03-03", "2026-03-09")
    message = Message.objects.get(kind="alliances.digest", recipient=cast.secretary.person)
    assert "县文体广电局、县人民医院仍未签收" in message.body
    assert "县图书馆" not in message.body


# --- replacing ----------------------------------------------------------------------------------------------------


def test_replaced_slip_keeps_its_number_and_its_paper(march: Slip, cast: Cast) -> None:
    paper = march.paper
    new = slips.reissue(cast.duties[3], actor=cast.secretary)
    march.refresh_from_db()
    assert (march.state, march.number, march.paper) == ("withdrawn", "同心党建联提〔2026〕3号", paper)
    assert (new.number, new.replaces, new.state) == ("同心党建联提〔2026〕4号", march, "issued")
    assert Slip.objects.filter(duty=cast.duties[3]).exclude(state="withdrawn").count() == 1


def test_withdrawn_slip_cannot_be_signed(march: Slip, cast: Cast) -> None:
    slips.reissue(cast.duties[3], actor=cast.secretary)
    with pytest.raises(OfficeError, match="已收回"):
        slips.acknowledge(receipt_of(march, cast, "县图书馆"), actor=cast.liaison)


def test_month_without_a_slip_has_nothing_to_replace(cast: Cast) -> None:
    assert slips.reissue(cast.duties[4], actor=cast.secretary) is None
    assert not home(cast)
