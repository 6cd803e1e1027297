"""Rosters as offices send them and files nobody should send, all the way through ``import_sheet``.

Each ends with exit code 0, 1 or 2 and a sentence; refused and unreadable files leave every table as it was.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from alliances.models import Appointment, Member, Unit
from tests import messy
from tests.hostile import HOSTILE
from tests.import_runs import communities, everything, import_sheet
from tests.messy import MESSY, REFUSED
from tests.spreadsheets import JOINED, PHONES, ROSTER

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 300 * 1024  # KiB
BOMBS = (
    "zip_bomb",
    "lying_zip_bomb",
    "entity_in_sheet",
    "entity_in_strings",
    "external_entity",
    "too_many_cells",
    "endless_strings",
    "endless_names",
    "deep_nesting",
)


@pytest.fixture
def two(db, frozen):
    """同心社区 and 北关社区, to which the messy rosters belong."""
    return communities("同心社区", "北关社区")


def save(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def memberships() -> list[tuple]:
    liaison = {a.member_id: a.person for a in Appointment.objects.filter(role="liaison", ends_on=None)}
    leader = {a.member_id: a.person for a in Appointment.objects.filter(role="leader", ends_on=None)}
    return [
        (
            m.source_no,
            m.unit.name,
            m.unit.get_sector_display(),
            m.alliance.organisation.name,
            m.unit.party_branch,
            m.unit.party_members,
            m.get_duty_mode_display(),
            leader[m.pk].name,
            liaison[m.pk].name,
            liaison[m.pk].phone,
            m.joined_on,
        )
        for m in Member.objects.select_related("unit", "alliance__organisation").order_by("source_no")
    ]


@pytest.mark.parametrize("name", MESSY)
def test_messy_rosters_all_import_the_same_six_memberships(two, tmp_path, name):
    file_name, build = MESSY[name]
    path = save(tmp_path, file_name, build())
    run = import_sheet("members", path, tmp_path)
    assert (run.code, run.counts) == (0, (6, 0, 0, 0)), run.words
    assert memberships() == [
        (*row[:9], phone, joined) for row, phone, joined in zip(ROSTER, PHONES, JOINED, strict=True)
    ]
    assert Unit.objects.count() == 5
    before = everything()
    again = import_sheet("members", path, tmp_path)
    assert again.counts == (0, 0, 6, 0)
    assert everything() == before


@pytest.mark.parametrize("name", REFUSED)
def test_rosters_with_wrong_values_are_refused_whole(two, tmp_path, name):
    wrong = REFUSED[name]
    before = everything()
    path = save(tmp_path, wrong.filename, wrong.build())
    run = import_sheet("members", path, tmp_path)
    assert run.code == 1
    assert not run.report["committed"]
    assert "全部没有写入" in run.words
    assert everything() == before
    found = [(r["row"], r["column"], r["reason"]) for r in run.report["refused"]]
    for row, column, words in wrong.refused:
        assert any((r, c) == (row, column) and words in reason for r, c, reason in found), found


def test_skipping_takes_the_other_rows(two, tmp_path):
    wrong = REFUSED["unknown_choice"]
    run = import_sheet("members", save(tmp_path, "名册.xlsx", wrong.build()), tmp_path, "--skip-refused")
    assert (run.code, run.counts) == (1, (5, 0, 0, 1))
    assert Member.objects.count() == 5


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_with_a_sentence_and_change_nothing(two, tmp_path, name):
    file_name, build, words = HOSTILE[name]
    before = everything()
    run = import_sheet("members", save(tmp_path, file_name, build()), tmp_path)
    assert run.code == 2, run.words
    assert run.words.strip().endswith("。")
    assert "Traceback" not in run.words
    assert everything() == before
    assert run.report["error"] in run.words
    assert words in run.words


@pytest.mark.parametrize("kind", ["organisations", "plan", "wishes"])
@pytest.mark.parametrize(
    "name", ["empty_book", "renamed_picture", "zip_bomb", "entity_in_sheet", "no_header"]
)
def test_every_kind_survives_hostile_files(two, tmp_path, kind, name):
    file_name, build, words = HOSTILE[name]
    before = everything()
    run = import_sheet(kind, save(tmp_path, file_name, build()), tmp_path)
    assert run.code == 2
    assert words in run.words
    assert everything() == before


def test_names_that_look_like_code_are_plain_text(two, tmp_path):
    run = import_sheet("members", save(tmp_path, "名册.xlsx", messy.injections()), tmp_path)
    assert run.code == 0
    assert set(Unit.objects.values_list("name", flat=True)) == set(messy.INJECTIONS)


def test_near_names_are_asked_about(two, tmp_path):
    import_sheet("members", save(tmp_path, "名册.xlsx", MESSY["plain"][1]()), tmp_path)
    before = everything()
    run = import_sheet("members", save(tmp_path, "近名.xlsx", messy.near_names()), tmp_path)
    assert run.code == 1
    assert {q["value"] for q in run.report["questions"]} == {
        "县实验小学（本部）",
        "县书法协会",
        "县家政服务协会",
    }
    assert everything() == before
    options = run.report["questions"][0]["options"]
    assert [option["answer"] for option in options] == ["same:县实验小学", "new"]
    assert '--same "县实验小学（本部）=县实验小学"' in run.words


SCRIPT = """
import sys
from pathlib import Path
from django.core.management import execute_from_command_line
try:
    execute_from_command_line(["manage.py", "import_sheet", *sys.argv[1:]])
finally:
    # Not getrusage: its maximum begins with that of the process that started this one.
    status = Path("/proc/self/status").read_text().splitlines()
    print("\\nKiB", next(line for line in status if line.startswith("VmHWM")).split()[1])
"""


def alone(folder: Path, *arguments: str, script: str = SCRIPT) -> tuple[int, str]:
    """The command in a process of its own, on a database of its own: (exit code, words)."""
    settings = {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": f"sqlite:///{folder / 'alone.sqlite3'}",
    }
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A database file with the tables and nothing in them."""
    folder = tmp_path_factory.mktemp("alone")
    script = (
        "from django.core.management import execute_from_command_line as run\nrun(['', 'migrate', '-v0'])"
    )
    code, words = alone(folder, script=script)
    assert code == 0, words
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_cost_less_than_300_mb(house, tmp_path, name):
    file_name, build, _ = HOSTILE[name]
    path = save(tmp_path, file_name, build())
    code, words = alone(house, "members", str(path), "--report", str(tmp_path / "out.json"))
    assert code == 2, words
    assert "Traceback" not in words
    assert int(words.split("KiB")[1].split()[0]) < MEMORY
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["refused"] == []


@pytest.mark.slow
def test_the_command_in_a_process_of_its_own_never_shows_a_traceback(house, tmp_path):
    empty = tmp_path / "other"
    empty.mkdir()
    for folder, arguments, words in (
        (house, ["membres", "x.xlsx"], "没有“membres”这种表格"),
        (house, [], "没有写明导入哪种表格"),
        (house, ["members"], "没有写明导入哪个文件"),
        (house, ["members", "没有.xlsx"], "没有这个文件"),
        (house, ["members", str(tmp_path)], "没有这个文件"),
        (house, ["members", "长" * 400], "没有这个文件"),
        (house, ["--nonsense"], "参数不对"),
        (empty, ["members", str(save(tmp_path, "名册.xlsx", MESSY["plain"][1]()))], "migrate"),
    ):
        code, said = alone(folder, *arguments)
        assert code == 2, said
        assert words in said
        assert "Traceback" not in said
