"""Whether it runs: words for the administrator, one line for probes, checks of the installation."""

from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.test import Client

from alliances import checks, clock
from alliances.models import Message, SweepRun
from alliances.selectors import heartbeats
from alliances.services import outbox, sweeps


def ran(name="alliances.outbox", minutes=0, error=""):
    moment = clock.machine_time() - timedelta(minutes=minutes)
    SweepRun.objects.update_or_create(
        name=name,
        defaults={
            "began_at": moment,
            "succeeded_at": None if error else moment,
            "failed_at": moment if error else None,
            "error": error,
        },
    )


def health():
    answer = Client().get("/health/")
    return answer.status_code, answer.content.decode().strip()


def test_health_before_the_first_tick_is_starting(db):
    assert health() == (200, "starting")


def test_health_after_a_tick_is_ok(cast):
    sweeps.run_all()
    assert health() == (200, "ok")


def test_health_says_when_the_clock_stopped(db):
    ran(minutes=4)
    assert health() == (200, "ok")
    ran(minutes=6)
    status, words = health()
    assert status == 503
    assert words == "后台任务停了：最后一次运行在6 分钟前。"


def test_health_is_not_fooled_by_the_nightly_or_a_worker_that_does_not_tick(db):
    ran(minutes=60)
    ran("process.worker")
    ran("alliances.integrity")
    assert health()[0] == 503


def test_health_without_tables_is_503(db):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE alliances_sweeprun RENAME TO somewhere_else")
    try:
        assert health() == (503, "数据库连不上。")
    finally:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE somewhere_else RENAME TO alliances_sweeprun")


def test_health_is_never_cached_and_only_read(db):
    assert "no-store" in Client().get("/health/")["Cache-Control"]
    assert Client().post("/health/").status_code == 405


def test_status_tells_each_sweep_in_words(cast, client_for):
    sweeps.run_all()
    ran("rotation.slips", minutes=30)
    ran("alliances.digests", error="OSError: disk full")
    html = client_for(cast.administrator).get("/status/").content.decode()
    assert "有 2 处需要处理" in html
    assert "最后一次：30 分钟前" in html
    assert "disk full" in html
    assert "还没有运行" in html


def test_status_counts_messages_that_wait_too_long(cast, client_for):
    outbox.post([cast.liaison.person], kind="x", subject="s", body="b", dedupe_key="k")
    Message.objects.update(next_try_at=clock.machine_time() - timedelta(hours=2))
    html = client_for(cast.administrator).get("/status/").content.decode()
    assert "最早一条从2 小时前等到现在" in html
    assert heartbeats.queue()["waiting"] == 1


@pytest.mark.parametrize("who", ["secretary", "county", "auditor", "liaison"])
def test_status_is_for_administrators(cast, client_for, who):
    assert client_for(getattr(cast, who)).get("/status/").status_code == 403


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "刚刚"), (60, "1 分钟前"), (3599, "59 分钟前"), (7200, "2 小时前"), (200_000, "2 天前")],
)
def test_ago_in_words(seconds, words):
    assert heartbeats.ago(clock.machine_time() - timedelta(seconds=seconds, milliseconds=200)) == words


def test_checks_are_quiet_on_our_own_settings():
    assert [m for m in run_checks() if m.id.startswith("gongjian")] == []


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_checks_notice_requests_in_transactions_and_deferred_sqlite(settings):
    database = {"ENGINE": "django.db.backends.sqlite3", "ATOMIC_REQUESTS": True, "OPTIONS": {}}
    settings.DATABASES = {"default": database}
    assert [m.id for m in checks.transactions(None)] == ["gongjian.E002", "gongjian.E003"]


def test_checks_notice_links_that_lead_nowhere(settings):
    settings.SITE_URL = "https://gongjian.example.cn"
    settings.ALLOWED_HOSTS = ["other.example.cn"]
    assert [m.id for m in checks.addresses(None)] == ["gongjian.E004"]
    settings.ALLOWED_HOSTS = [".example.cn"]
    assert checks.addresses(None) == []


def test_checks_tell_of_mail_into_files(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert [m.id for m in checks.mail(None)] == ["gongjian.I001"]
