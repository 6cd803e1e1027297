"""Taking in, reviewing, sharing; a demand's whole story; units' own demands; contacts: who gets what."""

from __future__ import annotations

from tests.matrix import ALL, HOME, OFFICE, OFFICE_ANYWHERE, SECRETARY, Row, get, post, who

# Before it is reviewed a demand is between the office and the station where it was said.
EARLY = OFFICE | who("president station")
LIAISONS = who("liaison second_liaison third_liaison other_liaison both_liaison foreign_liaison")
SHARES = SECRETARY | who("street county")
NOWHERE = who("administrator auditor county")  # the county has not chosen a community yet


def early(status: int) -> Row:
    return {status: OFFICE, 403: EARLY, 404: ALL}


def opened(status: int, who: frozenset[str]) -> Row:
    return {status: who, 403: HOME, 404: ALL}


def asked(status: int) -> Row:
    """县图书馆's own demand, which its liaison may take back."""
    return {status: OFFICE | who("liaison"), 403: who("president leader"), 404: ALL}


CONTACT = OFFICE | who("station")
TAKES_IN = OFFICE_ANYWHERE | who("station")

ROWS: dict[str, tuple[Row, Row]] = {
    "demands:new": ({200: TAKES_IN, 404: NOWHERE, 403: ALL}, {422: TAKES_IN, 404: NOWHERE, 403: ALL}),
    "demands:ask": ({200: LIAISONS, 403: ALL}, {422: LIAISONS, 403: ALL}),
    "demands:review": get({200: OFFICE_ANYWHERE, 404: NOWHERE, 403: ALL}),
    "demands:demand": get({200: HOME, 404: ALL}),
    "demands:demand-open": post(early(302)),
    "demands:demand-decline": (early(200), early(422)),
    "demands:demand-merge": (early(200), early(422)),
    "demands:demand-change": (early(200), early(422)),
    "demands:demand-withdraw": (asked(200), asked(302)),
    "demands:demand-give-up": (opened(200, OFFICE), opened(422, OFFICE)),
    "demands:demand-take-up": post(early(302)),
    "demands:demand-share": (opened(200, SHARES), opened(422, SHARES)),
    "demands:demand-unshare": post(opened(302, SHARES)),
    "demands:demand-hand-up": (opened(200, SECRETARY), opened(422, SECRETARY)),
    "demands:author-reveal": ({200: CONTACT, 404: ALL}, {422: CONTACT, 404: ALL}),
}
