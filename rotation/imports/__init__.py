"""The rotation's importers: past annual tables and the wishes for a coming year."""

from rotation.imports.plan import PlanImport
from rotation.imports.wishes import WishesImport

__all__ = ["PlanImport", "WishesImport"]
