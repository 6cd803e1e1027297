"""Casting ballots. The only writer of ballots, of units' marks and of used codes.

Each vote is one transaction that first takes the round's row while it is open: closing waits for votes under way, and
no vote comes in after it. Then the mark or the code is used up by a conditional UPDATE, and only then the ballot is
written. See ``models.ballots`` for why nothing leads from a ballot to its voter.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from alliances import clock
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import User
from alliances.services import audit
from evaluations import arithmetic, policies
from evaluations.enums import BallotSource, RoundState, RubricSubject, VoterGroup
from evaluations.errors import AlreadyVoted, CodeUsed, CodeVoid, RoundNotOpen, RoundOver
from evaluations.models import Ballot, ResidentCode, Round, UnitMark
from evaluations.selectors import rounds as selector
from evaluations.selectors.rubrics import Items, weights_of
from evaluations.services.codes import find

Scores = Mapping[str, int | None]

_random = random.SystemRandom()


def hold(round: Round, *states: str) -> None:
    """Take the round's row for this transaction while it is in one of ``states``; raises why it is not.

    Held as open alone, for those who vote themselves, it must not be past its last day either: no vote hangs on when the
    clock's tick comes.
    """
    rows = Round.objects.filter(pk=round.pk, state__in=states)
    if states == (RoundState.OPEN,):
        rows = rows.filter(closes_on__gte=clock.today())
    if rows.update(state=F("state")):
        return
    state = Round.objects.values_list("state", flat=True).get(pk=round.pk)
    raise RoundNotOpen if state == RoundState.PREPARED else RoundOver


def hash_form(round: Round, form_key: str) -> str:
    """What is kept of a form's random value; empty for a form without one."""
    return hashlib.sha256(f"form:{round.pk}:{form_key}".encode()).hexdigest() if form_key else ""


def checked(items: Items, scores: Scores, what: str) -> dict[str, int | None]:
    """``scores`` if they answer every item of ``items`` rightly. Raises OfficeError."""
    try:
        arithmetic.check_ballot(weights_of(items), scores)
    except ValueError as problem:
        raise OfficeError(f"请给{what}的每一项打分，分数不超过该项分值；不了解的请选“不了解”。") from problem
    return {item["key"]: scores[item["key"]] for item in items}


# --- units --------------------------------------------------------------------------------------------------------


def cast_unit(
    mark: UnitMark, activity: Scores, chair: Scores | None = None, *, form_key: str = "", actor: User
) -> UnitMark:
    """The unit's liaison votes. The same form posted again gets the same answer; another ballot AlreadyVoted.

    ``chair`` is needed unless the unit has scored this month's chair before (``selectors.rounds.asks_chair``), in
    which case it is left out of account. Writes no row of the log: the mark says on which day the unit voted.
    """
    if not policies.can_vote_for_unit(actor, mark):
        raise NotAllowed("只有本单位联络员可以评议。")
    return _cast_unit(mark, activity, chair, form_key, {"via": Via.SCREEN}, (RoundState.OPEN,))


def record_unit(
    mark: UnitMark,
    activity: Scores,
    chair: Scores | None = None,
    *,
    voter_name: str,
    via: str,
    form_key: str = "",
    actor: User,
) -> UnitMark:
    """Secretary or staff record a unit's ballot given on paper or by phone; also after closing, until settled.

    The log tells that it was recorded, and by whom; like every vote, nothing tells which ballot it is.
    """
    if not policies.can_record_vote(actor, mark):
        raise NotAllowed("只有社区书记和工作人员可以代录评议票。")
    if via not in (Via.PAPER, Via.PHONE):
        raise OfficeError("请选择纸质或电话。")
    if not voter_name.strip():
        raise OfficeError("请填写评议人姓名。")
    how = {"via": via, "voter_name": voter_name.strip()[:40], "recorded_by": actor}
    return _cast_unit(mark, activity, chair, form_key, how, (RoundState.OPEN, RoundState.CLOSED))


def _cast_unit(
    mark: UnitMark,
    activity: Scores,
    chair: Scores | None,
    form_key: str,
    how: dict[str, Any],
    states: tuple[str, ...],
) -> UnitMark:
    round = mark.round
    form_hash = hash_form(round, form_key)
    if _same_form(mark, form_hash):
        return mark
    if mark.voted_on is not None:
        raise AlreadyVoted(f"{mark.member.unit.name}已经评过这次活动，每家单位评一次。")
    with transaction.atomic():
        hold(round, *states)
        round.refresh_from_db()
        wanted = {RubricSubject.ACTIVITY: checked(round.activity_items, activity, "活动")}
        if selector.asks_chair(mark):
            if chair is None:
                raise OfficeError("请一并给轮值主席打分，不了解的可选“不了解”。")
            wanted[RubricSubject.CHAIR] = checked(round.chair_items, chair, "轮值主席")
        hit = UnitMark.objects.filter(pk=mark.pk, voted_on=None).update(
            voted_on=clock.today(), form_hash=form_hash, **how
        )
        mark.refresh_from_db()
        if not hit:
            if _same_form(mark, form_hash):
                return mark
            raise AlreadyVoted(f"{mark.member.unit.name}刚刚已经评过这次活动。")
        if RubricSubject.CHAIR in wanted and not _takes_chair(mark):
            del wanted[RubricSubject.CHAIR]
        new = [
            Ballot(round=round, subject=subject, group=VoterGroup.UNITS, scores=scores)
            for subject, scores in wanted.items()
        ]
        shuffle(round, VoterGroup.UNITS, new)
        # Here and not where it is asked for: the same form sent twice at once is recorded, and logged, once.
        if actor := how.get("recorded_by"):
            audit.record(
                "evaluations.ballot.record",
                round,
                actor=actor,
                data={"member": mark.member_id, "via": str(how["via"])},
            )
    return mark


def _same_form(row: UnitMark | ResidentCode, form_hash: str) -> bool:
    return bool(form_hash) and row.form_hash == form_hash


def _takes_chair(mark: UnitMark) -> bool:
    """Once a month: the database decides between two rounds in which a unit votes at the same moment."""
    try:
        with transaction.atomic():
            UnitMark.objects.filter(pk=mark.pk).update(has_scored_chair=True)
    except IntegrityError:
        return False
    mark.has_scored_chair = True
    return True


# --- residents ----------------------------------------------------------------------------------------------------


def cast_by_code(
    code: str,
    activity: Scores,
    chair: Scores | None = None,
    *,
    form_key: str = "",
    round: Round | None = None,
) -> Round:
    """A resident votes with a one-time code; returns its round. Needs no account.

    ``chair`` None: not asked, or the resident has scored this month's chair before. ``round``, if given, is the one
    whose page the code was typed on. The same form posted again gets the same answer. Raises BallotRefused.
    """
    row = find(code, round)
    form_hash = hash_form(row.round, form_key)
    if _same_form(row, form_hash):
        return row.round
    refuse(row)
    wanted: dict[str, Scores] = {RubricSubject.ACTIVITY: checked(row.round.activity_items, activity, "活动")}
    if chair is not None and row.asks_chair and row.round.asks_chair:
        wanted[RubricSubject.CHAIR] = checked(row.round.chair_items, chair, "轮值主席")
    with transaction.atomic():
        hold(row.round, RoundState.OPEN)
        if not use_up(row, BallotSource.SCREEN, form_hash):
            row.refresh_from_db()
            if _same_form(row, form_hash):
                return row.round
            raise CodeVoid if row.is_void else CodeUsed
        add_residents(row.round, [wanted], BallotSource.SCREEN)
    return row.round


def refuse(row: ResidentCode) -> None:
    """Raise why ``row`` can cast no ballot now, if it cannot: void, used, round not begun or over."""
    if row.is_void:
        raise CodeVoid
    if row.used_at is not None:
        raise CodeUsed
    if row.round.state == RoundState.PREPARED:
        raise RoundNotOpen
    if not row.round.takes_votes:
        raise RoundOver


def use_up(row: ResidentCode, source: str, form_hash: str = "") -> bool:
    """The conditional UPDATE that decides who uses a code; True for the one that does."""
    return bool(
        ResidentCode.objects.filter(pk=row.pk, used_at=None, is_void=False).update(
            used_at=clock.now(), used_as=source, form_hash=form_hash
        )
    )


def add_residents(round: Round, sheets: Iterable[Mapping[str, Scores]], source: str) -> None:
    """Write residents' ballots: each sheet maps a subject to its scores."""
    rows = [
        Ballot(round=round, subject=subject, group=VoterGroup.RESIDENTS, source=source, scores=dict(scores))
        for sheet in sheets
        for subject, scores in sheet.items()
    ]
    _random.shuffle(rows)
    Ballot.objects.bulk_create(rows)


# --- order and keys -----------------------------------------------------------------------------------------------


def shuffle(round: Round, group: str | None = None, more: Iterable[Ballot] = ()) -> None:
    """Write the round's ballots (of ``group``) anew, with ``more``, in random order and under new keys.

    Afterwards neither keys nor the order of rows nor the transaction that wrote them says which came when. Call it in
    a transaction that holds the round.
    """
    rows = Ballot.objects.filter(round=round)
    if group is not None:
        rows = rows.filter(group=group)
    fresh = [
        Ballot(round=round, subject=row.subject, group=row.group, source=row.source, scores=row.scores)
        for row in [*rows, *more]
    ]
    rows.delete()
    _random.shuffle(fresh)
    Ballot.objects.bulk_create(fresh, batch_size=500)
