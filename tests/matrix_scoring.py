"""The office's side of scoring: a round that is prepared for today, one that waits for paper; January's feedback, which
is published and commented on, and February's draft."""

from __future__ import annotations

from tests.matrix import ALL, HOME, OFFICE, SECRETARY, Row, get, post, who

PRESIDENT = who("president")
READS: Row = {200: HOME, 404: ALL}
RUNS: Row = {200: OFFICE, 403: HOME, 404: ALL}
RUN: Row = {302: OFFICE, 403: HOME, 404: ALL}
SENT: Row = {422: OFFICE, 403: HOME, 404: ALL}

ROWS: dict[str, tuple[Row, Row]] = {
    "evaluations:rubric": (READS, SENT),
    "evaluations:rounds": get({404: who("administrator auditor"), 302: who("county"), 200: ALL}),
    "evaluations:round": get(READS),
    "evaluations:round-open": post(RUN),
    "evaluations:round-settle": post(RUN),
    "evaluations:codes": (RUNS, SENT),
    "evaluations:codes-void": post(SENT),
    "evaluations:venue": get(RUNS),
    "evaluations:venue-paper": get(RUNS),
    "evaluations:paper": (RUNS, SENT),
    "evaluations:paper-counts": post(SENT),
    "evaluations:paper-start-over": post(RUN),
    "evaluations:feedback": (READS, {422: PRESIDENT, 403: HOME, 404: ALL}),
    "evaluations:feedback-publish": post({302: PRESIDENT, 403: HOME, 404: ALL}),
    "evaluations:feedback-correct": post({422: PRESIDENT, 403: HOME, 404: ALL}),
    "evaluations:feedback-paper": get(READS),
    "evaluations:comment": (READS, {422: SECRETARY, 403: HOME, 404: ALL}),
    "evaluations:comment-paper": get({200: OFFICE | PRESIDENT, 404: ALL}),  # not given in a seminar yet
}
