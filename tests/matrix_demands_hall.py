"""The open hall, offers, taking a demand: who gets what. The demand is in 同心社区's hall, not shared, with an offer to
县图书馆 and one to 县实验小学 that is taken back."""

from __future__ import annotations

from tests.matrix import ALL, HOME, OFFICE, Row, get, post, who

LIAISONS = who("liaison second_liaison third_liaison other_liaison both_liaison")
TAKES: Row = {200: OFFICE | LIAISONS, 403: HOME, 404: ALL}
TAKEN: Row = {422: OFFICE | LIAISONS, 403: HOME, 404: ALL}
# An offer is between the office and the unit that was asked; offices above read it.
ON_OFFER = OFFICE | who("president liaison leader street county")
ON_OTHER_OFFER = OFFICE | who("president other_liaison street county")
ANSWERS = OFFICE | who("liaison")

ROWS: dict[str, tuple[Row, Row]] = {
    "demands:hall": get({404: who("administrator auditor"), 200: ALL}),
    "demands:suitable": get({200: LIAISONS | who("foreign_liaison"), 403: ALL}),
    "demands:claim-take": (TAKES, TAKEN),
    "demands:offers": ({200: OFFICE, 403: HOME, 404: ALL}, {422: OFFICE, 403: HOME, 404: ALL}),
    "demands:open-hall": post({302: OFFICE, 403: HOME, 404: ALL}),
    "demands:offer": (
        {200: ANSWERS, 403: ON_OFFER, 404: ALL},
        {422: ANSWERS, 403: ON_OFFER, 404: ALL},
    ),
    "demands:offer-withdraw": post({302: OFFICE, 403: ON_OTHER_OFFER, 404: ALL}),
}
