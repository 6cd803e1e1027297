"""The workbooks that ship with the project, imported the way an office would."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps

from alliances.models import User
from alliances.services import imports


def load(kind: str, book: str, *, actor: User | None) -> None:
    """Import one of the workbooks. Raises RuntimeError where a row is refused: they are known to be good."""
    importer = imports.kind_of(kind)
    if importer is None:
        raise LookupError(f"no importer of {kind!r} is registered")
    folder = Path(apps.get_app_config("alliances").path) / "seeds" / "jingyanhong"
    outcome = imports.run(importer, folder / book, book, actor=actor)
    if not outcome.committed:
        raise RuntimeError(f"{book}: {[refusal.as_dict() for refusal in outcome.refused]}")
