"""check_integrity finds ballots too many or too few, figures and papers that were changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from alliances import clock
from evaluations import integrity
from evaluations.models import Ballot, Comment, Feedback, PaperBatch, ResidentCode, Round, UnitMark
from evaluations.services import comments, feedbacks, paper, rounds
from evaluations.services.paper import Sheet
from rotation.models import DutyChair
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.evaluations.scoring import scores


@pytest.fixture
def month(cast: Cast, frozen: Frozen) -> Feedback:
    """March with every kind of ballot, its feedback published, its comment given in April's seminar."""
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    scoring.units_vote(cast, round, 90, 84, 87)
    scoring.residents_vote(cast, round, *[80] * 6)
    paper.enter(round, [Sheet(scores(90))] * 5, handed_out=8, void=1, actor=cast.staff)
    frozen.to("2026-03-27T09:00")
    rounds.run(clock.now())
    feedback = Feedback.objects.select_related("alliance__organisation", "duty__plan").get()
    feedbacks.write(feedback, good="好", mend="", actor=cast.president)
    feedbacks.publish(feedback, actor=cast.president)
    comments.write(cast.duties[3], "组织有力。", actor=cast.secretary)
    scoring.seminar(cast, 4, "2026-04-10T15:00", "held")
    comments.settle_given(clock.now())
    return feedback


def found() -> dict[str, list[str]]:
    return {check.name: sentences for check in integrity.CHECKS if (sentences := check.find())}


def test_a_month_as_the_services_leave_it_has_no_contradiction(month: Feedback) -> None:
    assert Comment.objects.get().given_in is not None
    assert found() == {}


def change_figures(**to: Any) -> None:
    round = Round.objects.get()
    round.figures["activity"].update(to)
    round.save(update_fields=["figures"])


def change_scores() -> None:
    ballot = Ballot.objects.filter(subject="activity").first()
    Ballot.objects.filter(pk=ballot.pk).update(scores=scores(1))


BREAKS: list[tuple[str, Callable[[], Any]]] = [
    (
        "evaluations.ballots",
        lambda: Ballot.objects.filter(group="units", subject="activity").first().delete(),
    ),
    ("evaluations.ballots", lambda: Ballot.objects.filter(group="units", subject="chair").first().delete()),
    ("evaluations.ballots", lambda: Ballot.objects.filter(source="paper").first().delete()),
    ("evaluations.ballots", lambda: ResidentCode.objects.filter(pk=ResidentCode.objects.first().pk).delete()),
    ("evaluations.ballots", lambda: PaperBatch.objects.update(void=0)),
    ("evaluations.ballots", lambda: UnitMark.objects.filter(member__unit__name="县交警队").delete()),
    ("evaluations.figures", lambda: change_figures(score="99.9")),
    ("evaluations.figures", change_scores),
    ("evaluations.papers", lambda: change_figures(score="99.9")),
    ("evaluations.papers", lambda: Feedback.objects.update(paper_hash="0" * 64)),
    ("evaluations.papers", lambda: Comment.objects.update(paper_hash="0" * 64)),
]


@pytest.mark.parametrize(("check", "damage"), BREAKS)
def test_damage_is_found(month: Feedback, check: str, damage: Callable[[], Any]) -> None:
    damage()
    assert check in found()


def test_a_chair_that_was_asked_about_itself_is_found(cast: Cast, month: Feedback) -> None:
    DutyChair.objects.create(duty=cast.duties[3], member=cast.members["县交警队"], order=3)
    assert found() == {"evaluations.chairs": ["县交警队是当月轮值主席，却列入“春季义诊进小区”评议单位"]}
