"""The quarterly assessment: who reads a report, who acts on it, and what a unit sees of it. Units' people do not see
reports at all, offices no drafts."""

from __future__ import annotations

from tests.matrix import ALL, HOME, OFFICE, SECRETARY, Row, get, post, who

UNITS = who("liaison second_liaison third_liaison other_liaison both_liaison leader foreign_liaison")
COMMUNITY = OFFICE | who("president")
READERS = COMMUNITY | who("street county")
STREET, COUNTY = who("street"), who("county")
NOBODYS: Row = {404: who("station administrator auditor"), 302: COUNTY, 200: ALL}

ROWS: dict[str, tuple[Row, Row]] = {
    "evaluations:assessments": get(NOBODYS),
    # --- the filed report of the third quarter
    "evaluations:assessment": ({200: READERS, 404: ALL}, {422: OFFICE, 403: READERS, 404: ALL}),
    "evaluations:assessment-changes": get({200: READERS, 404: ALL}),
    "evaluations:assessment-paper": post({200: READERS, 404: ALL}),
    "evaluations:assessment-letter": post({200: READERS, 404: ALL}),
    "evaluations:assessment-revise": post({422: SECRETARY, 403: READERS, 404: ALL}),
    "evaluations:assessment-receive": post({302: STREET, 403: READERS, 404: ALL}),
    "evaluations:assessment-return": post({422: STREET, 403: READERS, 404: ALL}),
    "evaluations:assessment-acknowledge": post({302: COUNTY, 403: READERS, 404: ALL}),
    # --- the draft of the fourth
    "evaluations:assessment-recompute": post({302: OFFICE, 403: COMMUNITY, 404: ALL}),
    "evaluations:assessment-adjust": post({422: SECRETARY, 403: COMMUNITY, 404: ALL}),
    "evaluations:assessment-file": post({302: SECRETARY, 403: COMMUNITY, 404: ALL}),
    # --- a unit's own, the scheme
    "evaluations:assessment-own": get({200: UNITS, 404: ALL}),
    "evaluations:assessment-own-letter": get({200: who("liaison leader"), 404: ALL}),
    "evaluations:assessment-scheme": (
        {200: HOME, 404: ALL},
        {422: SECRETARY, 403: HOME, 404: ALL},
    ),
}
