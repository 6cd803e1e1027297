from evaluations.models.assessment import Assessment, AssessmentLine, AssessmentScheme
from evaluations.models.ballots import Ballot, PaperBatch, ResidentCode, Round, UnitMark
from evaluations.models.feedback import Comment, Feedback
from evaluations.models.rubric import Rubric
from evaluations.models.year_end import (
    AwardList,
    Candidate,
    TwoWay,
    TwoWayBallot,
    TwoWayItem,
    TwoWayMark,
    YearSummary,
)

__all__ = [
    "Assessment",
    "AssessmentLine",
    "AssessmentScheme",
    "AwardList",
    "Ballot",
    "Candidate",
    "Comment",
    "Feedback",
    "PaperBatch",
    "ResidentCode",
    "Round",
    "Rubric",
    "TwoWay",
    "TwoWayBallot",
    "TwoWayItem",
    "TwoWayMark",
    "UnitMark",
    "YearSummary",
]
