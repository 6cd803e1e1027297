"""Drafts the annual rotation table and explains each month. Pure: imports no Django, HiGHS only when solving.

`draft` proposes a year, `check` comments on a table edited by hand; both take a `Problem`.
"""

from .checking import check
from .drafting import draft
from .objectives import OBJECTIVE_LABELS
from .problem import (
    COLLECTIVE,
    SOLO,
    Candidate,
    Collision,
    Draft,
    Finding,
    Lock,
    MonthDraft,
    OutOfTime,
    Problem,
)
from .themes import standing_theme

__all__ = [
    "COLLECTIVE",
    "OBJECTIVE_LABELS",
    "SOLO",
    "Candidate",
    "Collision",
    "Draft",
    "Finding",
    "Lock",
    "MonthDraft",
    "OutOfTime",
    "Problem",
    "check",
    "draft",
    "standing_theme",
]
