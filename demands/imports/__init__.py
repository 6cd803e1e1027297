from demands.imports.acceptances import AcceptancesImport
from demands.imports.claims import ClaimsImport
from demands.imports.demands import DemandsImport
from demands.imports.resources import ResourcesImport

__all__ = ["AcceptancesImport", "ClaimsImport", "DemandsImport", "ResourcesImport"]
