"""The states of the foundation's own objects as tables of moves."""

from alliances import policies
from alliances.enums import CommitmentState
from alliances.lifecycle import Lifecycle, Move
from alliances.models import Commitment

COMMITMENT = Lifecycle(
    name="alliances.commitment",
    title="承诺事项",
    model=Commitment,
    states=CommitmentState,
    initial=CommitmentState.OPEN,
    moves=(
        Move(
            "fulfil",
            "确认兑现",
            (CommitmentState.OPEN,),
            CommitmentState.FULFILLED,
            who=policies.can_run_alliance,
            stamp="settled_at",
        ),
        # Whoever waives a promise takes it out of the assessment: the secretary answers for that.
        Move(
            "waive",
            "不再考核",
            (CommitmentState.OPEN,),
            CommitmentState.WAIVED,
            who=policies.can_lead_alliance,
            stamp="settled_at",
        ),
        Move(
            "reopen",
            "更正为待兑现",
            (CommitmentState.FULFILLED, CommitmentState.WAIVED),
            CommitmentState.OPEN,
            who=policies.can_lead_alliance,
        ),
    ),
)

LIFECYCLES = (COMMITMENT,)
