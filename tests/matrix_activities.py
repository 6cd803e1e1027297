"""The month's page and March's activity, which 县图书馆, 县文体广电局 and 县人民医院 lead."""

from __future__ import annotations

from tests.matrix import ALL, HOME, MARCH, OFFICE, OFFICE_ANYWHERE, Row, get, post, who

LEAD = OFFICE | MARCH  # the units on duty; the community may do all of it
LIAISONS = MARCH | who("other_liaison both_liaison")
FORM: Row = {200: LEAD, 403: HOME, 404: ALL}
SENT: Row = {422: LEAD, 403: HOME, 404: ALL}

ROWS: dict[str, tuple[Row, Row]] = {
    "rotation:this-month": get({404: who("administrator auditor"), 302: ALL}),
    "rotation:month": get({200: HOME, 404: ALL}),
    "rotation:activities": get({404: who("administrator auditor"), 302: who("county"), 200: ALL}),
    "rotation:activity-new": (  # outside the rotation
        {200: OFFICE_ANYWHERE, 404: who("administrator auditor county"), 403: ALL},
        {422: OFFICE_ANYWHERE, 404: who("administrator auditor county"), 403: ALL},
    ),
    "rotation:activity": get({200: HOME, 404: ALL}),
    "rotation:activity-edit": (FORM, SENT),
    "rotation:activity-join": post({302: LIAISONS, 403: HOME, 404: ALL}),
    "rotation:activity-leave": post({302: LIAISONS, 403: HOME, 404: ALL}),
    "rotation:activity-unit": ({200: OFFICE, 403: HOME, 404: ALL}, {422: OFFICE, 403: HOME, 404: ALL}),
    "rotation:activity-hold": post(SENT),
    "rotation:activity-record": (FORM, SENT),
    "rotation:activity-cancel": post(SENT),
    "rotation:activity-photos": post(SENT),
    "rotation:activity-photo": get({200: HOME, 404: ALL}),
    "rotation:activity-unphoto": post({302: LEAD, 403: HOME, 404: ALL}),
    "rotation:activity-paper": get({200: HOME, 404: ALL}),
}
