"""``python -m bench.workbook``: ask for the county's demands as a workbook, let the worker's sweep make it; prints rows,
peak memory (MB), seconds, notes of progress, size (MB)."""

import resource
import time

import django


def main() -> None:
    from alliances import clock, tasks  # noqa: F401 - the worker has loaded its tasks too
    from alliances.exporting import Several
    from alliances.models import Alliance, ExportJob, User
    from alliances.registry import registries
    from alliances.services import export_jobs
    from config import celery  # noqa: F401 - as the worker is

    actor = User.objects.get(phone="13800000004")
    place = actor.current_appointments[0].organisation
    scope = Several(place, tuple(Alliance.objects.select_related("organisation").order_by("pk")))
    kind = registries.exports.get("demands")
    job = export_jobs.ask(
        kind, scope, suffix="xlsx", year=None, params={}, total=kind.size(scope), actor=actor
    )
    notes = 0
    hold = export_jobs._mine

    def counted(one: ExportJob):
        nonlocal notes
        notes += 1
        return hold(one)

    export_jobs._mine = counted
    began = time.monotonic()
    export_jobs.make_due(clock.now())
    spent = time.monotonic() - began
    job.refresh_from_db()
    if job.state != "done":
        raise SystemExit(f"{job.state}: {job.error}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(job.rows, round(peak), round(spent, 1), notes, round(job.size / 1024**2, 1))
    export_jobs.drop(job)


if __name__ == "__main__":
    django.setup()
    main()
