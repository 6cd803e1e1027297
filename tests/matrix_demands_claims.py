"""A claim from promise to delivery: who gets what. 县图书馆 works on a sensitive demand of 清风小区 and asks for time."""

from __future__ import annotations

from tests.matrix import ALL, HOME, OFFICE, OFFICES, SECRETARY, Row, get, post, who

LIAISON = who("liaison")
WORK = OFFICE | LIAISON
READS: Row = {200: HOME, 404: ALL}
FORM: Row = {200: WORK, 403: HOME, 404: ALL}
SENT: Row = {422: WORK, 403: HOME, 404: ALL}
DONE: Row = {302: WORK, 403: HOME, 404: ALL}

ROWS: dict[str, tuple[Row, Row]] = {
    "demands:claim-page": get(READS),
    "demands:claim-start": post(DONE),
    "demands:claim-note": post(SENT),
    # Nothing is compulsory for the unit itself; the office says how it heard of it.
    "demands:claim-deliver": (FORM, {302: LIAISON, 422: OFFICE, 403: HOME, 404: ALL}),
    "demands:claim-hand-back": (FORM, SENT),
    "demands:claim-extend": (FORM, SENT),
    "demands:claim-release": post({302: SECRETARY, 403: HOME, 404: ALL}),
    "demands:claim-venues": get({200: LIAISON, 403: HOME, 404: ALL}),
    "demands:extension": (
        {200: OFFICE, 403: HOME, 404: ALL},
        {422: OFFICE, 403: HOME, 404: ALL},
    ),
    # Of a sensitive demand no picture leaves the community.
    "demands:note-photo": get({200: HOME - OFFICES, 404: ALL}),
    "demands:note-photo-remove": post({302: WORK, 403: HOME - OFFICES, 404: ALL}),
}
