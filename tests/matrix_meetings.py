"""Meetings: of March's seminar (planned) and of meetings that 县图书馆 calls, in each state."""

from __future__ import annotations

from tests.matrix import ALL, HOME, LIBRARY, OFFICE, OFFICE_ANYWHERE, Row, get, who

LEAD = OFFICE | who("liaison")  # 县图书馆 calls; the community may do all of it
FORM: Row = {200: LEAD, 403: HOME, 404: ALL}
SENT: Row = {422: LEAD, 403: HOME, 404: ALL}
READS_REPLIES = OFFICE | LIBRARY | who("president street county")

ROWS: dict[str, tuple[Row, Row]] = {
    "rotation:meetings": get({404: who("administrator auditor"), 302: who("county"), 200: ALL}),
    "rotation:meeting-new": (
        {200: OFFICE_ANYWHERE, 404: who("administrator auditor county"), 403: ALL},
        {422: OFFICE_ANYWHERE, 404: who("administrator auditor county"), 403: ALL},
    ),
    "rotation:meeting": get({200: HOME, 404: ALL}),
    "rotation:meeting-write": (FORM, SENT),
    "rotation:meeting-cancel": (FORM, SENT),
    "rotation:meeting-reply": (  # all units are invited
        {
            200: who("liaison second_liaison third_liaison other_liaison both_liaison"),
            403: HOME,
            404: ALL,
        },
        {
            422: who("liaison second_liaison third_liaison other_liaison both_liaison"),
            403: HOME,
            404: ALL,
        },
    ),
    "rotation:meeting-reply-record": (
        {200: OFFICE, 403: HOME, 404: ALL},
        {422: OFFICE, 403: HOME, 404: ALL},
    ),
    "rotation:meeting-hold": (FORM, SENT),
    "rotation:meeting-minutes": (FORM, SENT),
    "rotation:task-done": (FORM, SENT),
    "rotation:task-drop": (
        {200: OFFICE, 403: HOME, 404: ALL},
        {422: OFFICE, 403: HOME, 404: ALL},
    ),
    "rotation:meeting-paper notice": get({200: HOME, 404: ALL}),
    "rotation:meeting-paper replies": get({200: READS_REPLIES, 403: HOME, 404: ALL}),
    "rotation:meeting-paper opinions": get({200: HOME, 404: ALL}),
    "rotation:meeting-paper minutes": get({200: HOME, 404: ALL}),
}
