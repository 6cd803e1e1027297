"""Acceptance and call-back: who gets what.

The claims and call-backs are of a demand of 同心社区 at its station; its units see them, the offices above too.
"""

from __future__ import annotations

from tests.matrix import ALL, HOME, OFFICE, Row, get, post, who

STATION = who("station")
ASKS = OFFICE | STATION  # who accepts or records it, and who calls back
MAKES: Row = {200: ASKS, 403: HOME, 404: ALL}
REFUSED: Row = {422: ASKS, 403: HOME, 404: ALL}  # an empty form that came back
DONE: Row = {302: ASKS, 403: HOME, 404: ALL}
LIST: Row = {200: ASKS | who("foreign_secretary"), 403: ALL}

ROWS: dict[str, tuple[Row, Row]] = {
    # The station's own visit needs no words; the office says whose it was.
    "demands:claim-accept": (MAKES, {302: STATION, 422: OFFICE, 403: HOME, 404: ALL}),
    "demands:claim-return": (MAKES, REFUSED),
    "demands:visit-sheet": get(MAKES),
    "demands:call-backs": get(LIST),
    "demands:call-back": (MAKES, REFUSED),
    "demands:call-back-miss": post(DONE),
    "demands:call-back-link": post(MAKES),
    "demands:call-back-follow-up": post(REFUSED),
}
