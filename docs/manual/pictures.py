"""Takes the manual's pictures anew: seeds a demo of its own, serves it, photographs pages as the people who use them.

Run by ``make manual``; needs Chromium. Pictures land in docs/manual/pictures/<name>-<width>.png.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OUT = Path(__file__).resolve().parent / "pictures"
PORT = int(os.environ.get("PORT", "8123"))
SITE = f"http://127.0.0.1:{PORT}"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
WIDTHS = {1280: 900, 360: 900}


def prepare(var: str) -> None:
    """Environment of a demo in a folder of its own, migrated and seeded."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "VAR_DIR": var,
        "DATABASE_URL": f"sqlite:///{var}/db.sqlite3",
        "DEMO": "1",
        "SITE_URL": SITE,
        "LOG_LEVEL": "ERROR",
    }
    for command in (["migrate", "--noinput", "-v0"], ["collectstatic", "--noinput", "-v0"], ["seed_demo"]):
        subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )


def serve() -> subprocess.Popen:
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{PORT}", "--threads", "4", "config.wsgi"],
        cwd=ROOT,
    )
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                return server
        time.sleep(0.2)
    server.kill()
    raise SystemExit("the demo did not come up")


def session_of(user) -> str:
    """A logged-in session for ``user``; nobody's password is needed to take a picture."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return store.session_key


def pages() -> list[tuple[str, object, str]]:
    """(picture, person, path) of every picture."""
    from alliances.enums import Role
    from alliances.models import Alliance, Appointment, User
    from evaluations.models import Feedback, Round, UnitMark
    from rotation.models import Meeting, Plan, Receipt, Reply, Slip, Swap

    alliance = Alliance.objects.get(organisation__name="同心社区")
    place = alliance.organisation

    def holder(role: str, **where) -> User:
        return User.objects.get(
            person=Appointment.objects.current().filter(role=role, **where).first().person
        )

    secretary = holder(Role.SECRETARY, organisation=place)
    street = holder(Role.OFFICE, organisation=place.parent)
    plan = Plan.objects.get(alliance=alliance, year=2026)
    slip = Slip.objects.filter(alliance=alliance, duty__plan=plan).exclude(state="withdrawn").latest("pk")
    chair = Receipt.objects.filter(slip=slip).first().member
    liaison = holder(Role.LIAISON, member=chair)
    swap = Swap.objects.filter(state="agreed").first() or Swap.objects.first()
    swap_secretary = holder(Role.SECRETARY, organisation=swap.alliance.organisation)
    planned = Meeting.objects.filter(state="planned", duty__isnull=False).latest("pk")
    planned_secretary = holder(Role.SECRETARY, organisation=planned.alliance.organisation)
    meeting = Meeting.objects.filter(alliance=alliance, state="minuted").latest("pk")
    waiting = Reply.objects.filter(
        meeting__state="noticed", state="waiting", member__appointments__person__user__isnull=False
    ).latest("pk")
    mark = UnitMark.objects.filter(
        round__state="open", voted_on=None, member__appointments__person__user__isnull=False
    ).latest("pk")
    settled = Round.objects.filter(alliance=alliance, state="settled").latest("pk")
    feedback = Feedback.objects.filter(alliance=alliance, state="published").latest("pk")
    president = holder(Role.PRESIDENT, organisation=place)
    return [
        ("month", secretary, f"/month/{alliance.code}/2026/3/"),
        ("notice", planned_secretary, f"/meetings/{planned.pk}/write/"),
        ("meeting", secretary, f"/meetings/{meeting.pk}/"),
        ("reply", holder(Role.LIAISON, member=waiting.member), f"/meetings/{waiting.meeting_id}/reply/"),
        ("ballot", holder(Role.LIAISON, member=mark.member), f"/rounds/ballots/{mark.pk}/"),
        ("round", secretary, f"/rounds/{settled.pk}/"),
        ("feedback", president, f"/feedback/{feedback.duty_id}/"),
        ("president-desk", president, "/"),
        ("circle", secretary, "/circle/"),
        ("desk", secretary, "/"),
        ("year", secretary, f"/year/{alliance.code}/2026/"),
        ("ledger", secretary, "/slips/"),
        ("slip", liaison, f"/slips/{slip.pk}/"),
        ("liaison-desk", liaison, "/"),
        ("members", secretary, "/members/"),
        ("import", secretary, "/imports/"),
        ("wishes", secretary, f"/year/{alliance.code}/2026/wishes/"),
        ("swap", swap_secretary, f"/swaps/{swap.pk}/"),
        ("street", street, "/"),
        ("two-way", secretary, f"/year-end/{alliance.code}/2025/two-way/"),
        ("awards", secretary, f"/year-end/{alliance.code}/2025/awards/"),
        *intake_pages(),
        *station_pages(),
    ]


def intake_pages() -> list[tuple[str, object, str]]:
    """The form for slips, the queue to review, and one demand that is being worked on."""
    from alliances.enums import Role
    from alliances.models import User
    from demands.models import Demand

    def secretary(demand: Demand) -> User:
        posts = demand.alliance.organisation.appointments.current()
        return User.objects.get(
            person=posts.filter(role=Role.SECRETARY, person__user__isnull=False).first().person
        )

    known = {
        "alliance__organisation__appointments__role": Role.SECRETARY,
        "alliance__organisation__appointments__person__user__isnull": False,
    }
    waiting = Demand.objects.filter(state="submitted", **known).latest("pk")
    claimed = Demand.objects.filter(state="claimed", **known).latest("pk")
    return [
        ("demand-new", secretary(waiting), "/demands/new/"),
        ("demand-review", secretary(waiting), "/demands/review/"),
        ("demand", secretary(claimed), f"/demands/{claimed.pk}/"),
    ]


def station_pages() -> list[tuple[str, object, str]]:
    """A station's desk, a claim that waits for it, its phone list and one call-back."""
    from alliances.enums import Role
    from alliances.models import User
    from demands.models import CallBack, Claim

    theirs = {"role": Role.STATION, "person__user__isnull": False}
    known = {f"demand__station__appointments__{key}": value for key, value in theirs.items()}
    claim = Claim.objects.filter(state="delivered", **known).latest("pk")
    asked = {f"acceptance__claim__{key}": value for key, value in known.items()}
    due = CallBack.objects.filter(state="due", author__isnull=False, **asked).latest("pk")

    def holder(claim: Claim) -> User:
        return User.objects.get(
            person=claim.demand.station.appointments.current().filter(**theirs).first().person
        )

    accepts, calls = holder(claim), holder(due.acceptance.claim)
    return [
        ("station-desk", accepts, "/"),
        ("station-claim", accepts, f"/demands/claims/{claim.pk}/"),
        ("call-backs", calls, "/demands/call-backs/"),
        ("call-back", calls, f"/demands/call-backs/{due.pk}/"),
    ]


def quarter_pages() -> list[tuple[str, object, str]]:
    """The first working day after the quarter: a report in draft, one that a street has received, as a unit
    reads it, and the street's own table."""
    from django.core.management import call_command

    from alliances.enums import Role
    from alliances.models import Appointment, User
    from evaluations.models import Assessment
    from evaluations.selectors import assessments as reads
    from evaluations.services import assessments

    call_command("demo_clock", "workday", verbosity=0)

    def holder(role: str, **where) -> User:
        posts = Appointment.objects.current().filter(role=role, person__user__isnull=False, **where)
        return User.objects.get(person=posts.first().person)

    draft = Assessment.objects.select_related("alliance").get(alliance__organisation__name="同心社区")
    other = reads.full().filter(state="draft").exclude(pk=draft.pk).earliest("pk")
    place = other.alliance.organisation
    secretary, street = (
        holder(Role.SECRETARY, organisation=place),
        holder(Role.OFFICE, organisation=place.parent),
    )
    assessments.write(
        other, problems="个别单位回复派单不够及时。", next_steps="明确专人催办，每月通报。", actor=secretary
    )
    filed = assessments.receive(assessments.file(other, actor=secretary), actor=street)
    rated = {line["member"] for line in filed.figures["assessment"]["lines"] if line["score"]}
    return [
        (
            "quarter",
            holder(Role.SECRETARY, organisation=draft.alliance.organisation),
            f"/assessments/{draft.pk}/",
        ),
        ("quarter-own", holder(Role.LIAISON, member__in=rated), "/assessments/own/"),
        ("quarter-street", street, f"/assessments/{filed.pk}/"),
        ("quarter-office", street, "/assessments/office/"),
    ]


def photograph(find: Callable[[], list[tuple[str, object, str]]]) -> None:
    import django

    django.setup()
    from django.conf import settings
    from playwright.sync_api import sync_playwright

    OUT.mkdir(exist_ok=True)
    shots = [(name, session_of(user), path) for name, user, path in find()]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, session, path in shots:
            for width, height in WIDTHS.items():
                context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
                context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": SITE}])
                page = context.new_page()
                answer = page.goto(SITE + path, wait_until="networkidle")
                if answer is None or answer.status != 200:
                    raise SystemExit(f"{path} answered {answer and answer.status}")
                page.screenshot(path=OUT / f"{name}-{width}.png")
                context.close()
                print(f"{name}-{width}.png")
        browser.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as var:
        prepare(var)
        os.chdir(ROOT)
        sys.path.insert(0, str(ROOT))
        server = serve()
        try:
            photograph(pages)
            photograph(quarter_pages)  # last: it moves the demo's clock
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    # Playwright's sync API runs an event loop; the few reads of the database beside it are meant.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    main()
