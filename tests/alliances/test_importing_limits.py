"""What the reader stops at, and what reading costs: sizes, counts, time and memory."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from alliances.importing import Column, Limits, Unreadable, read_tables
from tests.hostile import HOSTILE, zip_bomb
from tests.spreadsheets import HEADER, PHONES, raw_roster, roster, rows_xml

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = [Column("unit", "单位名称", required=True), Column("community", "所属社区", required=True)]


def read(data, **options):
    return read_tables(io.BytesIO(data), "名册.xlsx", COLUMNS, **options)


def test_limits_are_those_of_the_caller():
    with pytest.raises(Unreadable, match="3 行"):
        read(roster(), limits=Limits(rows=3))
    with pytest.raises(Unreadable, match="20 格"):
        read(roster(), limits=Limits(cells=20))
    with pytest.raises(Unreadable, match="解压"):
        read(roster(), limits=Limits(unpacked=5000))
    with pytest.raises(Unreadable, match="万字"):
        read(roster(), limits=Limits(text=100))
    with pytest.raises(Unreadable, match="打不开"):
        read_tables(Path("/nowhere/名册.xlsx"), "名册.xlsx", COLUMNS)


def test_honest_headers_are_not_believed_either(monkeypatch):
    """With the directory check out of the way, what really comes out is counted and stops the reading."""
    monkeypatch.setattr("alliances.importing.archive.Package._check_directory", _unchecked_directory)
    with pytest.raises(Unreadable, match="解压后过大"):
        read(zip_bomb())


def _unchecked_directory(package):
    return {package._key(entry.filename): entry for entry in package._zip.infolist()}


def fullest() -> bytes:
    """As much as the limits allow: 400,000 cells in 20,000 rows, texts with an emoji (4 bytes a
    character).
    """
    header = [*HEADER, *(f"其他{number}" for number in range(9))]
    rest = [f"{'x' * 20}😀{place}" for place in range(9)]
    body = [
        [
            number,
            f"单位{number}😀",
            "机关",
            "同心社区",
            "支部😀" * 6,
            47,
            "单独",
            "张三",
            "李四",
            PHONES[0],
            "2026.3.5",
            *rest,
        ]
        for number in range(19_990)
    ]
    return raw_roster(rows_xml([header, *body]))


def all_refused() -> bytes:
    """Every value of every row wrong."""
    body = [
        [
            f"无{number}",
            None,
            "机关",
            None,
            f"甲{number}、乙",
            "几个",
            "轮流",
            "张三",
            "李四",
            f"电话{number}",
            "去年",
        ]
        for number in range(19_990)
    ]
    return raw_roster(rows_xml([HEADER, *body]))


HEAVY = {
    **{
        name: HOSTILE[name][:2]
        for name in (
            "zip_bomb",
            "lying_zip_bomb",
            "entity_in_sheet",
            "deep_nesting",
            "endless_names",
            "endless_attribute",
            "endless_strings",
            "too_many_parts",
            "too_many_cells",
            "too_many_bytes",
        )
    },
    "fullest": ("名册.xlsx", fullest),
    "all_refused": ("名册.xlsx", all_refused),
    "csv_of_commas": ("名册.csv", lambda: "单位名称,所属社区\n".encode() + (b"," * 100_000 + b"\n") * 100),
    "csv_of_quotes": ("名册.csv", lambda: b'"\n",' * 1_000_000),
}

_MEASURE = """
import io, sys
from pathlib import Path
from alliances.errors import OfficeError
from alliances.importing import *
modes = choice({"solo": "单独", "collective": "集体"})
columns = [Column("no", "序号", parse=integer), Column("unit", "单位名称", required=True), Column("sector", "单位类型"),
    Column("community", "所属社区", required=True), Column("branch", "党组织名称", parse=names),
    Column("n", "党员数", parse=integer), Column("mode", "轮值方式", parse=modes), Column("leader", "负责人"),
    Column("liaison", "联络员"), Column("phone", "联络员电话", parse=phone), Column("day", "加入日期", parse=day)]
columns += [Column(f"x{n}", f"其他{n}") for n in range(9)]
try:
    tables = read_tables(Path(sys.argv[1]), sys.argv[1], columns)
    print(sum(len(t.rows) for t in tables), sum(len(t.refusals) for t in tables))
except OfficeError as error:
    print(error.message)
print(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1])
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("name", HEAVY)
def test_memory_stays_under_300_mb_whatever_is_sent(name, tmp_path):
    filename, build = HEAVY[name]
    path = tmp_path / filename
    path.write_bytes(build())
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said, peak = done.stdout.splitlines()
    assert int(peak) < 300 * 1024, f"{peak} kB"
    readable = {"fullest": "19990 0", "all_refused": f"0 {19_990 * 7}", "csv_of_commas": "0 0"}
    assert said == readable[name] if name in readable else said.endswith("。")
