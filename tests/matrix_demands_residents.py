"""What residents reach without an account: orders, progress by code, answers by link, venues; and the office's doors to it (QR codes, posters): who gets what."""

from __future__ import annotations

from tests.matrix import ALL, ANYONE, HOME, OFFICE, OFFICE_ANYWHERE, Row, get, who

NO_POST: Row = {405: ANYONE}
POSTER: Row = {200: OFFICE, 403: HOME, 404: ALL}

ROWS: dict[str, tuple[Row, Row]] = {
    "demands:doors": (
        {200: OFFICE_ANYWHERE, 404: who("administrator auditor county"), 403: ALL},
        # No place is named: those who may are told that there is none.
        {404: OFFICE_ANYWHERE | who("administrator auditor county"), 403: ALL},
    ),
    "demands:door": get(POSTER),
    "demands:door-poster": get(POSTER),
    # Nobody is known below /d/ and /q/: everybody gets the same.
    "demands:resident-order": ({200: ANYONE}, {422: ANYONE}),
    "demands:resident-venues": ({200: ANYONE}, NO_POST),
    "demands:resident-venue": ({200: ANYONE}, {422: ANYONE}),
    "demands:resident-code": ({200: ANYONE}, {422: ANYONE}),
    "demands:resident-thanks": ({200: ANYONE}, NO_POST),
    "demands:resident-progress": ({200: ANYONE}, {422: ANYONE}),
    "demands:resident-answer": ({200: ANYONE}, {422: ANYONE}),
    "demands:resident-booking": ({200: ANYONE}, {302: ANYONE}),  # whoever has the code cancels
}
