"""Which scheme of the assessment holds for an organisation and a year (design, domain: settings are inherited)."""

from __future__ import annotations

from collections.abc import Iterable

from alliances.models import Alliance, Organisation
from evaluations.assessing import Scheme
from evaluations.models import AssessmentScheme


def pure(row: AssessmentScheme) -> Scheme:
    return Scheme(weights=dict(row.weights), lowest=row.lowest, highest=row.highest)


def scheme_for(organisation: Organisation, year: int) -> Scheme:
    """The organisation's own scheme of the year, else its newest of an earlier year; else the same of the nearest office
    above that has one; else the default."""
    row = row_for(organisation, year)
    return pure(row) if row else Scheme()


def row_for(organisation: Organisation, year: int) -> AssessmentScheme | None:
    """The row behind ``scheme_for``; its ``organisation`` says where the scheme was made. None: the default."""
    rows = AssessmentScheme.objects.filter(organisation__path__in=organisation.paths_above, year__lte=year)
    # Paths on one branch grow with depth, so the longest is the nearest.
    return max(
        rows.select_related("organisation"),
        key=lambda row: (len(row.organisation.path), row.year),
        default=None,
    )


def schemes_for(alliances: Iterable[Alliance], year: int) -> dict[int, Scheme]:
    """Alliance id → scheme, by one query for any number of alliances (with their organisations)."""
    rows = list(AssessmentScheme.objects.filter(year__lte=year).select_related("organisation"))
    found = {}
    for alliance in alliances:
        above = frozenset(alliance.organisation.paths_above)
        near = [row for row in rows if row.organisation.path in above]
        best = max(near, key=lambda row: (len(row.organisation.path), row.year), default=None)
        found[alliance.pk] = pure(best) if best else Scheme()
    return found
