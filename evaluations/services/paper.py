"""Residents' paper ballots, typed in by staff in batches: 发放, 收回, 有效, 作废 are counted (design, papers)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import User
from alliances.services import audit
from evaluations import policies
from evaluations.enums import BallotSource, RoundState, RubricSubject
from evaluations.errors import CodeUnknown
from evaluations.models import PaperBatch, Round
from evaluations.services import ballots
from evaluations.services.ballots import Scores
from evaluations.services.codes import find

MOST_SHEETS = 500


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
    form_key: str = "",
    actor: User,
) -> PaperBatch:
    """Count and score a pile of paper ballots, all or none; also after closing, until the round is settled.

    ``void`` are sheets that came back unreadable or spoilt. A sheet whose code has voted on a phone already is
    counted as void. The same form posted again returns the batch it made. Raises OfficeError naming the sheet.
    """
    if not policies.can_enter_paper(actor, round):
        raise NotAllowed("只有社区书记和工作人员可以录入纸质评议票。")
    if void < 0 or not 1 <= len(sheets) + void <= MOST_SHEETS:
        raise OfficeError(f"一次可录入 1 至 {MOST_SHEETS} 张。")
    if handed_out < len(sheets) + void:
        raise OfficeError(f"收回 {len(sheets) + void} 张，比发放的 {handed_out} 张还多，请核对。")
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
