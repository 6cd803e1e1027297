"""Who took which file of a quarter's assessment out of the house: a row of the log each time."""

from __future__ import annotations

from alliances.models import LogEntry, User
from alliances.services import audit
from evaluations.models import Assessment

DOWNLOADED = "evaluations.assessment.download"


def note(
    assessment: Assessment, *, kind: str, suffix: str, actor: User, member: int | None = None
) -> LogEntry:
    """``kind``: report, data, summary or letter (of ``member``); ``suffix``: docx, pdf or xlsx."""
    data = {"kind": kind, "format": suffix, "revision": assessment.revision}
    return audit.record(
        DOWNLOADED, assessment, actor=actor, data={**data, **({"member": member} if member else {})}
    )
