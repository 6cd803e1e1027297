"""Ballots of an open round: 县实验小学's, another unit's to be written down, a printed code, the venue's QR."""

from __future__ import annotations

from tests.matrix import ALL, ANYONE, HOME, OFFICE, Row, who

SCHOOL = who("other_liaison")
NO_POST: Row = {405: ANYONE}

ROWS: dict[str, tuple[Row, Row]] = {
    "evaluations:unit-ballot": (
        {200: SCHOOL, 403: HOME, 404: ALL},
        {422: SCHOOL, 403: HOME, 404: ALL},
    ),
    "evaluations:unit-ballot-record": (
        {200: OFFICE, 403: HOME, 404: ALL},
        {422: OFFICE, 403: HOME, 404: ALL},
    ),
    # Nobody is known below /b/: everybody gets the same.
    "evaluations:resident-code": ({200: ANYONE}, {422: ANYONE}),
    "evaluations:resident-thanks": ({200: ANYONE}, NO_POST),
    "evaluations:resident-venue": ({200: ANYONE}, {400: ANYONE}),  # without the phone's cookie
    "evaluations:resident-ballot": ({200: ANYONE}, {422: ANYONE}),
}
