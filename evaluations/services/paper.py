"""Residents' paper ballots, typed in by staff in batches: 发放, 收回, 有效, 作废 are counted (design, papers)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import User
from alliances.services import audit
from evaluations import policies
from evaluations.enums import BallotSource, RoundState, RubricSubject, VoterGroup
from evaluations.errors import CodeUnknown
from evaluations.models import Ballot, PaperBatch, ResidentCode, Round
from evaluations.services import ballots
from evaluations.services.ballots import Scores
from evaluations.services.codes import find

MOST_SHEETS = 500
MOST_HANDED_OUT = 5000


@dataclass(frozen=True)
class Sheet:
    """One readable paper ballot. ``chair`` None: left blank. ``code`` is the one printed on it, if it has one."""

    activity: Scores
    chair: Scores | None = None
    code: str = ""


def enter(
    round: Round,
    sheets: Sequence[Sheet],
    *,
    handed_out: int,
    void: int = 0,
    in_all: bool = False,
    form_key: str = "",
    actor: User,
) -> PaperBatch:
    """Count and score a pile of paper ballots, all or none; also after closing, until the round is settled.

    ``handed_out`` is of this pile, or with ``in_all`` of all piles of the round together: then sheets that have not
    come back are carried by the newest pile.

    ``void`` are sheets that came back unreadable or spoilt. A sheet whose code has voted on a phone already is
    counted as void. The same form posted again returns the batch it made. Raises OfficeError naming the sheet.
    """
    if not policies.can_enter_paper(actor, round):
        raise NotAllowed("只有社区书记和工作人员可以录入纸质评议票。")
    if void < 0 or not 1 <= len(sheets) + void <= MOST_SHEETS:
        raise OfficeError(f"一次可录入 1 至 {MOST_SHEETS} 张。")
    if not in_all:
        _check_counts(handed_out, len(sheets) + void)
    form_hash = ballots.hash_form(round, form_key)
    if done := _batch_of(round, form_hash):
        return done
    with transaction.atomic():
        ballots.hold(round, RoundState.OPEN, RoundState.CLOSED)
        if done := _batch_of(round, form_hash):  # the same form, a moment ago
            return done
        round.refresh_from_db()
        wanted = [_checked(round, number, sheet) for number, sheet in enumerate(sheets, start=1)]
        counted = [
            scores
            for number, (sheet, scores) in enumerate(zip(sheets, wanted, strict=True), start=1)
            if _use_code(round, number, sheet)
        ]
        if in_all:
            handed_out = _own_share(round, handed_out, len(sheets) + void)
        batch = PaperBatch.objects.create(
            round=round,
            handed_out=handed_out,
            entered=len(sheets) + void,
            void=void + len(sheets) - len(counted),
            entered_by=actor,
            form_hash=form_hash,
        )
        ballots.add_residents(round, counted, BallotSource.PAPER)
        ballots.shuffle(round)
        audit.record(
            "evaluations.paper.enter",
            round,
            actor=actor,
            data={"handed_out": handed_out, "entered": batch.entered, "void": batch.void},
        )
    return batch


def _check_counts(handed_out: int, returned: int) -> None:
    if handed_out < returned:
        raise OfficeError(f"收回 {returned} 张，比发放的 {handed_out} 张还多，请核对。")
    if handed_out > MOST_HANDED_OUT:
        raise OfficeError(f"一次评议最多发放 {MOST_HANDED_OUT} 张纸质票，请核对。")


def _own_share(round: Round, handed_out: int, returned: int) -> int:
    """How many of all ``handed_out`` sheets the newest pile carries, once earlier piles keep only what came back."""
    earlier = PaperBatch.objects.filter(round=round)
    before = sum(earlier.values_list("entered", flat=True))
    _check_counts(handed_out, before + returned)
    earlier.update(handed_out=F("entered"))
    return handed_out - before


def correct_counts(round: Round, *, handed_out: int, void: int, actor: User) -> None:
    """Set right how many sheets were handed out and void in all, until the round is settled; no ballot changes."""
    if not policies.can_enter_paper(actor, round):
        raise NotAllowed("只有社区书记和工作人员可以更正张数。")
    if void < 0:
        raise OfficeError("作废张数不能小于 0。")
    with transaction.atomic():
        ballots.hold(round, RoundState.OPEN, RoundState.CLOSED)
        batches = list(PaperBatch.objects.filter(round=round).order_by("-pk"))
        if not batches:
            raise OfficeError("还没有录入纸质票，没有要更正的张数。")
        more = void - sum(batch.void for batch in batches)
        _check_counts(handed_out, sum(batch.entered for batch in batches) + more)
        for batch in batches:
            change = more if more > 0 else -min(-more, batch.void)
            batch.void, batch.entered, more = batch.void + change, batch.entered + change, more - change
            batch.handed_out = batch.entered
        batches[0].handed_out += handed_out - sum(batch.entered for batch in batches)
        PaperBatch.objects.bulk_update(batches, ["handed_out", "entered", "void"])
        audit.record(
            "evaluations.paper.correct", round, actor=actor, data={"handed_out": handed_out, "void": void}
        )


def start_over(round: Round, *, actor: User) -> int:
    """Take back every resident's paper ballot of the round, to type them anew; returns how many sheets.

    A ballot names no pile, so that one pile alone cannot be taken back. Codes of the sheets can be used again.
    """
    if not policies.can_enter_paper(actor, round):
        raise NotAllowed("只有社区书记和工作人员可以清空重录。")
    with transaction.atomic():
        ballots.hold(round, RoundState.OPEN, RoundState.CLOSED)
        batches = PaperBatch.objects.filter(round=round)
        count = sum(batches.values_list("entered", flat=True))
        if not count:
            raise OfficeError("还没有录入纸质票。")
        Ballot.objects.filter(round=round, group=VoterGroup.RESIDENTS, source=BallotSource.PAPER).delete()
        ResidentCode.objects.filter(round=round, used_as=BallotSource.PAPER).update(used_at=None, used_as="")
        batches.delete()
        audit.record("evaluations.paper.clear", round, actor=actor, data={"entered": count})
    return count


def _batch_of(round: Round, form_hash: str) -> PaperBatch | None:
    return PaperBatch.objects.filter(round=round, form_hash=form_hash).first() if form_hash else None


def _checked(round: Round, number: int, sheet: Sheet) -> dict[str, Scores]:
    try:
        wanted = {RubricSubject.ACTIVITY: ballots.checked(round.activity_items, sheet.activity, "活动")}
        if sheet.chair is not None and round.asks_chair:
            wanted[RubricSubject.CHAIR] = ballots.checked(round.chair_items, sheet.chair, "轮值主席")
    except OfficeError as problem:
        raise OfficeError(f"第 {number} 张：{problem.message}") from problem
    return {str(subject): scores for subject, scores in wanted.items()}


def _use_code(round: Round, number: int, sheet: Sheet) -> bool:
    """Whether the sheet counts: without a code always, with one if it has not voted before."""
    if not sheet.code.strip():
        return True
    try:
        row = find(sheet.code, round)
    except CodeUnknown as problem:
        raise OfficeError(f"第 {number} 张：{problem.message}") from problem
    return ballots.use_up(row, BallotSource.PAPER)
