"""The lists behind a quarter's figures: duty months, attendance, participations, feedback, commitments (one of 县图书馆)."""

from __future__ import annotations

from tests.matrix import ALL, EDITS, LIBRARY, OFFICE, OFFICE_ANYWHERE, SECRETARY, Row, get, post, who

READS: Row = {404: who("administrator auditor"), 302: who("county"), 200: ALL}
OVERSEEN: Row = {404: who("administrator auditor"), 302: who("county"), 403: who("station"), 200: ALL}
# A unit's promise: its own people, those who run the alliance, the offices above.
SEES = OFFICE | LIBRARY | who("president street county")
TAKES: Row = {
    200: OFFICE_ANYWHERE | who("president street other_street"),
    404: who("administrator auditor county"),
    403: ALL,
}
CONFIRMS: Row = {200: OFFICE, 403: SEES, 404: ALL}
WAIVES: Row = {200: SECRETARY, 403: SEES, 404: ALL}

ROWS: dict[str, tuple[Row, Row]] = {
    "rotation:duties": get(READS),
    "rotation:participations": get(READS),
    "rotation:replies": get(OVERSEEN),
    "evaluations:feedback-months": get(READS),
    "alliances:commitments": get(OVERSEEN),
    "alliances:commitment": get({200: SEES, 404: ALL}),
    "alliances:commitment-new": (EDITS, EDITS),
    "alliances:commitment-fulfil": (CONFIRMS, CONFIRMS),
    "alliances:commitment-waive": (WAIVES, WAIVES),
    "alliances:commitment-reopen": post({302: SECRETARY, 403: SEES, 404: ALL}),
    "alliances:export commitments": (TAKES, TAKES),
    "alliances:export responsibility": (TAKES, TAKES),
}
