"""The quarter's figures counted again, in plain SQL and sums on paper: no selector, no model, no queryset of the product.

``expected(alliance id)`` gives key → (numerator, denominator) as the design words them, ``members`` the same for every member, and
``scores`` key → the score text. Everything is of the first quarter of 2026 as of 1 April 2026.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

from django.db import connection

FIRST, LAST, TODAY = "2026-01-01", "2026-03-31", "2026-04-01"
Pair = tuple[int | None, int | None]
HELD = "m.state IN ('held', 'minuted') AND m.held_on BETWEEN '2026-01-01' AND '2026-03-31'"
HAPPENED = "a.state IN ('held', 'recorded') AND a.held_on BETWEEN '2026-01-01' AND '2026-03-31'"
STANDING = "c.state IN ('taken', 'in_service', 'delivered', 'returned', 'accepted')"
DUE = f"{STANDING} AND c.due_on BETWEEN '2026-01-01' AND '2026-03-31'"
DONE = "c.state = 'accepted' AND c.accepted_on <= '2026-03-31'"
ANSWERED = "b.state = 'answered' AND b.satisfaction <> 'unknown' AND b.answered_on BETWEEN '2026-01-01' AND '2026-03-31'"
KINDS = {
    "meetings": "seminar yearly quarterly committee resident_units two_new liaisons",
    "activities": "party_day volunteering joint_meeting visit lecture culture other",
}
SECTORS = (
    "government institution state_enterprise private_enterprise social_organisation school medical other"
)
SOURCES = "visit wechat hotline_12345 online wish mailbox hotline opinion_box station unit other"
STATES = "submitted open claimed served closed declined merged withdrawn unresolved"
GROUPED = {
    "demands": STATES,
    "sources": SOURCES,
    "urgency": "normal soon urgent",
    "offers": "offered taken declined lapsed",
    "claims": "taken in_service delivered returned accepted handed_back",
    "acceptances": "passed mended failed",
    "answers": "very_good good fair bad",
    "resources": "venue people material service information",
    "sectors": SECTORS,
}


def rows(sql: str, *params: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def one(sql: str, *params: Any) -> int:
    return int(rows(sql, *params)[0][0] or 0)


def day(value: Any) -> date | None:
    """A day of the office: SQLite keeps text and UTC."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(value, str) and len(value) == 10:
        return moment.date()
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(timezone(timedelta(hours=8))).date()


def expected(alliance: int) -> dict[str, Pair]:
    return {
        **_rotation(alliance),
        **_lists(alliance),
        **_tables(alliance),
        **_steps(alliance),
        **_ballots(alliance),
        **_commitments(f"c.alliance_id = {alliance}", "commitments"),
    }


# --- meetings and activities --------------------------------------------------------------------------------------


def _rotation(alliance: int) -> dict[str, Pair]:
    found: dict[str, Pair] = {}
    for key, table, held in (
        ("meetings", "rotation_meeting m", HELD),
        ("activities", "rotation_activity a", HAPPENED),
    ):
        found[key] = (one(f"SELECT COUNT(*) FROM {table} WHERE alliance_id = %s AND {held}", alliance), None)
        for kind in KINDS[key].split():
            sql = f"SELECT COUNT(*) FROM {table} WHERE alliance_id = %s AND {held} AND kind = %s"
            found[f"{key}.{kind}"] = (one(sql, alliance, kind), None)
    replies = (
        f"rotation_reply r JOIN rotation_meeting m ON m.id = r.meeting_id WHERE m.alliance_id = %s AND {HELD}"
    )
    came = one(f"SELECT COUNT(*) FROM {replies} AND r.has_attended", alliance)
    found["attendance"] = (came, one(f"SELECT COUNT(*) FROM {replies}", alliance))
    parts = (
        "rotation_participation p JOIN rotation_activity a ON a.id = p.activity_id"
        f" WHERE a.alliance_id = %s AND {HAPPENED}"
    )
    found["participations"] = (one(f"SELECT COUNT(*) FROM {parts}", alliance), None)
    found["heads"] = (one(f"SELECT SUM(p.heads) FROM {parts}", alliance), None)
    served = f"SELECT SUM(a.beneficiaries) FROM rotation_activity a WHERE a.alliance_id = %s AND {HAPPENED}"
    found["beneficiaries"] = (one(served, alliance), None)
    return found


# --- slips and steps ----------------------------------------------------------------------------------------------


def _steps(alliance: int) -> dict[str, Pair]:
    duties = rows(
        "SELECT d.id FROM rotation_duty d JOIN rotation_plan p ON p.id = d.plan_id WHERE d.alliance_id = %s"
        " AND p.year = 2026 AND p.state IN ('passed', 'closed') AND d.month IN (1, 2, 3)",
        alliance,
    )
    found: dict[str, list[tuple[date | None, date | None]]] = {
        key: []
        for key in ("slips.in_time", "steps.notice", "steps.seminar", "steps.activity", "steps.feedback")
    }
    states: list[str] = []
    for (duty,) in duties:
        for state, by, signed, notice_by, deadlines in rows(
            "SELECT state, acknowledge_by, acknowledged_at, notice_by, deadlines FROM rotation_slip"
            " WHERE duty_id = %s AND state <> 'withdrawn'",
            duty,
        ):
            states.append(state)
            found["slips.in_time"].append((day(by), day(signed)))
            seminar = rows(
                "SELECT noticed_at, due_on, held_on FROM rotation_meeting"
                " WHERE duty_id = %s AND state IN ('noticed', 'held', 'minuted')",
                duty,
            )
            noticed, due, held = seminar[0] if seminar else (None, None, None)
            found["steps.notice"].append((day(notice_by), day(noticed)))
            found["steps.seminar"].append((day(due), day(held)))
            printed = json.loads(deadlines) if isinstance(deadlines, str) else deadlines
            activity_by = date.fromisoformat(printed["activity_by"])
            if day(held):
                activity_by = max(activity_by, day(held))
            first = rows(
                "SELECT MIN(a.held_on) FROM rotation_activity a WHERE a.duty_id = %s AND a.state IN ('held', 'recorded')",
                duty,
            )[0][0]
            found["steps.activity"].append((activity_by, day(first)))
        for due, published in rows(
            "SELECT due_on, published_at FROM evaluations_feedback WHERE duty_id = %s AND revision = 1", duty
        ):
            found["steps.feedback"].append((day(due), day(published)))
    comments = one(
        f"SELECT COUNT(*) FROM evaluations_comment WHERE duty_id IN ({', '.join(str(d) for (d,) in duties)})"
    )
    return {
        "duties": (len(duties), None),
        "slips": (len(states), None),
        "slips.acknowledged": (states.count("acknowledged"), len(states)),
        "slips.unacknowledged": (states.count("unacknowledged"), None),
        "comments": (comments, len(duties)),
        **{
            key: (sum(done is not None and done <= due for due, done in pairs), len(pairs))
            for key, pairs in ((key, [*filter(_counts, pairs)]) for key, pairs in found.items())
        },
    }


def _counts(pair: tuple[date | None, date | None]) -> bool:
    """A step that is done or whose last day is over."""
    due, done = pair
    return due is not None and (done is not None or due < date.fromisoformat(TODAY))


# --- the four lists -----------------------------------------------------------------------------------------------

CLAIMS = "demands_claim c WHERE c.alliance_id = %s AND "
OFFERS = "demands_offer o JOIN demands_demand d ON d.id = o.demand_id WHERE d.alliance_id = %s AND o.reply_by BETWEEN '2026-01-01' AND '2026-03-31'"
IN_TIME = " AND o.state IN ('taken', 'declined') AND o.answered_on <= o.reply_by"
VISITS = "demands_acceptance v JOIN demands_claim c ON c.id = v.claim_id WHERE c.alliance_id = %s AND v.visited_on BETWEEN '2026-01-01' AND '2026-03-31'"
ANSWERS = (
    "demands_callback b JOIN demands_acceptance v ON v.id = b.acceptance_id JOIN demands_claim c ON c.id = v.claim_id"
    f" WHERE c.alliance_id = %s AND {ANSWERED}"
)
DEMANDS = "demands_demand d WHERE d.alliance_id = %s AND d.raised_on BETWEEN '2026-01-01' AND '2026-03-31'"
DELIVERED = CLAIMS + STANDING + " AND c.delivered_on BETWEEN '2026-01-01' AND '2026-03-31'"
CLAIMED = " c.claimed_on BETWEEN '2026-01-01' AND '2026-03-31'"


def _lists(alliance: int) -> dict[str, Pair]:
    def n(rest: str, what: str = "COUNT(*)") -> int:
        return one(f"SELECT {what} FROM {rest}", alliance)

    due, done = n(CLAIMS + DUE), n(CLAIMS + DUE + " AND " + DONE)
    on_time = n(CLAIMS + DUE + " AND " + DONE + " AND c.delivered_on <= c.due_on")
    late = f"c.state IN ('taken', 'in_service') AND c.due_on BETWEEN '{FIRST}' AND '{LAST}' AND c.due_on < '{TODAY}'"
    satisfied = " AND b.satisfaction IN ('very_good', 'good', 'fair')"
    return {
        "lists.resources": (n("demands_resource WHERE alliance_id = %s AND state = 'listed'"), None),
        "lists.demands": (n(DEMANDS), None),
        "lists.claims": (n(CLAIMS + STANDING + " AND" + CLAIMED), None),
        "lists.delivered": (n(DELIVERED), None),
        "lists.volunteers": (n(DELIVERED, "SUM(c.volunteers)"), None),
        "lists.overdue": (n(CLAIMS + late), None),
        "lists.acceptances": (n(VISITS), None),
        "lists.answers": (n(ANSWERS), None),
        "lists.offers": (n(OFFERS), None),
        "rates.response": (n(OFFERS + IN_TIME), n(OFFERS)),
        "rates.resolved": (done, due),
        "rates.on_time": (on_time, due),
        "rates.satisfied": (n(ANSWERS + satisfied), n(ANSWERS)),
        "rates.strictly": (n(ANSWERS + " AND b.satisfaction IN ('very_good', 'good')"), n(ANSWERS)),
    }


def _tables(alliance: int) -> dict[str, Pair]:
    members = (
        "alliances_member m JOIN alliances_unit u ON u.id = m.unit_id WHERE m.alliance_id = %s"
        f" AND (m.joined_on IS NULL OR m.joined_on <= '{LAST}') AND (m.left_on IS NULL OR m.left_on > '{LAST}')"
    )
    sources = {
        "demands": ("d.state", DEMANDS),
        "sources": ("d.source", DEMANDS),
        "urgency": ("d.urgency", DEMANDS),
        "offers": ("o.state", OFFERS),
        "claims": ("c.state", CLAIMS + CLAIMED),
        "acceptances": ("v.verdict", VISITS),
        "answers": ("b.satisfaction", ANSWERS),
        "resources": ("kind", "demands_resource WHERE alliance_id = %s AND state = 'listed'"),
        "sectors": ("u.sector", members),
    }
    found: dict[str, Pair] = {"members": (one(f"SELECT COUNT(*) FROM {members}", alliance), None)}
    for table, (column, rest) in sources.items():
        counts = dict(rows(f"SELECT {column}, COUNT(*) FROM {rest} GROUP BY {column}", alliance))
        found |= {f"{table}.{key}": (counts.get(key, 0), None) for key in GROUPED[table].split()}
    groups = DEMANDS.replace(" WHERE", " JOIN demands_category g ON g.id = d.category_id WHERE")
    for group, count in rows(f'SELECT g."group", COUNT(*) FROM {groups} GROUP BY g."group"', alliance):
        found[f"groups.{group}"] = (count, None)
    return found


def _commitments(whose: str, key: str) -> dict[str, Pair]:
    due = f"alliances_commitment c WHERE {whose} AND c.due_on BETWEEN '{FIRST}' AND '{LAST}'"
    kept = one(f"SELECT COUNT(*) FROM {due} AND c.state = 'fulfilled' AND c.fulfilled_on <= '{LAST}'")
    owed = one(f"SELECT COUNT(*) FROM {due} AND c.state <> 'waived'")
    waived = one(f"SELECT COUNT(*) FROM {due} AND c.state = 'waived'")
    return {key: (kept, owed), f"{key}.waived": (waived, None)}


# --- members ------------------------------------------------------------------------------------------------------


def members(alliance: int) -> dict[int, dict[str, Pair]]:
    """Of everybody who was a member on a day of the quarter."""
    listed = rows(
        "SELECT id, joined_on, left_on FROM alliances_member WHERE alliance_id = %s"
        f" AND (joined_on IS NULL OR joined_on <= '{LAST}') AND (left_on IS NULL OR left_on > '{FIRST}')",
        alliance,
    )
    return {pk: _member(pk, day(joined), day(left)) for pk, joined, left in listed}


def _member(pk: int, joined: date | None, left: date | None) -> dict[str, Pair]:
    def n(rest: str) -> int:
        return one(f"SELECT COUNT(*) FROM {rest}", pk)

    claims = "demands_claim c WHERE c.member_id = %s AND "
    offers = f"demands_offer o WHERE o.member_id = %s AND o.reply_by BETWEEN '{FIRST}' AND '{LAST}'"
    replies = (
        f"rotation_reply r JOIN rotation_meeting m ON m.id = r.meeting_id WHERE r.member_id = %s AND {HELD}"
    )
    answers = ANSWERS.replace("c.alliance_id", "c.member_id")
    held = [
        day(value)
        for (value,) in rows(
            "SELECT a.held_on FROM rotation_participation p JOIN rotation_activity a ON a.id = p.activity_id"
            f" WHERE p.member_id = %s AND {HAPPENED}",
            pk,
        )
    ]
    months = {1: (date(2026, 1, 1), date(2026, 1, 31)), 2: (date(2026, 2, 1), date(2026, 2, 28)), 3: (date(2026, 3, 1), date(2026, 3, 31))}  # fmt: skip
    belonged = {
        month
        for month, (start, end) in months.items()
        if (joined is None or joined <= end) and (left is None or left > start)
    }
    due = n(claims + DUE)
    return {
        "attendance": (n(replies + " AND r.has_attended"), n(replies)),
        "activities": (len(held), None),
        "months": (len({value.month for value in held if value} & belonged), len(belonged)),
        "response": (n(offers + IN_TIME), n(offers)),
        "resolved": (n(claims + DUE + " AND " + DONE), due),
        "on_time": (n(claims + DUE + " AND " + DONE + " AND c.delivered_on <= c.due_on"), due),
        "satisfied": (n(answers + " AND b.satisfaction IN ('very_good', 'good', 'fair')"), n(answers)),
        "strictly": (n(answers + " AND b.satisfaction IN ('very_good', 'good')"), n(answers)),
        "claimed": (n(claims + STANDING + " AND" + CLAIMED), None),
        "delivered": (n(claims + STANDING + f" AND c.delivered_on BETWEEN '{FIRST}' AND '{LAST}'"), None),
        "commitments": _commitments(f"c.member_id = {pk}", "x")["x"],
    }


# --- ballots ------------------------------------------------------------------------------------------------------


def _of_quarter(alliance: int) -> list[tuple[int, int | None, int | None, str]]:
    """(round, duty, month, state) of the quarter's rounds that have begun and whose activity was not cancelled."""
    return rows(
        "SELECT r.id, r.duty_id, d.month, r.state FROM evaluations_round r"
        " JOIN rotation_activity a ON a.id = r.activity_id LEFT JOIN rotation_duty d ON d.id = r.duty_id"
        " LEFT JOIN rotation_plan p ON p.id = d.plan_id"
        " WHERE r.alliance_id = %s AND a.state <> 'cancelled' AND (p.year = 2026 AND d.month <= 3"
        f" OR r.duty_id IS NULL AND a.held_on BETWEEN '{FIRST}' AND '{LAST}') ORDER BY r.id",
        alliance,
    )


def _ballots(alliance: int) -> dict[str, Pair]:
    rounds = _of_quarter(alliance)
    settled = [pk for pk, _, _, state in rounds if state == "settled"]
    handed = returned = void = valid = abstained = 0
    for pk in settled:
        marks = rows("SELECT voted_on FROM evaluations_unitmark WHERE round_id = %s", pk)
        codes = rows("SELECT used_as FROM evaluations_residentcode WHERE round_id = %s AND NOT is_void", pk)
        sheets = rows("SELECT handed_out, entered, void FROM evaluations_paperbatch WHERE round_id = %s", pk)
        handed += len(marks) + len(codes) + sum(row[0] for row in sheets)
        returned += sum(row[0] is not None for row in marks) + sum(row[0] == "screen" for row in codes)
        returned += sum(row[1] for row in sheets)
        void += sum(row[2] for row in sheets)
        for ballots in _scores([pk], "activity").values():
            known = [score for score in ballots if score is not None]
            valid += len(known)
            abstained += len(ballots) - len(known)
    return {
        "rounds": (len(rounds), None),
        "rounds.settled": (len(settled), None),
        "ballots.handed_out": (handed, None),
        "ballots.returned": (returned, None),
        "ballots.void": (void, None),
        "ballots.valid": (valid, None),
        "ballots.abstained": (abstained, None),
    }


def _scores(rounds: Iterable[int], subject: str) -> dict[str, list[Fraction | None]]:
    """Group → each ballot's score of 100 over the items it knows; None for one that knows none."""
    weights = {
        "activity": {"theme": 20, "planning": 20, "cooperation": 20, "attendance": 15, "effect": 25},
        "chair": {"notice": 25, "seminar": 25, "liaison": 25, "style": 25},
    }[subject]
    found: dict[str, list[Fraction | None]] = {"units": [], "residents": []}
    for pk in rounds:
        for group, text in rows(
            'SELECT "group", scores FROM evaluations_ballot WHERE round_id = %s AND subject = %s', pk, subject
        ):
            scores = json.loads(text) if isinstance(text, str) else text
            known = {key: points for key, points in scores.items() if points is not None}
            whole = sum(weights[key] for key in known)
            found[group].append(Fraction(100 * sum(known.values()), whole) if whole else None)
    return found


def _words(groups: dict[str, list[Fraction | None]]) -> str:
    """92.3分（优秀，有效23票，±2.4）: units 40 of at least 3, residents 60 of at least 10."""
    known = {key: [score for score in scores if score is not None] for key, scores in groups.items()}
    least, share = {"units": 3, "residents": 10}, {"units": 40, "residents": 60}
    used = [key for key in known if len(known[key]) >= least[key]]
    if not used:
        return "有效票数不足，不评等次"
    whole = sum(share[key] for key in used)
    mean, spread = Fraction(0), 0.0
    for key in used:
        scores, weight = known[key], Fraction(share[key], whole)
        centre = sum(scores, Fraction(0)) / len(scores)
        mean += weight * centre
        variance = sum((score - centre) ** 2 for score in scores) / (len(scores) - 1)
        spread += float(weight**2 * variance / len(scores))
    score = math.floor(mean * 10 + Fraction(1, 2)) / 10
    grade = "优秀" if score >= 90 else "良好" if score >= 80 else "一般" if score >= 60 else "差"
    half = math.floor(1.96 * math.sqrt(spread) * 10 + 0.5) / 10
    return f"{score:.1f}分（{grade}，有效{sum(len(known[key]) for key in used)}票，±{half:.1f}）"


def scores(alliance: int) -> dict[str, str]:
    """Key → the score as it is printed, of every round and every duty month."""
    rounds = _of_quarter(alliance)
    found = {
        f"score.activity.{pk}": _words(_scores([pk], "activity")) if state == "settled" else "评议未结束"
        for pk, _, _, state in rounds
    }
    for month in (1, 2, 3):
        mine = [(pk, state) for pk, _, of_month, state in rounds if of_month == month]
        if any(state != "settled" for _, state in mine):
            found[f"score.chair.{month}"] = "评议未结束"
        else:
            found[f"score.chair.{month}"] = _words(_scores([pk for pk, _ in mine], "chair"))
    return found
