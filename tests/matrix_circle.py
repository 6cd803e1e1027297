"""The circle: an entry that 同心社区 keeps to itself, and the page that everybody may read."""

from __future__ import annotations

from tests.matrix import ALL, ANYONE, HOME, OFFICE, Row, get, post, who

PUBLISHES = OFFICE | who("president")
PUBLISHES_ANYWHERE = PUBLISHES | who("foreign_secretary")

ROWS: dict[str, tuple[Row, Row]] = {
    "alliances:circle": get({200: ALL}),
    "alliances:circle-new": ({200: PUBLISHES_ANYWHERE, 403: ALL}, {422: PUBLISHES_ANYWHERE, 403: ALL}),
    "alliances:circle-public": ({200: ANYONE}, {405: ANYONE}),
    # Without an account: to the login page, whether the entry is there or not.
    "alliances:circle-entry": ({200: HOME, 404: ALL}, {405: ANYONE}),
    "alliances:circle-file": ({200: HOME, 404: ALL}, {405: ANYONE}),
    "alliances:circle-attach": post({422: PUBLISHES, 403: HOME, 404: ALL}),
    "alliances:circle-withdraw": post({302: PUBLISHES, 403: HOME, 404: ALL}),
}
