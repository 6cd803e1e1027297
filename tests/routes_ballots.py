"""An open round with a ballot for every way of casting one."""

from __future__ import annotations

from typing import Any

from alliances import clock
from evaluations.models import Round
from evaluations.services import codes, rounds
from tests.cast import Cast
from tests.evaluations import scoring


def furnish_ballots(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments, as ``tests.routes.furnish`` wants them."""
    round = opened(cast)
    (code,) = codes.print_slips(round, 1, actor=cast.staff)
    return {
        "evaluations:unit-ballot": {"pk": scoring.mark(round, "县实验小学").pk},
        "evaluations:unit-ballot-record": {"pk": scoring.mark(round, "县财政局").pk},
        "evaluations:resident-ballot": {"code": code},
        "evaluations:resident-venue": {"token": round.venue_token},
    }


def opened(cast: Cast) -> Round:
    """The round of an activity that was held today."""
    activity = scoring.held(cast, title="楼道清理", on=clock.today())
    round = rounds.prepare(activity)
    return rounds.open_early(round, actor=cast.staff)
