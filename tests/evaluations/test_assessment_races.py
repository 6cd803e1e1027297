"""One report in several hands at the very same moment, on PostgreSQL: one winner, nothing half done."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from alliances import clock
from alliances.errors import OfficeError
from alliances.models import Alliance, LogEntry, Message, NumberSeries
from evaluations import integrity_quarter
from evaluations.models import Assessment, AssessmentLine
from evaluations.selectors import assessments as reads
from evaluations.services import assessments, drafting
from tests import cast as cast_module
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import reports
from tests.races import together

pytestmark = [pytest.mark.race, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
CROWD = 6


@pytest.fixture
def crowd(transactional_db: None, frozen: Frozen) -> Cast:
    """The cast, committed, so that other connections see it."""
    found = cast_module.build()
    reports.quarter(found)
    return found


@pytest.fixture
def draft(crowd: Cast, frozen: Frozen) -> Assessment:
    found = reports.drafted(crowd, frozen)
    frozen.to(reports.FILED_AT)
    return assessments.write(found, problems="甲", next_steps="乙", actor=crowd.secretary)


def won(outcomes: list[Any]) -> list[Any]:
    """What succeeded; anything that failed must have failed with a sentence for people."""
    unexpected = [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, OfficeError)]
    assert not unexpected, unexpected
    return [o for o in outcomes if not isinstance(o, Exception)]


def sound() -> bool:
    return not [sentence for check in integrity_quarter.CHECKS for sentence in check.find()]


def test_many_sweeps_draft_each_report_once(crowd: Cast, frozen: Frozen) -> None:
    now = frozen.to(reports.DRAFTED_AT)

    def night() -> list[str]:
        return drafting.plan_due(now) + drafting.draft_waiting(now)

    together([night] * CROWD)
    drafting.draft_waiting(now)
    assert Assessment.objects.count() == Alliance.objects.count() == 2
    assert LogEntry.objects.filter(action=drafting.DRAFTED).count() == 2
    members = crowd.alliance.members.count() + crowd.foreign_alliance.members.count()
    assert AssessmentLine.objects.count() == members


def test_filed_by_many_it_is_filed_once(crowd: Cast, draft: Assessment) -> None:
    outcomes = together([partial(assessments.file, draft, actor=crowd.secretary)] * CROWD)
    assert len(won(outcomes)) == 1
    assert NumberSeries.objects.get(kind=assessments.SERIES).last == 1
    assert Message.objects.filter(kind="evaluations.assessment.filed", channel="inbox").count() == 2
    assert sound()


def test_a_sweep_and_an_adjustment_beside_the_filing_leave_it_whole(crowd: Cast, draft: Assessment) -> None:
    line = reports.line(draft, "县图书馆")
    outcomes = together(
        [
            partial(assessments.file, draft, actor=crowd.secretary),
            partial(drafting.compute, reads.full().get(pk=draft.pk)),
            partial(assessments.adjust, line, adjustment="2", reason="有", actor=crowd.secretary),
            partial(
                assessments.write,
                reads.full().get(pk=draft.pk),
                problems="丙",
                next_steps="丁",
                actor=crowd.staff,
            ),
        ]
    )
    assert isinstance(outcomes[0], Assessment), outcomes
    won(outcomes)
    assert sound()


def test_received_or_returned_but_not_both(crowd: Cast, draft: Assessment) -> None:
    filed = assessments.file(draft, actor=crowd.secretary)
    outcomes = together(
        [
            partial(assessments.receive, reads.full().get(pk=filed.pk), actor=crowd.street),
            partial(assessments.send_back, reads.full().get(pk=filed.pk), reason="有误", actor=crowd.street),
        ]
        * 3
    )
    assert len(won(outcomes)) == 1
    told = Message.objects.filter(kind="evaluations.assessment.result").exists()
    assert told == (reports.of(crowd).state == "received")


def test_one_correction_is_begun(crowd: Cast, draft: Assessment) -> None:
    filed = assessments.file(draft, actor=crowd.secretary)
    outcomes = together([partial(assessments.revise, filed, reason="更正", actor=crowd.secretary)] * CROWD)
    assert len(won(outcomes)) == 1
    assert Assessment.objects.filter(alliance=crowd.alliance).count() == 2
    assert clock.today() <= reports.of(crowd, 2).due_on
    assert sound()
