from evaluations.models.assessment import Assessment, AssessmentLine, AssessmentScheme
from evaluations.models.ballots import Ballot, PaperBatch, ResidentCode, Round, UnitMark
from evaluations.models.feedback import Comment, Feedback
from evaluations.models.rubric import Rubric

__all__ = [
    "Assessment",
    "AssessmentLine",
    "AssessmentScheme",
    "Ballot",
    "Comment",
    "Feedback",
    "PaperBatch",
    "ResidentCode",
    "Round",
    "Rubric",
    "UnitMark",
]
