"""The two-way evaluation (双向评议): prepared, opened, voted, marked, closed by the clock, published with a hash.

Units' ballots are cast as in a round (``services.ballots``, decision 0010): the row of the evaluation is held while it is open,
the mark is used up by a conditional UPDATE, and every vote writes all ballots anew in random order under new keys.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from alliances import clock
from alliances.enums import BulletinKind, Role, Via, Visibility
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Alliance, User
from alliances.selectors import directory
from alliances.services import audit, bulletins, outbox
from evaluations import paths, policies, yearly
from evaluations.enums import TwoWayState
from evaluations.errors import AlreadyVoted
from evaluations.lifecycles_year import TWO_WAY
from evaluations.models import TwoWay, TwoWayBallot, TwoWayItem, TwoWayMark
from evaluations.selectors import papers, papers_two_way, year_end
from evaluations.selectors import two_way as reads
from evaluations.services import ballots, rubrics

MOST_SHEETS = 5000
SHORTEST = 3  # days from opening to closing, so that nobody is asked for an instant answer

_random = random.SystemRandom()


# --- preparing and opening -----------------------------------------------------------------------------------------


def prepare(
    alliance: Alliance,
    year: int,
    *,
    closes_on: date,
    items: Sequence[dict[str, Any]] | None = None,
    actor: User,
) -> TwoWay:
    """The evaluation of ``year``, made if there is none; until it opens, its last day and rubric can be changed.

    ``items`` as ``services.rubrics.save`` wants them; None keeps what is there, at first the default.
    """
    if not policies.can_run_year_end(actor, alliance):
        raise NotAllowed("双向评议由社区书记和工作人员准备。")
    last = date(year + 1, year_end.LAST_MONTH + 1, 1)  # the day after the season
    if not date(year, year_end.FIRST_MONTH, 1) < closes_on < last or closes_on <= clock.today():
        raise OfficeError(
            f"截止日期应在今天以后，并在{year}年12月到{year + 1}年{year_end.LAST_MONTH}月之间。"
        )
    wanted = rubrics.checked_items(items) if items is not None else None
    try:
        with transaction.atomic():
            two_way, made = TwoWay.objects.get_or_create(
                alliance=alliance,
                year=year,
                defaults={"closes_on": closes_on, "items": wanted or reads.items_for(alliance, year)},
            )
            if not made:
                changes: dict[str, Any] = {"closes_on": closes_on}
                if wanted is not None:
                    changes["items"] = wanted
                rows = TwoWay.objects.filter(pk=two_way.pk, state=TwoWayState.PREPARED)
                if not rows.update(**changes):
                    raise TooLate("双向评议已经开放，不能再改评议表和截止日期。")
                two_way.refresh_from_db()
            audit.record(
                "evaluations.two_way.prepare",
                two_way,
                actor=actor,
                after=two_way.state,
                data={"year": year, "closes_on": closes_on.isoformat()},
            )
    except IntegrityError as problem:
        raise OfficeError("刚刚有人准备了这一年的双向评议，请刷新后查看。") from problem
    return two_way


def open_two_way(two_way: TwoWay, *, actor: User) -> TwoWay:
    """Fix the rubric, write down what the representatives mark, ask every unit: one transaction."""
    if (two_way.closes_on - clock.today()).days < SHORTEST and policies.can_lead_year_end(actor, two_way):
        raise OfficeError(f"从开放到截止至少留{SHORTEST}天，请先改截止日期。")
    with transaction.atomic():
        TWO_WAY.apply(two_way, "open", actor=actor, data={"year": two_way.year})
        members = list(directory.members_of(two_way.alliance))
        TwoWayMark.objects.bulk_create([TwoWayMark(two_way=two_way, member=one) for one in members])
        items = reads.to_mark(two_way.alliance, two_way.year)
        for item in items:
            item.two_way = two_way
        TwoWayItem.objects.bulk_create(items)
        _ask(two_way, members)
    return two_way


def _ask(two_way: TwoWay, members: Iterable[Any]) -> None:
    """One message to each liaison; nothing presses after it."""
    day = f"{two_way.closes_on.month}月{two_way.closes_on.day}日"
    for member in members:
        post = directory.holder(member, Role.LIAISON)
        if post is None:
            continue
        outbox.post(
            [post.person],
            kind="evaluations.two_way.asked",
            subject=f"请评议社区：{two_way.year}年度双向评议",
            body=f"{two_way.year}年度双向评议已开放，请{member.unit.name}在{day}前给社区打分，不记名，约40秒。不评也不影响本单位。",
            path=paths.community_ballot(two_way.alliance.code, two_way.year, member.pk),
            dedupe_key=f"evaluations.two_way.asked:{two_way.pk}:{member.pk}",
            alliance=two_way.alliance,
        )


# --- units score the community -------------------------------------------------------------------------------------


def cast(mark: TwoWayMark, scores: ballots.Scores, *, form_key: str = "", actor: User) -> TwoWayMark:
    """The unit's liaison votes, once; the same form posted again gets the same answer, another one AlreadyVoted.

    Writes no row of the log: the mark says on which day the unit voted.
    """
    if not policies.can_score_community(actor, mark):
        raise NotAllowed("只有本单位联络员可以评议社区。")
    return _cast(mark, scores, form_key, {"via": Via.SCREEN}, (TwoWayState.OPEN,))


def record(
    mark: TwoWayMark, scores: ballots.Scores, *, voter_name: str, via: str, form_key: str = "", actor: User
) -> TwoWayMark:
    """Secretary or staff write down a unit's ballot from paper or telephone; also after closing, until it is published."""
    if not policies.can_record_score(actor, mark):
        raise NotAllowed("只有社区书记和工作人员可以代录。")
    if via not in (Via.PAPER, Via.PHONE):
        raise OfficeError("请选择纸质或电话。")
    if not voter_name.strip():
        raise OfficeError("请填写评议人姓名。")
    how = {"via": via, "voter_name": voter_name.strip()[:40], "recorded_by": actor}
    return _cast(mark, scores, form_key, how, (TwoWayState.OPEN, TwoWayState.CLOSED))


def _cast(
    mark: TwoWayMark, scores: ballots.Scores, form_key: str, how: dict[str, Any], states: tuple[str, ...]
) -> TwoWayMark:
    two_way = mark.two_way
    form_hash = _hash_form(two_way, form_key)
    if form_hash and mark.form_hash == form_hash:
        return mark
    if mark.voted_on is not None:
        raise AlreadyVoted(f"{mark.member.unit.name}已经评过社区，每家单位评一次。")
    with transaction.atomic():
        hold(two_way, *states)
        two_way.refresh_from_db(fields=["items", "state"])
        wanted = ballots.checked(two_way.items, scores, "社区")
        hit = TwoWayMark.objects.filter(pk=mark.pk, voted_on=None).update(
            voted_on=clock.today(), form_hash=form_hash, **how
        )
        mark.refresh_from_db()
        if not hit:
            if form_hash and mark.form_hash == form_hash:
                return mark
            raise AlreadyVoted(f"{mark.member.unit.name}刚刚已经评过社区。")
        shuffle(two_way, [TwoWayBallot(two_way=two_way, scores=wanted)])
        # Here and not where it is asked for: the same form sent twice at once is recorded, and logged, once.
        if actor := how.get("recorded_by"):
            audit.record(
                "evaluations.two_way.record",
                two_way,
                actor=actor,
                data={"member": mark.member_id, "via": str(how["via"])},
            )
    return mark


def _hash_form(two_way: TwoWay, form_key: str) -> str:
    return hashlib.sha256(f"two-way:{two_way.pk}:{form_key}".encode()).hexdigest() if form_key else ""


def hold(two_way: TwoWay, *states: str) -> None:
    """Take the evaluation's row for this transaction while it is in one of ``states``; raises TooLate. Held as open alone,
    for those who vote themselves, it must not be past its last day either (as of ``ballots.hold``)."""
    rows = TwoWay.objects.filter(pk=two_way.pk, state__in=states)
    if states == (TwoWayState.OPEN,):
        rows = rows.filter(closes_on__gte=clock.today())
    if rows.update(state=F("state")):
        return
    state = TwoWay.objects.values_list("state", flat=True).get(pk=two_way.pk)
    if state == TwoWayState.PREPARED:
        raise TooLate("双向评议还没有开放。")
    is_published = state == TwoWayState.PUBLISHED
    raise TooLate("双向评议结果已经公布，不再更改。" if is_published else "双向评议已经截止，不再收票。")


def shuffle(two_way: TwoWay, more: Iterable[TwoWayBallot] = ()) -> None:
    """Write all ballots anew, with ``more``, in random order and under new keys; in a transaction that holds the row."""
    rows = TwoWayBallot.objects.filter(two_way=two_way)
    fresh = [TwoWayBallot(two_way=two_way, scores=row.scores) for row in [*rows, *more]]
    rows.delete()
    _random.shuffle(fresh)
    TwoWayBallot.objects.bulk_create(fresh)


# --- representatives mark the units' items --------------------------------------------------------------------------


def enter_items(
    two_way: TwoWay,
    marks: Mapping[int, Mapping[str, int]],
    *,
    met_on: date,
    handed_out: int,
    returned: int,
    actor: User,
) -> TwoWay:
    """Write down the meeting's sheets as counts: ``marks`` maps every item's pk to a count for every mark. All or
    nothing; entering again replaces. Until published. Raises OfficeError naming the item that does not add up."""
    if not policies.can_run_year_end(actor, two_way):
        raise NotAllowed("一事一评的票数由社区书记和工作人员录入。")
    if not 0 < returned <= handed_out <= MOST_SHEETS:
        raise OfficeError(f"收回的张数应在 1 和发放的张数之间，发放最多 {MOST_SHEETS} 张。")
    if two_way.opened_at is None or not clock.local(two_way.opened_at).date() <= met_on <= clock.today():
        raise OfficeError("代表会日期应在开放评议以后、今天以前（含当天）。")
    with transaction.atomic():
        hold(two_way, TwoWayState.OPEN, TwoWayState.CLOSED)
        items = reads.items_of(two_way)
        if {item.pk for item in items} != set(marks):
            raise OfficeError("事项有变化，请刷新后重新录入。")
        for item in items:
            _set_marks(item, marks[item.pk], returned)
        TwoWayItem.objects.bulk_update(items, list(yearly.MARK_WORDS))
        fields = {"met_on": met_on, "handed_out": handed_out, "returned": returned, "entered_by": actor}
        TwoWay.objects.filter(pk=two_way.pk).update(**fields)
        audit.record(
            "evaluations.two_way.enter",
            two_way,
            actor=actor,
            data={"handed_out": handed_out, "returned": returned, "items": len(items)},
        )
    for key, value in fields.items():
        setattr(two_way, key, value)
    return two_way


def _set_marks(item: TwoWayItem, counts: Mapping[str, int], returned: int) -> None:
    if counts.keys() != yearly.MARK_WORDS.keys() or any(n < 0 for n in counts.values()):
        raise OfficeError(f"“{item.text}”每一栏都要填 0 或以上的整数。")
    if (total := sum(counts.values())) > returned:
        raise OfficeError(
            f"{item.member.unit.name}“{item.text}”五栏合计 {total} 张，比收回的 {returned} 张还多，请核对。"
        )
    for key, n in counts.items():
        setattr(item, key, n)


# --- closing and publishing -----------------------------------------------------------------------------------------


def close(two_way: TwoWay, *, actor: User | None = None) -> TwoWay:
    """By the clock after the last day, or by the secretary (``actor``) before it."""
    with transaction.atomic():
        TWO_WAY.apply(two_way, "close_early" if actor else "close", actor=actor, data={"year": two_way.year})
        shuffle(two_way)
    return two_way


def close_due(now: datetime) -> list[str]:
    """Sweep: evaluations whose last day is over."""
    today = clock.local(now).date()
    lines = []
    keys = TwoWay.objects.filter(state=TwoWayState.OPEN, closes_on__lt=today).values_list("pk", flat=True)
    for two_way in reads.full().filter(pk__in=list(keys)).order_by("pk"):
        try:
            close(two_way)
        except TooLate:  # another process, or the secretary, a moment ago
            continue
        lines.append(f"{two_way}截止")
    return lines


def publish(two_way: TwoWay, *, actor: User) -> TwoWay:
    """Freeze figures and paper, put them into the circle: one transaction. Final."""
    with transaction.atomic():
        if two_way.state == TwoWayState.CLOSED:
            hold(two_way, TwoWayState.CLOSED)
            two_way.refresh_from_db(fields=["items", "met_on", "handed_out", "returned"])
        figures = reads.figures(two_way)
        paper, digest = papers.freeze_paper(
            papers_two_way.result_paper(two_way, figures, published_on=clock.today())
        )
        TWO_WAY.apply(
            two_way,
            "publish",
            actor=actor,
            data={"year": two_way.year},
            fields={"figures": figures, "paper": paper, "paper_hash": digest, "published_by": actor},
        )
        bulletins.publish(
            two_way.alliance,
            kind=BulletinKind.FEEDBACK,
            title=f"{two_way.year}年度双向评议结果",
            body=papers_two_way.result_text(two_way.year, figures),
            visibility=Visibility.ALLIANCE,
            path=paths.two_way(two_way.alliance.code, two_way.year),
            source=f"evaluations.two_way:{two_way.pk}",
            actor=actor,
        )
    return two_way
