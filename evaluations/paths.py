"""Site-relative paths of this app's pages, for messages, papers and the desk. They match ``evaluations/urls.py``."""

from __future__ import annotations

ROUNDS = "/rounds/"


def round_page(pk: int) -> str:
    return f"/rounds/{pk}/"


def unit_ballot(mark: int) -> str:
    """The ballot of one unit (``UnitMark``)."""
    return f"/rounds/ballots/{mark}/"


def paper_entry(pk: int) -> str:
    return f"/rounds/{pk}/paper/"


def resident_ballot(code: str) -> str:
    """A resident's page for a one-time code; what a printed QR leads to."""
    return f"/b/{code}/"


def venue(token: str) -> str:
    """What the QR at the venue leads to: draws one code per browser."""
    return f"/b/at/{token}/"


def feedback(duty: int) -> str:
    return f"/feedback/{duty}/"


def comment(duty: int) -> str:
    return f"/feedback/{duty}/comment/"


ASSESSMENTS = "/assessments/"


QUARTER_OFFICE = "/assessments/office/"


def assessment(pk: int) -> str:
    """The report of one alliance and quarter."""
    return f"/assessments/{pk}/"


def own_results() -> str:
    """What a unit reads of itself."""
    return "/assessments/own/"


def own_letter(line: int, suffix: str) -> str:
    """A unit's result letter (of an ``AssessmentLine``)."""
    return f"/assessments/own/{line}/letter.{suffix}"


def scheme(code: str, year: int) -> str:
    """The scheme in force at an organisation; ``code`` is the organisation's."""
    return f"/assessments/scheme/{code}/{year}/"


# --- the year's end -------------------------------------------------------------------------------------------------


def year_end(code: str, year: int) -> str:
    return f"/year-end/{code}/{year}/"


def two_way(code: str, year: int) -> str:
    return f"/year-end/{code}/{year}/two-way/"


def community_ballot(code: str, year: int, member: int) -> str:
    """The ballot by which one unit scores the community."""
    return f"/year-end/{code}/{year}/two-way/ballots/{member}/"


def awards(code: str, year: int) -> str:
    return f"/year-end/{code}/{year}/awards/"
