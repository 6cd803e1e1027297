"""``manage.py tick``: everything due exactly once, however often and by however many; a stopped clock catches up."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from alliances import clock, integrity
from alliances.models import Message, NumberSeries, SweepRun
from alliances.registry import Sweep, registries
from alliances.tasks import nightly
from rotation.enums import SlipState
from rotation.models import Plan, Slip
from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[2]


def test_tick_fifty_times_issues_each_slip_once(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(50):
        call_command("tick", at="2026-03-02T09:00")
    march = Slip.objects.filter(duty__month=3)
    assert sorted(march.values_list("alliance__code", flat=True)) == ["01-01-01", "01-02-01"]
    assert NumberSeries.objects.get(organisation=cast.community).last == 3
    assert Message.objects.filter(kind="rotation.slip.issued").count() == 4  # three chairs here, one there
    printed = capsys.readouterr().out
    assert printed.count("发出提醒单：") == 2
    assert printed.splitlines()[-1] == "没有到期的事项。"


def test_tick_before_half_past_eight_issues_nothing(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("tick", at="2026-03-02T08:29:59")
    assert not Slip.objects.filter(duty__month=3).exists()
    assert capsys.readouterr().out == "没有到期的事项。\n"
    call_command("tick", at="2026-03-02T00:30:00+00:00")  # the same half past eight, told by another clock
    assert Slip.objects.filter(duty__month=3).count() == 2


def test_tick_after_an_outage_issues_what_is_due(cast: Cast) -> None:
    """The clock stood still from 28 January to 4 March: February's slip is made up, March's runs its course."""
    foreign = cast.foreign_plan
    call_command("tick", at="2026-01-28T09:00")
    assert not Slip.objects.filter(alliance=cast.foreign_alliance).exists()

    Plan.objects.filter(pk=foreign.pk).update(start_month=2)
    february = foreign.duties.create(
        alliance=cast.foreign_alliance, month=2, theme="春节走访", ends_on=datetime(2026, 2, 28).date()
    )
    february.chairs.create(member=cast.foreign_members["县法院"])
    call_command("tick", at="2026-03-04T09:00")

    late, normal = Slip.objects.filter(alliance=cast.foreign_alliance).order_by("duty__month")
    assert (late.duty.month, late.is_late, late.acknowledge_by, late.deadlines) == (2, True, None, {})
    assert late.lapses_on.isoformat() == "2026-03-31"
    assert (normal.duty.month, normal.is_late) == (3, False)
    assert normal.acknowledge_by.isoformat() == "2026-03-06"
    assert [late.serial, normal.serial] == [1, 2]


def test_tick_time_that_is_none_ends_with_a_sentence(db: None) -> None:
    with pytest.raises(CommandError, match="看不懂时刻“下周一”") as refused:
        call_command("tick", at="下周一")
    assert refused.value.returncode == 2


def test_tick_with_a_failing_sweep_runs_the_others_and_says_so(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(now: datetime) -> list[str]:
        raise RuntimeError("磁盘已满")

    entries = dict(registries.sweeps._entries)
    monkeypatch.setattr(registries.sweeps, "_entries", entries)
    registries.sweeps.register(Sweep("test.broken", "试验", broken), order=1)
    with pytest.raises(CommandError, match="“试验”没有办成（RuntimeError: 磁盘已满）") as failed:
        call_command("tick", at="2026-03-02T09:00")
    assert failed.value.returncode == 1
    assert "发出提醒单：" in capsys.readouterr().out
    assert "磁盘已满" in SweepRun.objects.get(name="test.broken").error


def test_tick_as_of_a_time_leaves_the_clock_alone(cast: Cast) -> None:
    before = clock.now()
    call_command("tick", at="2026-03-02T09:00")
    assert clock.now() == before


def test_nightly_notes_what_it_found(cast: Cast) -> None:
    nightly()
    noted = SweepRun.objects.get(name=integrity.HEARTBEAT)
    assert "处不一致" in noted.error  # the cast's past slips were made the short way, without log rows
    assert noted.failed_at is not None


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_processes_tick_at_once_and_issue_each_slip_once(race_rounds: int) -> None:
    """Real processes on PostgreSQL: whoever comes second finds the slip there."""
    from tests import cast as cast_module

    with clock.at(cast_module.NOW):
        cast_module.build()
    environment = {
        **os.environ,
        "DATABASE_URL": os.environ["DATABASE_URL"].rpartition("/")[0]
        + f"/{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "LOG_LEVEL": "WARNING",
    }
    for day in range(race_rounds):
        Slip.objects.filter(duty__month=3).exclude(state=SlipState.WITHDRAWN).update(
            state=SlipState.WITHDRAWN
        )
        before = Slip.objects.count()
        command = [sys.executable, "manage.py", "tick", "--at", f"2026-03-02T09:{day % 60:02d}"]
        ticking = [
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(2)
        ]
        printed = [process.communicate(timeout=120)[0] for process in ticking]
        assert [process.returncode for process in ticking] == [0, 0], printed
        assert "".join(printed).count("发出提醒单：") == 2
        assert Slip.objects.count() == before + 2
    assert {
        check.name: check.find() for check in registries.integrity if check.name == "rotation.numbers"
    } == {"rotation.numbers": []}
    series = {s.organisation_id: s.last for s in NumberSeries.objects.all()}
    standing = Slip.objects.filter(duty__month=3).exclude(state=SlipState.WITHDRAWN)
    assert {
        slip.alliance.organisation_id: slip.serial for slip in standing.select_related("alliance")
    } == series
