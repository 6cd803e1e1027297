"""Activities to score and ways to score them, for the tests of scoring."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from alliances import clock
from evaluations.models import Round, UnitMark
from evaluations.services import ballots, codes, rounds
from rotation.models import Activity, Duty, Meeting, Participation
from tests.cast import Cast

ACTIVITY = {"theme": 20, "planning": 20, "cooperation": 20, "attendance": 15, "effect": 25}
CHAIR = {"notice": 25, "seminar": 25, "liaison": 25, "style": 25}
# Of March (chairs: 县图书馆, 县文体广电局, 县人民医院) three others take part, two with an account.
GUESTS = ("县实验小学", "县交警队", "县财政局")
HELD_ON = date(2026, 3, 20)


def scores(total: int, weights: dict[str, int] = ACTIVITY) -> dict[str, int | None]:
    """A ballot of exactly ``total`` points, filled from the first item on."""
    filled: dict[str, int | None] = {}
    for key, weight in weights.items():
        filled[key] = min(total, weight)
        total -= min(total, weight)
    return filled


def chair(total: int) -> dict[str, int | None]:
    return scores(total, CHAIR)


def held(
    cast: Cast,
    *,
    duty: Duty | None = None,
    title: str = "春季义诊进小区",
    guests: Iterable[str] = GUESTS,
    on: date = HELD_ON,
    state: str = "held",
) -> Activity:
    """An activity of March unless said otherwise, with its chair units and ``guests``."""
    duty = duty or cast.duties[3]
    activity = Activity.objects.create(
        alliance=cast.alliance,
        duty=duty,
        kind="volunteering",
        title=title,
        state=state,
        planned_on=on,
        held_on=on if state != "planned" else None,
        place="清风小区广场",
    )
    rows = [Participation(activity=activity, member=c.member, is_chair=True) for c in duty.chairs.all()]
    rows += [Participation(activity=activity, member=cast.members[name]) for name in guests]
    Participation.objects.bulk_create(rows)
    return activity


def open_round(cast: Cast, **activity: object) -> Round:
    """The open round of a new activity; set the clock to a day on which it may be open first."""
    round = rounds.prepare(held(cast, **activity))
    rounds.run(clock.now())
    round.refresh_from_db()
    return round


def mark(round: Round, name: str) -> UnitMark:
    return UnitMark.objects.select_related("round__alliance__organisation", "member__unit").get(
        round=round, member__unit__name=name
    )


def units_vote(cast: Cast, round: Round, *totals: int) -> None:
    """The guests vote in order, the first two on screen, the third recorded from paper."""
    people = (cast.other_liaison, cast.both_liaison)
    for name, total, user in zip(GUESTS, totals, (*people, None), strict=False):
        row = mark(round, name)
        if user is not None:
            ballots.cast_unit(row, scores(total), chair(total), actor=user)
        else:
            ballots.record_unit(
                row, scores(total), chair(total), voter_name="财政局联络员", via="paper", actor=cast.staff
            )


def residents_vote(cast: Cast, round: Round, *totals: int) -> None:
    """One printed code each."""
    for code, total in zip(codes.print_slips(round, len(totals), actor=cast.staff), totals, strict=True):
        ballots.cast_by_code(code, scores(total), chair(total))


def seminar(cast: Cast, month: int, starts_at: str, state: str = "noticed") -> Meeting:
    """The month's seminar at ``starts_at`` (ISO, office time), as if its notice had gone out."""
    moment = datetime.fromisoformat(starts_at).replace(tzinfo=clock.ZONE)
    sent = (
        {} if state == "planned" else {"year": 2026, "serial": month, "noticed_at": clock.now(), "paper": {}}
    )
    return Meeting.objects.create(
        alliance=cast.alliance,
        kind="seminar",
        duty=cast.duties[month],
        convenor=cast.duties[month].chairs.first().member,
        state=state,
        title=f"{month}月研讨会",
        starts_at=moment,
        place="社区会议室",
        held_on=moment.date() if state in ("held", "minuted") else None,
        **sent,
    )
