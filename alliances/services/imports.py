"""Running an import: read, take, and let the transaction stand or not. The only door for screens and commands.

Who may import in the browser: a secretary and the staff for their own alliance (rows of other communities are
refused); an administrator for everything below the organisation of the appointment, because setting up a county
is an administrator's work; the organisation tree only an administrator of the root. Offices do not import: the
rosters are the communities'. The command line takes everything.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from alliances import clock, sealing
from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.importing import Limits, Unreadable, read_tables, write_template
from alliances.importing.importer import Outcome, Request, SheetImport
from alliances.models import Alliance, ImportDraft, Organisation, User
from alliances.policies import can_administer
from alliances.registry import registries
from alliances.services import audit

DRAFT_LIFE = timedelta(days=1)
_MOST_DRAFTS = 5
# The parts of an outcome that quote the sheet: names, mistyped phones, residents' words.
_QUOTING = ("refused", "questions", "answered", "rows", "notes")
# A browser waits for the preview, and a worker of the web server must not be held: larger files go by command.
SCREEN_LIMITS = Limits(bytes=5 * 2**20, rows=1_000)


def kind_of(name: str) -> type[SheetImport] | None:
    return registries.importers.get(name)


def template(kind: type[SheetImport]) -> bytes:
    """The .xlsx that people fill in."""
    return write_template(kind.columns, kind.title, kind.examples)


# --- one import --------------------------------------------------------------------------------------------------


def run(
    kind: type[SheetImport],
    file: BinaryIO | Path,
    file_name: str,
    *,
    alliances: Sequence[Alliance] | None = None,
    only: Alliance | None = None,
    year: int | None = None,
    answers: Mapping[str, str] | None = None,
    dry_run: bool = False,
    skip_refused: bool = False,
    limits: Limits | None = None,
    actor: User | None,
) -> Outcome:
    """Import a file, all or nothing: with a refused row nothing is written unless ``skip_refused``.

    A dry run does the same work and rolls it back, so that what it tells is what would happen. Importing the same
    file again writes nothing, not even a log row. ``alliances`` are those whose rows are taken (all by default), ``only``
    the one that was chosen. Raises ``Unreadable`` when there is nothing to import from.
    """
    tables = read_tables(file, file_name, kind.columns, limits=limits)
    if not any(tables.rows()) and not any(tables.refusals()):
        raise Unreadable("表头下面没有可以导入的内容。")
    if alliances is None:
        alliances = [only] if only else list(Alliance.objects.select_related("organisation"))
    request = Request(
        alliances=alliances,
        today=clock.today(),
        actor=actor,
        only=only,
        year=year,
        answers=answers or {},
        file_name=file_name,
    )
    with transaction.atomic():
        outcome = kind(tables, request).run()
        outcome.committed = not dry_run and (skip_refused or not outcome.refused)
        if not outcome.committed:
            transaction.set_rollback(True)
        elif outcome.moves:
            _record(kind, outcome, actor, only)
    return outcome


def _record(kind: type[SheetImport], outcome: Outcome, actor: User | None, only: Alliance | None) -> None:
    counts = {
        "added": outcome.added,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
        "refused": len(outcome.refused),
    }
    data = {"kind": kind.name, **counts}
    audit.record("alliances.import.commit", only, actor=actor, alliance=only, data=data)


# --- who may -----------------------------------------------------------------------------------------------------


def alliances_for(user: User) -> list[Alliance]:
    """The alliances whose sheets ``user`` may import: the own ones, or those an administrator sets up."""
    own, paths = set(), []
    for appointment in user.current_appointments:
        if appointment.role in (Role.SECRETARY, Role.STAFF):
            own.add(appointment.organisation_id)
        elif appointment.role == Role.ADMINISTRATOR:
            paths.append(appointment.organisation.path)
    if not own and not paths:
        return []
    return [
        alliance
        for alliance in Alliance.objects.select_related("organisation")
        if alliance.organisation_id in own or any(alliance.organisation.path.startswith(p) for p in paths)
    ]


def may_import(user: User, kind: type[SheetImport]) -> bool:
    """Whether ``user`` may import sheets of this kind for anybody."""
    if not kind.at_root_only:
        return user.holds(Role.SECRETARY, Role.STAFF, Role.ADMINISTRATOR)
    if not user.holds(Role.ADMINISTRATOR):
        return False
    return any(can_administer(user, root) for root in Organisation.objects.filter(parent=None))


def kinds_for(user: User) -> list[type[SheetImport]]:
    return [kind for kind in registries.importers if may_import(user, kind)]


# --- the draft between upload and commit ------------------------------------------------------------------------


def upload(
    kind: type[SheetImport],
    content: bytes,
    file_name: str,
    *,
    only: Alliance | None,
    year: int | None,
    actor: User,
) -> ImportDraft:
    """Keep a file and what it would do. Raises ``OfficeError`` (``Unreadable`` too); then nothing is kept."""
    if kind.by_alliance and only is None and not actor.holds(Role.ADMINISTRATOR):
        raise OfficeError("请选择为哪个联盟导入。")
    draft = ImportDraft(
        owner=actor,
        organisation=only.organisation if only else None,
        kind=kind.name,
        file_name=file_name[-120:],
        content=sealing.seal(content),
        report={"year": year, "answers": {}},
    )
    outcome = _run_draft(draft, dry_run=True, skip_refused=False)
    draft.report |= {"outcome": _kept(outcome.as_dict())}
    with transaction.atomic():
        draft.save()
        old = ImportDraft.objects.filter(owner=actor).order_by("-pk").values_list("pk", flat=True)
        ImportDraft.objects.filter(pk__in=list(old[_MOST_DRAFTS:])).delete()
    return draft


def drafts_of(user: User) -> list[ImportDraft]:
    """The user's own drafts that still live, the latest first, without the files themselves."""
    alive = clock.now() - DRAFT_LIFE
    return list(ImportDraft.objects.filter(owner=user, created_at__gt=alive).defer("content"))


def draft_of(user: User, pk: int) -> ImportDraft | None:
    """The user's own draft while it lives; drafts of others do not exist."""
    alive = clock.now() - DRAFT_LIFE
    mine = ImportDraft.objects.filter(owner=user, pk=pk, created_at__gt=alive)
    return mine.select_related("organisation", "owner__person").defer("content").first()


def answer(draft: ImportDraft, answers: Mapping[str, str]) -> Outcome:
    """Add answers (name in the file → answer) and look again at what the file would do."""
    _must_be_open(draft)
    draft.report["answers"] = {**draft.report.get("answers", {}), **answers}
    outcome = _run_draft(draft, dry_run=True, skip_refused=False)
    draft.report["outcome"] = _kept(outcome.as_dict())
    ImportDraft.objects.filter(pk=draft.pk, committed_at=None).update(report=draft.report)
    return outcome


class Moved(OfficeError):
    """Between preview and commit somebody changed what the preview told; the draft now holds the new preview."""


def commit(draft: ImportDraft, *, skip_refused: bool) -> Outcome:
    """Import the draft exactly as its preview said, once. Raises ``Moved`` if it would now do something else, and
    ``OfficeError`` if it has been imported already or rows are refused."""
    _must_be_open(draft)
    seen = told(draft)
    if seen.get("refused") and not skip_refused:
        raise OfficeError("还有不能导入的行，改好再传，或选择跳过这些行。")
    moved: dict[str, Any] | None = None
    with transaction.atomic():
        hit = ImportDraft.objects.filter(pk=draft.pk, committed_at=None).update(committed_at=clock.now())
        if not hit:
            raise OfficeError("这份表格已经导入过了。")
        outcome = _run_draft(draft, dry_run=False, skip_refused=skip_refused)
        if _fingerprint(outcome.as_dict()) != _fingerprint(seen):
            moved = {**outcome.as_dict(), "committed": False}
            transaction.set_rollback(True)
        else:
            report = {**draft.report, "outcome": _kept(outcome.as_dict())}
            # What was uploaded is not needed any more; what it did stays on the page for a day.
            ImportDraft.objects.filter(pk=draft.pk).update(content=b"", report=report)
    if moved is not None:
        ImportDraft.objects.filter(pk=draft.pk, committed_at=None).update(
            report={**draft.report, "outcome": _kept(moved)}
        )
        raise Moved("预览以后，系统里的资料有了变动，没有导入。下面是新的预览，请再看一遍。")
    return outcome


def drop(draft: ImportDraft) -> None:
    """The owner does not want it; nothing was imported, nothing is left."""
    ImportDraft.objects.filter(pk=draft.pk, committed_at=None).delete()


def purge_drafts(now: datetime) -> list[str]:
    """Sweep: uploaded files nobody committed for a day go, and so do the results of those that were."""
    gone, _ = ImportDraft.objects.filter(created_at__lte=now - DRAFT_LIFE).delete()
    return [f"清理导入草稿 {gone} 份"] if gone else []


def _must_be_open(draft: ImportDraft) -> None:
    if draft.committed_at is not None:
        raise OfficeError("这份表格已经导入过了。")


def _run_draft(draft: ImportDraft, *, dry_run: bool, skip_refused: bool) -> Outcome:
    kind = kind_of(draft.kind)
    if kind is None or not may_import(draft.owner, kind):
        raise OfficeError("您的身份不能导入这种表格。")
    alliances = alliances_for(draft.owner)
    only = next((a for a in alliances if a.organisation_id == draft.organisation_id), None)
    if draft.organisation_id is not None:
        if only is None:
            raise OfficeError("您已经不负责这个社区，不能导入。")
        alliances = [only]
    return run(
        kind,
        io.BytesIO(_opened(draft)),
        draft.file_name,
        alliances=alliances,
        only=only,
        year=draft.report.get("year"),
        answers=draft.report.get("answers"),
        dry_run=dry_run,
        skip_refused=skip_refused,
        limits=SCREEN_LIMITS,
        actor=draft.owner,
    )


def _kept(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """An outcome as its draft keeps it: counts as they are, what quotes the sheet sealed like the sheet itself."""
    quoted = json.dumps({key: outcome[key] for key in _QUOTING})
    plain = {key: value for key, value in outcome.items() if key not in _QUOTING}
    return {**plain, "sealed": sealing.seal(quoted.encode()).decode()}


def told(draft: ImportDraft) -> dict[str, Any]:
    """What the draft's file would do, or did (``Outcome.as_dict``); of one sealed by a key that is gone the counts alone."""
    outcome = dict(draft.report.get("outcome", {}))
    token = outcome.pop("sealed", "")
    try:
        return outcome | json.loads(sealing.unseal(token.encode()) or "{}")
    except sealing.Unopenable:
        return outcome | {key: [] for key in _QUOTING}


def _opened(draft: ImportDraft) -> bytes:
    try:
        return sealing.unseal(bytes(draft.content))
    except sealing.Unopenable:
        raise OfficeError("上传的表格已经打不开，请重新上传。") from None


def _fingerprint(report: Mapping[str, Any]) -> str:
    """What a preview promises: the rows, what becomes of them, what is refused."""
    told = {key: report.get(key) for key in ("added", "changed", "unchanged", "refused", "rows", "details")}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
