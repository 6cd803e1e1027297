"""The four lists as pages, their rates and gaps, tables that the worker makes: who gets what."""

from __future__ import annotations

from tests.matrix import ALL, EVERYBODY, SECRETARY, Row, get, post, who

READS: Row = {403: who("administrator auditor"), 200: ALL}
OWN_JOB: Row = {302: SECRETARY, 404: ALL}  # the secretary's, which still waits

ROWS: dict[str, tuple[Row, Row]] = {
    "demands:demands": get(READS),
    "demands:claims": get(READS),
    "demands:acceptances": get(READS),
    "demands:resources": get(READS),
    "demands:offers-list": get(READS),
    "demands:answers-list": get(READS),
    "demands:rates": get(READS),
    "demands:gaps": get(READS),
    "alliances:export-jobs": get(EVERYBODY),
    "alliances:export-job": get({200: SECRETARY, 404: ALL}),
    "alliances:export-job-file": post(OWN_JOB),
    "alliances:export-job-drop": post(OWN_JOB),
}
