"""The year's end: 2025 is being worked on, 2024 has a published summary and award list, 2022 a published evaluation. What is not
published exists for those who work on it; an open evaluation also for the units."""

from __future__ import annotations

from tests.matrix import ALL, HOME, OFFICE, OFFICES, SECRETARY, Row, get, post, who

PRESIDENT = who("president")
COMMUNITY = OFFICE | PRESIDENT
UNITS = who("liaison second_liaison third_liaison other_liaison both_liaison leader")
SCHOOL = who("other_liaison")
READS: Row = {200: HOME, 404: ALL}
LEADS: Row = {302: SECRETARY, 403: HOME, 404: ALL}
RUNNING: Row = {200: OFFICE, 403: COMMUNITY | UNITS, 404: ALL}
RUNNING_SENT: Row = {422: OFFICE, 403: COMMUNITY | UNITS, 404: ALL}
DRAFT_SENT: Row = {422: SECRETARY, 403: COMMUNITY, 404: ALL}

ROWS: dict[str, tuple[Row, Row]] = {
    "evaluations:year-end": get({404: who("administrator auditor"), 302: ALL}),
    "evaluations:year-end-office": get({200: OFFICES, 403: ALL}),
    "evaluations:year-end-summary": get(READS),
    "evaluations:year-end-publish": post(LEADS),
    "evaluations:year-end-paper": get({200: COMMUNITY | who("street county"), 403: HOME, 404: ALL}),
    "evaluations:two-way": (READS, {302: OFFICE, 403: HOME, 404: ALL}),
    "evaluations:two-way-open": post(LEADS),
    "evaluations:two-way-close": post(LEADS),
    "evaluations:two-way-publish": post(LEADS),
    "evaluations:two-way-items": (RUNNING, RUNNING_SENT),
    "evaluations:two-way-sheet": get(RUNNING),
    "evaluations:two-way-paper": get(READS),
    "evaluations:two-way-ballot": (
        {200: SCHOOL, 403: COMMUNITY | UNITS, 404: ALL},
        {422: SCHOOL, 403: COMMUNITY | UNITS, 404: ALL},
    ),
    "evaluations:two-way-record": (RUNNING, RUNNING_SENT),
    "evaluations:awards": get(READS),
    "evaluations:awards-begin": post({302: OFFICE, 403: HOME, 404: ALL}),
    "evaluations:award-add": (
        {200: OFFICE, 403: COMMUNITY, 404: ALL},
        {422: OFFICE, 403: COMMUNITY, 404: ALL},
    ),
    "evaluations:award-kinds": post(DRAFT_SENT),
    "evaluations:awards-publish": post({302: SECRETARY, 403: COMMUNITY, 404: ALL}),
    "evaluations:awards-correct": post({422: SECRETARY, 403: HOME, 404: ALL}),
    "evaluations:award-decide": post(DRAFT_SENT),
    "evaluations:awards-paper": get(READS),
}
