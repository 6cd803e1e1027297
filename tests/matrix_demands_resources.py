"""Resources, venues and their bookings: who gets what. The venue is 县图书馆's, 县实验小学 has asked for it; the contact
is that of a resident's booking."""

from __future__ import annotations

from tests.matrix import ALL, HOME, OFFICE, OFFICE_ANYWHERE, Row, get, post, who

LIAISONS = who("liaison second_liaison third_liaison other_liaison both_liaison")
GIVES = OFFICE | {"liaison"}
READS: Row = {200: HOME, 404: ALL}
KEEPS: Row = {200: GIVES, 403: HOME, 404: ALL}
KEPT: Row = {302: GIVES, 403: HOME, 404: ALL}
REFUSED: Row = {422: GIVES, 403: HOME, 404: ALL}
LISTS = OFFICE_ANYWHERE | LIAISONS | {"foreign_liaison"}
BOOKS = OFFICE | LIAISONS

ROWS: dict[str, tuple[Row, Row]] = {
    "demands:resource": get(READS),
    "demands:resource-new": ({200: LISTS, 403: ALL}, {422: LISTS, 403: ALL}),
    "demands:resource-edit": (KEEPS, REFUSED),
    "demands:resource-hours": (KEEPS, KEPT),
    "demands:resource-pause": post(KEPT),
    "demands:resource-resume": post(KEPT),
    "demands:resource-withdraw": post(KEPT),
    "demands:resource-book": ({200: BOOKS, 403: HOME, 404: ALL}, {422: BOOKS, 403: HOME, 404: ALL}),
    "demands:menu": get(READS),
    "demands:bookings": get({403: who("station administrator auditor"), 302: who("county"), 200: ALL}),
    "demands:booking": get(READS),
    "demands:booking-confirm": post(KEPT),
    "demands:booking-decline": post(REFUSED),
    "demands:booking-use": post(KEPT),
    "demands:booking-cancel": post({302: GIVES | {"other_liaison"}, 403: HOME, 404: ALL}),
    "demands:booking-asker": post(KEEPS),
}
