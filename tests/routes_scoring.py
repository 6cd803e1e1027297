"""Rounds in every state with the month's feedback and comment, for every route of the office's side of scoring; and
those of a town for the query ceilings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alliances import clock
from alliances.models import Alliance, Member, User
from evaluations.models import Feedback, Round
from evaluations.services import codes, comments, feedbacks, paper, rounds
from evaluations.services.paper import Sheet
from rotation.models import Activity, Duty, Participation
from tests.cast import Cast
from tests.evaluations import scoring

GUESTS = ("县实验小学", "县邮政局")


def furnish_scoring(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments. January's feedback is published and commented on, February's is a draft."""
    january, february = cast.duties[1], cast.duties[2]
    with _on(2026, 1, 20):
        _held(cast, january, "新春慰问")
    with _on(2026, 2, 10):
        _held(cast, february, "元宵灯会")
    with _on(2026, 2, 17):
        rounds.run(clock.now())
    with _on(2026, 2, 24):
        waiting = _held(cast, february, "敬老服务")
        codes.print_slips(waiting, 1, origin="paper", actor=cast.staff)
    feedbacks.write(_draft(january), good="准备充分。", mend="", actor=cast.president)
    feedbacks.publish(_draft(january), actor=cast.president)
    comments.write(january, "一月开了好头。", actor=cast.secretary)
    rounds.run(clock.now())  # closes 敬老服务, whose paper may be entered today
    activity = scoring.held(
        cast, title="今天的活动", state="planned", on=clock.today(), duty=january, guests=GUESTS
    )
    prepared, closed = {"pk": rounds.prepare(activity).pk}, {"pk": waiting.pk}
    found: dict[str, dict[str, Any]] = {
        "evaluations:rubric": {"code": cast.alliance.code, "year": 2026},
        "evaluations:venue-paper": {**prepared, "fmt": "pdf"},
        "evaluations:feedback": {"pk": february.pk},
        "evaluations:feedback-publish": {"pk": february.pk},
        "evaluations:feedback-correct": {"pk": january.pk},
        "evaluations:feedback-paper": {"pk": january.pk, "fmt": "pdf"},
        "evaluations:comment": {"pk": january.pk},
        "evaluations:comment-paper": {"pk": january.pk, "fmt": "pdf"},
    }
    for name in ("round-open", "codes", "codes-void", "venue"):
        found[f"evaluations:{name}"] = prepared
    for name in ("round", "round-settle", "paper", "paper-counts", "paper-start-over"):
        found[f"evaluations:{name}"] = closed
    return found


def _on(year: int, month: int, day: int) -> Any:
    return clock.at(datetime(year, month, day, 9, tzinfo=clock.ZONE))


def _held(cast: Cast, duty: Duty, title: str) -> Round:
    """The open round of an activity that was held today."""
    return scoring.open_round(cast, title=title, duty=duty, on=clock.today(), guests=GUESTS)


def _draft(duty: Duty) -> Feedback:
    return Feedback.objects.select_related("alliance__organisation", "duty__plan").get(duty=duty)


def town_scoring(alliance: Alliance, duty: Duty, members: list[Member], actor: User) -> dict[str, Any]:
    """For the query ceilings: as many rounds in each state as the town has units, each asking all of them, outside the
    rotation; and a month with as many settled rounds, a published feedback with as many revisions, and a comment."""
    count = len(members)
    settled = [_settled(_town_round(alliance, None, members, f"已出结果{i}")) for i in range(count)]
    running = [_town_round(alliance, None, members, f"评议中{i}") for i in range(count)]
    for round in running:
        for _ in members:
            paper.enter(round, [Sheet(scoring.scores(80))], handed_out=2, actor=actor)
        codes.print_slips(round, count, actor=actor)
    for i in range(count):
        _settled(_town_round(alliance, duty, members, f"本月{i}"))
    for i in range(count):
        draft = Feedback.objects.get(duty=duty, state="draft")
        feedbacks.write(draft, good="好", mend="早通知", actor=actor)
        published = feedbacks.publish(draft, actor=actor)
        if i < count - 1:
            feedbacks.correct(published, reason="漏写", actor=actor)
    comments.write(duty, "继续努力。", actor=actor)
    return {"settled": settled[0], "running": running[0], "duty": duty}


def _settled(round: Round) -> Round:
    Round.objects.filter(pk=round.pk).update(state="closed")
    round.refresh_from_db()
    return rounds.settle(round)


def _town_round(alliance: Alliance, duty: Duty | None, members: list[Member], title: str) -> Round:
    activity = Activity.objects.create(
        alliance=alliance,
        duty=duty,
        kind="volunteering",
        title=title,
        state="held",
        planned_on=clock.today(),
        held_on=clock.today(),
        place="广场",
    )
    Participation.objects.bulk_create([Participation(activity=activity, member=m) for m in members])
    return rounds.open_early(rounds.prepare(activity), actor=_staff(alliance))


def _staff(alliance: Alliance) -> User:
    return User.objects.filter(person__appointments__organisation=alliance.organisation).order_by("pk")[0]
