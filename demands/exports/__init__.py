"""The four lists out of the house: Excel and CSV with every column our importers read, Word and PDF as they are printed.

Masked is the rule: residents' names and phones as 张* 138****0000, sensitive needs only in the words meant for others.
The list with names and phones is an export of its own, for the secretary alone, logged under its own name.
"""

from demands.exports.asked import DemandsExport, FullDemandsExport, ResourcesExport
from demands.exports.done import AcceptancesExport, ClaimsExport

EXPORTS = (ResourcesExport(), DemandsExport(), FullDemandsExport(), ClaimsExport(), AcceptancesExport())
