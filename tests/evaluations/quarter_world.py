"""The planted world at the beginning of 2027: a year of reports in every state, an open year's end, promises and tables that the
worker makes, in both alliances; and words that stand nowhere else, each with those who may read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from alliances import clock
from alliances.calendars import Quarter
from alliances.models import Alliance, ExportJob, Member, User
from alliances.services import commitments, export_jobs
from demands.services import claims
from demands.services.claims import Promise
from evaluations.enums import RoundState, TwoWayState
from evaluations.models import Assessment, AssessmentLine, Candidate, Round, TwoWay, TwoWayItem
from evaluations.selectors import assessments as reads
from evaluations.services import assessments, awards, year_papers
from tests import routes_year_end
from tests.conftest import client_of
from tests.demands.planted_world import World, planted_world
from tests.factories import demands as lists
from tests.matrix import ALL, OFFICE, Who, who
from tests.routes_assessments import drafted
from tests.walkers import walkers

# Wednesday, in the season of the year's end, before the fourth quarter is owed.
LATER = datetime(2027, 1, 6, 9, 0, tzinfo=clock.ZONE)
YEAR = 2026

COMMUNITY = OFFICE | who("president")
READERS = COMMUNITY | who("street county")
FOREIGN = who("foreign_secretary")
FOREIGN_READERS = FOREIGN | who("other_street county")
WALKERS = walkers(ALL, first=["foreign_liaison", "street"])
UNITS = who("liaison second_liaison third_liaison other_liaison both_liaison leader")
# Words and who may come by them, wherever they look.
MARKS: dict[str, Who] = {
    "同心报送密语": READERS,
    "同心草稿密语": COMMUNITY,
    "同心退回密语": READERS,
    "图书馆加减密语": READERS | who("liaison leader"),
    "小学加减密语": READERS | who("other_liaison"),
    "图书馆承诺密语": READERS | who("liaison leader"),
    "小学承诺密语": READERS | who("other_liaison"),
    "同心事项密语": COMMUNITY | UNITS,
    "同心候选密语": COMMUNITY,
    "同心不予密语": COMMUNITY,
    "清河报送密语": FOREIGN_READERS,
    "清河草稿密语": FOREIGN,
    "法院加减密语": FOREIGN_READERS | who("foreign_liaison"),
    "清河交警加减密语": FOREIGN_READERS | who("both_liaison"),
    "法院承诺密语": FOREIGN_READERS | who("foreign_liaison"),
    "清河交警承诺密语": FOREIGN_READERS | who("both_liaison"),
    "清河事项密语": FOREIGN | who("foreign_liaison both_liaison"),
    "清河候选密语": FOREIGN,
    "清河需求密语": FOREIGN_READERS | who("foreign_liaison both_liaison"),
    "法院措施密语": FOREIGN_READERS | who("foreign_liaison both_liaison"),
}


@dataclass
class QuarterWorld(World):
    """``reports`` by alliance (``home``, ``foreign``) and what was done with them; ``jobs`` by whoever asked for them."""

    reports: dict[str, Assessment] = field(default_factory=dict)
    jobs: dict[str, ExportJob] = field(default_factory=dict)

    def overheard(self, part: str, words: str) -> list[str]:
        """Marked words in ``words`` that are not for ``part``."""
        return [mark for mark, readers in MARKS.items() if mark in words and part not in readers]

    def addresses(self, route: str) -> list[str]:
        """Those of the year's end of both alliances and of every report and line beside what is furnished."""
        found = super().addresses(route)
        arguments = self.arguments.get(route)
        name = route.split(" ")[0]
        if arguments is None or not name.startswith("evaluations:"):
            return found
        if set(arguments) >= {"code", "year"} and "pk" not in arguments:
            kinds = [
                {**arguments, "code": code, "year": year}
                for code in ("01-01-01", "01-02-01")
                for year in (YEAR, YEAR - 1, YEAR - 2)
            ]
        elif name in OF_REPORTS:
            kinds = [{**arguments, "pk": pk} for pk in self.every(Assessment)]
        elif name == "evaluations:assessment-own-letter":
            kinds = [{**arguments, "pk": pk} for pk in self.every(AssessmentLine)]
        else:
            return found
        return list(dict.fromkeys([*found, *(reverse(name, kwargs=kind) for kind in kinds)]))

    @staticmethod
    def every(model: Any) -> list[int]:
        return list(model._default_manager.order_by("pk").values_list("pk", flat=True))


OF_REPORTS = frozenset(
    f"evaluations:{name}"
    for name in (
        "assessment", "assessment-changes", "assessment-revise", "assessment-receive", "assessment-return",
        "assessment-acknowledge", "assessment-recompute", "assessment-file", "assessment-adjust", "assessment-paper",
        "assessment-letter",
    )
)  # fmt: skip


@contextmanager
def quarter_world() -> Iterator[QuarterWorld]:
    """Undone afterwards. Files go where ``settings`` say; a test points them to a folder of its own."""
    with planted_world() as first, transaction.atomic():
        world = QuarterWorld(first.cast, first.arguments, {}, first.planted, first.before)
        _promises(world)
        _demands(world)
        with clock.at(LATER):
            # Ballots stay open, so that their pages are still there to be walked.
            Round.objects.filter(state=RoundState.OPEN).update(closes_on=LATER.date())
            TwoWay.objects.filter(state=TwoWayState.OPEN).update(closes_on=LATER.date())
            _reports(world)
            _year_end(world)
            _tables(world)
            for part, user in world.cast.users.items():
                world.cookies[part] = client_of(user).cookies[settings.SESSION_COOKIE_NAME].value
            yield world
        transaction.set_rollback(True)


def _promises(world: QuarterWorld) -> None:
    cast = world.cast
    for member, words, actor in (
        (cast.members["县图书馆"], "图书馆承诺密语", cast.staff),
        (cast.members["县实验小学"], "小学承诺密语", cast.staff),
        (cast.foreign_members["县法院"], "法院承诺密语", cast.foreign_secretary),
        (cast.foreign_members["县交警队"], "清河交警承诺密语", cast.foreign_secretary),
    ):
        commitments.add(member, text=words, due_on=date(YEAR, 6, 30), actor=actor)


def _demands(world: QuarterWorld) -> None:
    """A demand that 清河社区 keeps to itself, served by its own unit."""
    cast = world.cast
    demand = lists.demand(
        cast.foreign_alliance, cast.foreign_station_place, content="清河需求密语", hall_opened_at=clock.now()
    )
    claims.take(
        demand,
        cast.foreign_members["县法院"],
        Promise("法院措施密语", "姚书记员"),
        actor=cast.foreign_liaison,
    )


def written(
    world: QuarterWorld, alliance: Alliance, n: int, problems: str, writer: User, **adjusted: str
) -> Assessment:
    """A draft of a quarter of the year with a person's words; ``adjusted``: unit name → reason of a point more."""
    draft = drafted(alliance, Quarter(YEAR, n))
    assessments.write(draft, problems=problems, next_steps="继续做好。", actor=writer)
    for unit, reason in adjusted.items():
        line = AssessmentLine.objects.select_related(
            "assessment__alliance__organisation", "member__unit"
        ).get(assessment=draft, member__unit__name=unit)
        if line.raw is None:  # nothing to score: the reason is what counts here
            AssessmentLine.objects.filter(pk=line.pk).update(raw="80.0", score="80.0", grade="良好")
            line.refresh_from_db()
        assessments.adjust(line, adjustment="1.0", reason=reason, actor=writer)
    return reads.full().get(pk=draft.pk)


def _reports(world: QuarterWorld) -> None:
    """Of 同心社区 one received, one filed with its correction begun, one returned, one draft; of 清河社区 one filed, one draft."""
    cast, found = world.cast, world.reports
    home, away = cast.alliance, cast.foreign_alliance
    reasons = {"县图书馆": "图书馆加减密语", "县实验小学": "小学加减密语"}
    found["received"] = _file(
        written(world, home, 1, "同心报送密语", cast.secretary, **reasons), cast.secretary
    )
    assessments.receive(found["received"], actor=cast.street)
    found["filed"] = _file(written(world, home, 2, "同心报送密语", cast.secretary), cast.secretary)
    found["correction"] = assessments.revise(found["filed"], reason="漏计一项", actor=cast.secretary)
    assessments.write(found["correction"], problems="同心草稿密语", next_steps="无", actor=cast.staff)
    found["returned"] = _file(written(world, home, 3, "同心报送密语", cast.secretary), cast.secretary)
    assessments.send_back(found["returned"], reason="同心退回密语", actor=cast.street)
    found["draft"] = written(world, home, 4, "同心草稿密语", cast.secretary, 县图书馆="同心草稿密语")
    reasons = {"县法院": "法院加减密语", "县交警队": "清河交警加减密语"}
    chief = cast.foreign_secretary
    found["foreign"] = _file(written(world, away, 1, "清河报送密语", chief, **reasons), chief)
    found["foreign draft"] = written(world, away, 4, "清河草稿密语", chief, 县法院="清河草稿密语")


def _file(draft: Assessment, actor: User) -> Assessment:
    return reads.full().get(pk=assessments.file(draft, actor=actor).pk)


def _year_end(world: QuarterWorld) -> None:
    """Of both alliances an open evaluation and a draft of awards; 清河社区 has published its summary."""
    cast = world.cast
    home = [cast.members[name] for name in ("县图书馆", "县实验小学", "县财政局")]
    away = list(cast.foreign_members.values())
    sides: tuple[tuple[Alliance, list[Member], User, str], ...] = (
        (cast.alliance, home, cast.staff, "同心"),
        (cast.foreign_alliance, away, cast.foreign_secretary, "清河"),
    )
    for alliance, members, staff, word in sides:
        one = routes_year_end.an_evaluation(alliance, YEAR, "open", members, staff)
        TwoWayItem.objects.filter(two_way=one).update(text=f"{word}事项密语")
        draft = routes_year_end.an_award_list(alliance, YEAR, [], staff)
        for member in members[:2]:
            awards.add(draft, kind="advanced", member=member, words=f"{word}候选密语", actor=staff)
    refused = Candidate.objects.select_related("award_list", "member__unit", "alliance__organisation")
    awards.decide(
        refused.filter(alliance=cast.alliance, award_list__year=YEAR)[0],
        award=False,
        reason="同心不予密语",
        actor=cast.secretary,
    )
    year_papers.publish_summary(cast.foreign_alliance, YEAR, actor=cast.foreign_secretary)


def _tables(world: QuarterWorld) -> None:
    """Archives of reports that offices have asked for, and the worker has made."""
    for part in ("street", "other_street", "county"):
        client = client_of(world.cast.users[part])
        answer = client.post(
            reverse("alliances:export", args=["quarter-reports"]), {"format": "zip", "quarter": f"{YEAR}-1"}
        )
        assert answer.status_code == 302, part
        world.jobs[part] = ExportJob.objects.latest("pk")
        while export_jobs.make_due(clock.now()):
            pass
        world.jobs[part].refresh_from_db()
        assert world.jobs[part].state == "done", world.jobs[part].error
