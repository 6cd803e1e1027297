"""Two reports of 2025 for the routes of the quarterly assessment: the third quarter's is filed, the fourth's a draft; and a
town's for the query ceilings."""

from __future__ import annotations

from typing import Any

from alliances.calendars import Quarter
from alliances.models import Alliance, Member, User
from evaluations.models import Assessment, AssessmentLine
from evaluations.selectors import assessments as reads
from evaluations.services import assessments, drafting
from rotation.selectors.deadlines import Office
from tests.cast import Cast

LAST = Quarter(2025, 4)


def drafted(alliance: Alliance, quarter: Quarter) -> Assessment:
    """The quarter's first draft, as the sweeps would have made it."""
    made = Assessment.objects.create(
        alliance=alliance,
        year=quarter.year,
        quarter=quarter.n,
        due_on=drafting.due_on(quarter, Office(alliance.organisation)),
    )
    return drafting.compute(reads.full().get(pk=made.pk))


def filed(draft: Assessment, actor: User) -> Assessment:
    assessments.write(draft, problems="响应不够及时。", next_steps="加强督促。", actor=actor)
    return assessments.file(draft, actor=actor)


def furnish(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments."""
    report = filed(drafted(cast.alliance, LAST.prev()), cast.secretary)
    draft = drafted(cast.alliance, LAST)
    library = cast.members["县图书馆"]
    line = AssessmentLine.objects.get(assessment=report, member=library)
    found: dict[str, dict[str, Any]] = {
        "evaluations:assessment-own-letter": {"pk": line.pk, "fmt": "pdf"},
        "evaluations:assessment-scheme": {"code": cast.community.code, "year": 2026},
        "evaluations:assessment-adjust": {"pk": draft.pk, "member": library.pk},
        "evaluations:assessment-letter": {"pk": report.pk, "member": library.pk, "fmt": "pdf"},
        "evaluations:assessment-paper": {"pk": report.pk, "kind": "summary", "fmt": "pdf"},
    }
    for name in ("assessment", *(f"assessment-{one}" for one in ANSWERS)):
        found[f"evaluations:{name}"] = {"pk": report.pk}
    for name in ("recompute", "file"):
        found[f"evaluations:assessment-{name}"] = {"pk": draft.pk}
    return found


ANSWERS = ("revise", "changes", "receive", "return", "acknowledge")


def town(home: Alliance, members: list[Member], users: dict[str, User]) -> dict[str, Any]:
    """For the query ceilings: as many filed reports as the town has units, the first corrected once; and a draft."""
    secretary = users["secretary"]
    draft, quarter, reports = drafted(home, LAST), LAST, []
    for _ in members:
        quarter = quarter.prev()
        reports.append(filed(drafted(home, quarter), secretary))
    for _ in members:
        new = assessments.revise(reports[0], reason="漏计", actor=secretary)
        reports[0] = assessments.file(new, actor=secretary)
    return {"draft": draft, "report": reports[0]}
