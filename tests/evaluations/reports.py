"""A first quarter of 2026 for the tests of the quarterly assessment: little, but something in every part."""

from __future__ import annotations

from datetime import date

from alliances.calendars import Quarter
from alliances.models import Organisation
from evaluations.models import Assessment, AssessmentLine, AssessmentScheme
from evaluations.selectors import assessments as reads
from evaluations.services import assessments, drafting
from rotation.models import Activity, Meeting, Reply
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.factories import demands as lists

Q1 = Quarter(2026, 1)
DRAFTED_AT = "2026-04-01T00:05"  # the first night after the quarter
FILED_AT = "2026-04-02T10:00"
PROBLEMS, NEXT_STEPS = "个别单位响应不够及时。", "加强督促，完善机制。"


def quarter(cast: Cast) -> Activity:
    """March's activity, its seminar (attended by one, missed by another), a claim delivered in time, one late."""
    activity = scoring.held(cast)
    meeting = scoring.seminar(cast, 3, "2026-03-12T15:00", "minuted")
    for name, attended in (("县实验小学", True), ("县交警队", False), ("县图书馆", True)):
        Reply.objects.create(meeting=meeting, member=cast.members[name], has_attended=attended)
    in_time(cast, "县图书馆")
    return activity


def in_time(cast: Cast, name: str) -> None:
    """A claim of the unit: due in March, delivered and accepted before."""
    lists.claim(
        lists.demand(cast.alliance, cast.station_place),
        cast.members[name],
        state="accepted",
        claimed_on=date(2026, 3, 2),
        due_on=date(2026, 3, 20),
        delivered_on=date(2026, 3, 10),
        accepted_on=date(2026, 3, 11),
    )


def drafted(cast: Cast, frozen: Frozen) -> Assessment:
    """The draft as the sweeps of the first night make it."""
    now = frozen.to(DRAFTED_AT)
    drafting.plan_due(now)
    drafting.draft_waiting(now)
    return of(cast)


def of(cast: Cast, revision: int = 1) -> Assessment:
    return reads.full().get(alliance=cast.alliance, year=2026, quarter=1, revision=revision)


def line(assessment: Assessment, name: str) -> AssessmentLine:
    return AssessmentLine.objects.select_related("assessment__alliance__organisation", "member__unit").get(
        assessment=assessment, member__unit__name=name
    )


def filed(cast: Cast, frozen: Frozen) -> Assessment:
    """Drafted, with words, filed on 2 April."""
    draft = drafted(cast, frozen)
    frozen.to(FILED_AT)
    assessments.write(draft, problems=PROBLEMS, next_steps=NEXT_STEPS, actor=cast.staff)
    return assessments.file(draft, actor=cast.secretary)


def seminar_of(cast: Cast) -> Meeting:
    return Meeting.objects.get(alliance=cast.alliance, duty=cast.duties[3])


def broken_scheme(place: Organisation) -> AssessmentScheme:
    """Points that do not add up, as no service would keep them."""
    return AssessmentScheme.objects.create(
        organisation=place, year=2026, weights={"results": 1}, lowest=-10, highest=5
    )
