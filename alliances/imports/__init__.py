"""The foundation's importers: the organisation tree and the rosters of member units."""

from alliances.imports.members import MembersImport
from alliances.imports.organisations import OrganisationsImport

__all__ = ["MembersImport", "OrganisationsImport"]
