"""What must agree between plans, duties, slips, receipts and numbers (see ``alliances.integrity``)."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q

from alliances import clock
from alliances.documents import PaperError
from alliances.models import NumberSeries
from alliances.registry import IntegrityCheck
from rotation.enums import PlanState, SlipState
from rotation.models import Duty, DutyChair, Plan, Receipt, Slip
from rotation.selectors.papers import freeze_paper
from rotation.selectors.tables import CHAIRS

CHUNK = 500


def _slips() -> Iterator[Slip]:
    rows = Slip.objects.select_related("duty__plan").prefetch_related("receipts").order_by("pk")
    return rows.iterator(chunk_size=CHUNK)


def plans() -> list[str]:
    """A passed table says when and where, and has a chair for every month from its start."""
    found = []
    passed = Plan.objects.filter(state=PlanState.PASSED).select_related("alliance")
    for plan in passed.filter(Q(passed_on=None) | Q(passed_at=None) | Q(passed_meeting="")):
        found.append(f"{plan}已通过，却没有通过会议或日期")
    for plan in passed.prefetch_related("duties__chairs"):
        months = {duty.month for duty in plan.duties.all() if duty.chairs.all()}
        if missing := [month for month in plan.months if month not in months]:
            found.append(f"{plan}已通过，{'、'.join(f'{m}月' for m in missing)}没有轮值主席")
    return found


def receipts() -> list[str]:
    """A standing slip has a receipt for every chair of its month, and is acknowledged when all of them are signed."""
    found = []
    chairs: dict[int, dict[int, object]] = {}
    for chair in DutyChair.objects.filter(duty__slips__isnull=False).select_related("member").distinct():
        chairs.setdefault(chair.duty_id, {})[chair.member_id] = chair.member.left_on
    for slip in _slips():
        if slip.state == SlipState.WITHDRAWN:
            continue
        rows = list(slip.receipts.all())
        addressed = {receipt.member_id for receipt in rows}
        on_duty = chairs.get(slip.duty_id, {})
        # A unit that had left before the slip was issued got none.
        missing = {pk for pk, left_on in on_duty.items() if left_on is None} - addressed
        if missing or addressed - on_duty.keys():
            found.append(f"{slip.number}的签收单位与{slip.duty}轮值主席不一致")
        all_signed = bool(rows) and all(receipt.signed_at for receipt in rows)
        if all_signed != (slip.state == SlipState.ACKNOWLEDGED):
            found.append(
                f"{slip.number}是“{slip.get_state_display()}”，签收记录{'已齐' if all_signed else '未齐'}"
            )
    return found


def papers() -> list[str]:
    """The stored content of every slip is the one that was issued."""
    return [f"{slip.number}的内容与发出时不同" for slip in _slips() if not _is_as_issued(slip)]


def _is_as_issued(slip: Slip) -> bool:
    try:
        return freeze_paper(slip.paper)[1] == slip.paper_hash
    except PaperError:  # not even a paper any more
        return False


def numbers() -> list[str]:
    """Numbers of a year run from 1 without gaps and doubles, up to the last one given out."""
    found = []
    given = {
        (row["organisation__alliance"], row["year"]): row["last"]
        for row in NumberSeries.objects.filter(kind="rotation.slip").values(
            "organisation__alliance", "year", "last"
        )
    }
    used = (
        Slip.objects.order_by()
        .values("alliance", "alliance__name", "year")
        .annotate(
            count=Count("serial", distinct=True), rows=Count("pk"), top=Max("serial"), least=Min("serial")
        )
    )
    for row in used:
        last = given.pop((row["alliance"], row["year"]), 0)
        name = f"{row['alliance__name']}{row['year']}年提醒单"
        if row["rows"] != row["count"]:
            found.append(f"{name}有重号")
        if row["least"] != 1 or row["top"] != row["count"]:
            found.append(f"{name}编号不连续：{row['count']} 份，最大 {row['top']} 号")
        if row["top"] != last:
            found.append(f"{name}最大 {row['top']} 号，编号簿记到 {last} 号")
    unused = [key for key, last in given.items() if last]
    return found + [f"第{alliance}号联盟{year}年编号簿已用，却没有提醒单" for alliance, year in unused]


def standing_slips() -> list[str]:
    """Not two standing slips for one month; none missing for a month that is over."""
    standing = ~Q(state=SlipState.WITHDRAWN)
    doubles = Slip.objects.order_by().filter(standing).values("duty").annotate(n=Count("pk")).filter(n__gt=1)
    found = [f"第{row['duty']}号轮值月有 {row['n']} 份有效提醒单" for row in doubles]
    today = clock.today()
    over = (
        Duty.objects.filter(plan__state=PlanState.PASSED)
        .filter(Q(plan__year__lt=today.year) | Q(plan__year=today.year, month__lt=today.month))
        .filter(~Exists(Slip.objects.filter(standing, duty=OuterRef("pk"))))
        .select_related("plan", "alliance")
        .prefetch_related(CHAIRS)
        .order_by("plan__year", "month", "pk")
    )
    for duty in over:
        passed_at = duty.plan.passed_at
        had_ended = passed_at is not None and duty.period.end < clock.local(passed_at).date()
        if not had_ended and any(chair.member.left_on is None for chair in duty.chairs.all()):
            found.append(f"{duty.alliance.name}{duty}已过，还没有提醒单")
    return found


def signatures() -> list[str]:
    """No receipt was signed before its slip was issued."""
    early = Receipt.objects.filter(signed_at__lt=F("slip__issued_at")).select_related("slip", "member__unit")
    return [f"{receipt.slip.number}：{receipt.member.unit.name}的签收早于发出" for receipt in early]


CHECKS = (
    IntegrityCheck("rotation.plans", "年度轮值主席安排表", plans),
    IntegrityCheck("rotation.standing_slips", "应发提醒单", standing_slips),
    IntegrityCheck("rotation.receipts", "提醒单签收", receipts),
    IntegrityCheck("rotation.signatures", "签收时间", signatures),
    IntegrityCheck("rotation.papers", "提醒单内容", papers),
    IntegrityCheck("rotation.numbers", "提醒单编号", numbers),
)
