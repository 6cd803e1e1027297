"""Tables too large to be waited for, and many papers in one file: asked for in the browser, written by the worker's sweep,
fetched for some days.

The sweep takes one job a tick, so that nothing that is due waits for a queue of tables. A job is leased while it is
written; whoever asked must still be allowed when it is made and again when it is fetched. Many papers are made piece by piece: the
pieces lie in a folder of the job's until all are there, so that a tick gives up its turn, or dies, and the next one goes on.
"""

from __future__ import annotations

import copy
import logging
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from os import SEEK_END
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import Case, Q, QuerySet, When

from alliances import clock, sealed_files, sealing
from alliances.errors import OfficeError
from alliances.exporting import Export, PiecedExport, RowExport, Several, Unfinished
from alliances.models import Alliance, ExportJob, User
from alliances.models.exports import ExportJobState
from alliances.registry import registries
from alliances.services import audit, files, outbox

logger = logging.getLogger("gongjian.exports")
_FILES: Any = ExportJob._meta.get_field("file")

AT_ONCE = 5_000  # rows a browser may wait for
LIFE = timedelta(days=3)
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 3
MOST_OPEN = 3
UNKNOWN_LIFE = timedelta(hours=1)  # of a file that no row knows
PIECES = "export-pieces"  # the folder under VAR_DIR
STEP = 500  # rows between two notes of progress
SHIFT = timedelta(seconds=40)  # of the machine, for the pieces of one job: a tick comes every minute
NO_LONGER = "您现在的身份不能导出这份表格。"
NOT_THERE = "这份表格还没有生成。"


class Dropped(Exception):
    """Its owner took the job back while it was being written."""


def ask(
    kind: Export,
    scope: Alliance | Several,
    *,
    suffix: str,
    year: int | None,
    params: Mapping[str, str],
    total: int,
    actor: User,
) -> ExportJob:
    """Put a table into the queue; the same one that still waits is given back. Raises OfficeError for too many."""
    alliances = list(scope.alliances) if isinstance(scope, Several) else [scope]
    params = {key: value for key, value in params.items() if "\0" not in value}  # PostgreSQL keeps none
    with transaction.atomic():
        User.objects.select_for_update().get(
            pk=actor.pk
        )  # one count at a time, however often the button is pressed
        going = list(jobs_of(actor).filter(state__in=[ExportJobState.WAITING, ExportJobState.RUNNING]))
        for job in going:
            if (job.name, job.suffix, job.year, job.params) == (kind.name, suffix, year, params):
                return job
        if len(going) >= MOST_OPEN:
            raise OfficeError(f"您有 {MOST_OPEN} 份表格正在生成，请等其中一份完成，或先取消一份。")
        job = ExportJob.objects.create(
            owner=actor,
            name=kind.name,
            suffix=suffix,
            year=year,
            params=params,
            organisation=scope.organisation if isinstance(scope, Several) else None,
            title=kind.heading(scope, year)[:200],
            total=total,
        )
        job.alliances.set(alliances)
    return job


def jobs_of(user: User) -> QuerySet[ExportJob]:
    return ExportJob.objects.filter(owner=user).order_by("-pk")


def scope_of(job: ExportJob) -> Alliance | Several:
    alliances = list(job.alliances.select_related("organisation").order_by("organisation__path"))
    return Several(job.organisation, tuple(alliances)) if job.organisation else alliances[0]


def export_of(job: ExportJob, scope: Alliance | Several) -> Export:
    """The job's export, narrowed as it was asked for. Raises OfficeError when its owner may not take it any more."""
    kind = registries.exports.get(job.name)
    alliances = scope.alliances if isinstance(scope, Several) else (scope,)
    if kind is None or not job.owner.is_active:
        raise OfficeError(NO_LONGER)
    if not alliances or not all(kind.who_may(job.owner, alliance) for alliance in alliances):
        raise OfficeError(NO_LONGER)
    return copy.copy(kind.narrowed(job.params).asked_by(job.owner))


# --- the worker's side ----------------------------------------------------------------------------------------------


def make_due(now: datetime) -> list[str]:
    """The sweep: write the oldest table that waits, or whose writer died; many papers when there is no table."""
    takes_ticks = Case(When(suffix="zip", then=1), default=0)
    for job in (
        ExportJob.objects.filter(_due())
        .order_by(takes_ticks, "pk")
        .select_related("owner__person", "organisation")
    ):
        if _lease(job):
            return [_make(job)]
    return []


def _due() -> Q:
    return Q(state=ExportJobState.WAITING) | Q(
        state=ExportJobState.RUNNING, leased_until__lt=clock.machine_time()
    )


def _lease(job: ExportJob) -> bool:
    """Whether this process alone writes ``job`` now: a conditional UPDATE decides."""
    hit = ExportJob.objects.filter(_due(), pk=job.pk, attempts=job.attempts).update(
        state=ExportJobState.RUNNING,
        rows=0,
        attempts=job.attempts + 1,
        leased_until=clock.machine_time() + LEASE,
    )
    job.attempts += hit
    return bool(hit)


def _make(job: ExportJob) -> str:
    try:
        if job.attempts > MOST_ATTEMPTS:
            raise OfficeError("生成时几次中断，请缩小范围再试。")
        _write(job)
    except Dropped:
        return f"{job.title}：已取消"
    except Unfinished:
        return _pause(job)
    except OfficeError as problem:
        return _fail(job, problem.message)
    except Exception:  # kept for the person who waits, and for the log; the sweep goes on with the next tick
        logger.exception("export job %s failed", job.pk)
        return _fail(job, "生成时出错，请缩小范围再试；仍不行请联系系统管理员。")
    shutil.rmtree(_folder(job), ignore_errors=True)
    return f"{job.title}：{job.rows} {job.unit}"


def _pause(job: ExportJob) -> str:
    """Back into the queue with what is made: the turn was used, not lost, so it is no attempt."""
    _mine(job).update(state=ExportJobState.WAITING, attempts=job.attempts - 1, leased_until=None)
    return f"{job.title}：{job.rows}/{job.total} {job.unit}"


def _folder(job: ExportJob) -> Path:
    """Where the pieces of ``job`` lie until all are there: beside the database, on the machine of whoever makes them. Another
    machine's worker makes its own."""
    return settings.VAR_DIR / PIECES / f"{job.pk}-{job.asked_at:%Y%m%d%H%M%S%f}"


def _write(job: ExportJob) -> None:
    scope = scope_of(job)
    kind = export_of(job, scope)

    def progress(rows: int) -> None:
        if not _mine(job).update(rows=rows, leased_until=clock.machine_time() + LEASE):
            raise Dropped
        job.rows = rows

    if isinstance(kind, RowExport):
        kind.progress, kind.progress_step = progress, STEP
    elif isinstance(kind, PiecedExport):
        kind.progress, kind.folder, kind.until = progress, _folder(job), clock.machine_time() + SHIFT
        kind.folder.mkdir(parents=True, exist_ok=True)
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    # Without a name while it is open to read, sealed where it stays: an unmasked list holds residents' contacts.
    with TemporaryFile(dir=settings.VAR_DIR) as file, TemporaryFile(dir=settings.VAR_DIR) as sealed:
        job.rows = kind.write(job.suffix, file, scope, job.year)
        job.size = file.seek(0, SEEK_END)
        file.seek(0)
        sealed_files.seal_file(file, sealed)
        sealed.seek(0)
        job.file.save(files.random_name(job.suffix), File(sealed), save=False)
    with transaction.atomic():
        hit = _mine(job).update(
            state=ExportJobState.DONE,
            rows=job.rows,
            total=job.rows,
            size=job.size,
            file=job.file.name,
            made_at=clock.now(),
            error="",
            leased_until=None,
        )
        if hit:
            _tell(job, f"{job.thing}已生成：{job.title}", "请在三天内下载，过期自动删去。")
    if not hit:
        job.file.delete(save=False)
        raise Dropped


def _mine(job: ExportJob) -> QuerySet[ExportJob]:
    """The row as this attempt holds it: dropped or taken over by another worker, it is nobody's."""
    return ExportJob.objects.filter(pk=job.pk, state=ExportJobState.RUNNING, attempts=job.attempts)


def _fail(job: ExportJob, sentence: str) -> str:
    with transaction.atomic():
        if _mine(job).update(state=ExportJobState.FAILED, error=sentence[:200], leased_until=None):
            _tell(job, f"{job.thing}没有生成：{job.title}", sentence)
    return f"{job.title}：{sentence}"


def _tell(job: ExportJob, subject: str, body: str) -> None:
    outbox.post(
        [job.owner.person],
        kind="alliances.export.made",
        subject=subject[:120],
        body=body,
        path=f"/exports/jobs/{job.pk}/",
        dedupe_key=f"export-job:{job.pk}",
    )


def purge(now: datetime) -> list[str]:
    """The sweep that removes tables some days old, file first: a row without a file is found again; and files without a
    row, which a worker left that died before it could note them."""
    gone = _sweep_files() + _sweep_pieces()
    for job in ExportJob.objects.filter(asked_at__lt=now - LIFE).exclude(
        state=ExportJobState.RUNNING, leased_until__gte=clock.machine_time()
    ):
        _remove(job)
        gone += 1
    return [f"清理过期的表格 {gone} 份"] if gone else []


# --- the owner's side -----------------------------------------------------------------------------------------------


def fetch(job: ExportJob) -> tuple[BinaryIO, str]:
    """The finished file, opened (its length is ``job.size``), and its name; leaves a row in the log. Raises OfficeError."""
    if job.state != ExportJobState.DONE or not job.file:
        raise OfficeError(NOT_THERE)
    scope = scope_of(job)
    kind = export_of(job, scope)
    opened = content(job)
    audit.record(
        "alliances.export.download",
        scope if isinstance(scope, Alliance) else scope.organisation,
        actor=job.owner,
        data={
            "name": job.name,
            "format": job.suffix,
            "year": job.year,
            "rows": job.rows,
            "job": job.pk,
            **kind.logged(),
        },
    )
    return opened, kind.file_name(scope, job.year, job.suffix)


def content(job: ExportJob) -> BinaryIO:
    """What is in the finished file, to be read once and closed. Raises OfficeError when it is gone or cannot be opened."""
    try:
        return sealed_files.open_sealed(job.file.open("rb"))
    except FileNotFoundError as problem:
        raise OfficeError("文件已经删去，请重新导出。") from problem
    except sealing.Unopenable as problem:
        raise OfficeError("文件打不开，请重新导出。") from problem


def drop(job: ExportJob) -> None:
    """Its owner does not want it any more: row and file go; a worker that writes it stops at the next note."""
    _remove(job)


def _remove(job: ExportJob) -> None:
    """As the row is now, not as it was read: a worker may have noted its file since. Once the row is gone, it cannot."""
    with transaction.atomic():
        held = ExportJob.objects.select_for_update().filter(pk=job.pk).first()
        if held is None:
            return
        if held.file:
            held.file.delete(save=False)
        held.delete()


def _sweep_pieces() -> int:
    """Pieces on this machine of jobs that are done with: finished elsewhere, given up, or taken back by their owner."""
    folders = [one for one in (settings.VAR_DIR / PIECES).glob("*-*") if one.is_dir()]
    if not folders:
        return 0
    going = {
        _folder(job)
        for job in ExportJob.objects.filter(state__in=[ExportJobState.WAITING, ExportJobState.RUNNING])
    }
    gone = [one for one in folders if one not in going]
    for one in gone:
        shutil.rmtree(one, ignore_errors=True)
    return len(gone)


def _sweep_files() -> int:
    """Files of tables that no row knows, past the moments between a file and its note in the row."""
    storage, folder = _FILES.storage, str(_FILES.upload_to).rstrip("/")
    try:
        names = storage.listdir(folder)[1]
    except FileNotFoundError:
        return 0
    if not names:
        return 0
    known = set(ExportJob.objects.exclude(file="").values_list("file", flat=True))
    gone = 0
    for path in (f"{folder}/{name}" for name in names):
        if path in known:
            continue
        try:
            is_old = storage.get_modified_time(path) < clock.machine_time() - UNKNOWN_LIFE
        except FileNotFoundError:  # its owner dropped it just now
            continue
        if is_old:
            storage.delete(path)
            gone += 1
    return gone
