"""Importing the organisation tree: order, refusals, changes of the person in charge."""

import pytest

from alliances.enums import Level, Role
from alliances.models import Alliance, Appointment, Organisation, Person
from alliances.services import appointments
from tests.import_runs import everything, import_sheet, place
from tests.spreadsheets import workbook

HEAD = ["层级", "名称", "上级名称", "负责人", "联系电话"]
COUNTY = ["县", "某县总站", None, "王连生", "13800000001"]
STREET = ["街道", "城关街道", "某县总站", "付向阳", "13800000002"]
COMMUNITY = ["社区", "同心社区", "城关街道", "程莉", "13800000003"]
STATION = ["小区服务站", "清风小区服务站", "同心社区", "马秀英", "13800000004"]
TREE = [COUNTY, STREET, COMMUNITY, STATION]


@pytest.fixture
def take(db, frozen, tmp_path):
    """Import these rows; ``options`` go to the command."""

    def run(rows, *options, head=HEAD):
        path = tmp_path / "组织架构.xlsx"
        path.write_bytes(workbook(("组织架构", [["组织架构一览表"], head, *rows])))
        return import_sheet("organisations", path, tmp_path, *options)

    return run


def in_charge(name: str) -> list[str]:
    posts = Appointment.objects.current().filter(organisation__name=name).order_by("pk")
    return [f"{post.role} {post.person.name}" for post in posts.select_related("person")]


def test_tree_in_any_order_gets_the_same_codes(take):
    run = take([STATION, COMMUNITY, STREET, ["街道", "河东街道", "某县总站", None, None], COUNTY])
    assert (run.code, run.counts) == (0, (5, 0, 0, 0))
    assert dict(Organisation.objects.values_list("name", "code")) == {
        "某县总站": "01",
        "城关街道": "01-01",
        "河东街道": "01-02",
        "同心社区": "01-01-01",
        "清风小区服务站": "01-01-01-01",
    }
    assert set(Alliance.objects.values_list("code", flat=True)) == {"01", "01-01-01"}
    assert in_charge("某县总站") == [f"{Role.OFFICE} 王连生"]
    assert in_charge("同心社区") == [f"{Role.SECRETARY} 程莉"]
    assert in_charge("清风小区服务站") == [f"{Role.STATION} 马秀英"]


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("县 区", Level.COUNTY),
        ("乡镇", Level.STREET),
        ("街道办事处", Level.STREET),
        ("村", Level.COMMUNITY),
        ("站点", Level.STATION),
    ],
)
def test_levels_have_synonyms(take, written, level):
    parent = {Level.COUNTY: None, Level.STREET: "某县总站", Level.COMMUNITY: "城关街道"}.get(
        level, "同心社区"
    )
    rows = [["县", "某县总站", None], STREET[:3], COMMUNITY[:3]] if parent else []
    run = take([*rows, [written, "某处", parent]], head=["级别", "组织名称", "上级"])
    assert run.code == 0, run.words
    assert place("某处").level == level


def test_later_sheets_go_on_numbering_and_leave_the_rest_alone(take):
    take(TREE)
    run = take([["社区", "北关社区", "城关街道", None, None], ["街道", "河东街道", "某县总站", None, None]])
    assert run.counts == (2, 0, 0, 0)
    assert place("北关社区").code == "01-01-02"
    assert place("河东街道").code == "01-02"
    assert in_charge("同心社区") == [f"{Role.SECRETARY} 程莉"]


REFUSED = {
    "unknown parent": (
        [*TREE, ["社区", "北关社区", "城北街道", None, None]],
        "上级名称 没有“城北街道”这个上级",
    ),
    "own parent": ([*TREE, ["社区", "北关社区", "北关社区", None, None]], "上级名称 上级不能是自己"),
    "cycle": (
        [
            COUNTY,
            ["街道", "东街道", "西街道", None, None],
            ["街道", "西街道", "东街道", None, None],
        ],
        "上级名称 上级“西街道”是街道，不比街道高一级",
    ),
    "two roots": ([*TREE, ["县", "邻县总站", None, None, None]], "上级名称 最上级只能有一个，已有“某县总站”"),
    "street without parent": ([*TREE, ["街道", "河东街道", None, None, None]], "最上级只能有一个"),
    "station without parent": ([*TREE, ["站点", "孤站", None, None, None]], "小区服务站必须写明所属社区"),
    "station under street": (
        [*TREE, ["站点", "孤站", "城关街道", None, None]],
        "小区服务站的上级应是社区，“城关街道”是街道",
    ),
    "street under community": (
        [*TREE, ["街道", "河东街道", "同心社区", None, None]],
        "上级“同心社区”是社区，不比街道高一级",
    ),
    "twice": ([*TREE, STATION], "名称 与第 6 行重复"),
    "twice with spaces": ([*TREE, ["社区", "同心 社区", "城关街道", None, None]], "名称 与第 5 行重复"),
    "unknown level": ([*TREE, ["组", "第一组", "同心社区", None, None]], "层级 不认识“组”"),
    "phone without name": ([COUNTY, [*STREET[:3], None, "13800000009"]], "负责人 有电话没有姓名"),
    "long name": ([*TREE, ["社区", "长" * 61, "城关街道", None, None]], "名称 最多 60 字"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_rows_that_make_no_tree_are_refused(take, name):
    rows, reason = REFUSED[name]
    before = everything()
    run = take(rows)
    assert run.code == 1
    assert any(reason in words for words in run.reasons), run.reasons
    assert everything() == before


def test_what_stands_under_a_refused_row_is_refused_too(take):
    run = take([COUNTY, ["街道", "城关街道", "无名县", None, None], COMMUNITY, STATION], "--skip-refused")
    assert (run.code, run.counts) == (1, (1, 0, 0, 3))
    assert Organisation.objects.count() == 1


def test_another_person_in_charge_is_a_new_appointment(take, frozen):
    take(TREE)
    frozen.to("2026-04-01T09:00")
    rows = [[*row[:3], f"新{row[3]}", row[4]] for row in TREE]
    run = take(rows)
    assert run.counts == (0, 4, 0, 0)
    assert in_charge("同心社区") == [f"{Role.SECRETARY} 新程莉"]
    assert in_charge("城关街道") == [f"{Role.OFFICE} 新付向阳"]
    assert in_charge("清风小区服务站") == [f"{Role.STATION} 新马秀英"]
    old = Appointment.objects.get(person__name="程莉")
    assert str(old.ends_on) == "2026-04-01"
    assert take(rows).counts == (0, 0, 4, 0)


def test_colleagues_in_an_office_keep_their_posts(take):
    take(TREE)
    colleague = appointments.contact("同事", "13800000077")
    appointments.appoint(colleague, Role.OFFICE, organisation=place("城关街道"), actor=None)
    run = take([[*STREET[:3], "新主任", "13800000088"]])
    assert run.counts == (0, 1, 0, 0)
    assert in_charge("城关街道") == ["office 付向阳", "office 同事", "office 新主任"]


def test_empty_cells_change_nothing_and_a_person_without_phone_is_not_doubled(take):
    take([COUNTY, [*STREET[:4], None]])
    persons = Person.objects.count()
    run = take([COUNTY[:3], [*STREET[:4], None]])
    assert run.counts == (0, 0, 2, 0)
    assert Person.objects.count() == persons


def test_level_of_a_known_place_does_not_change(take):
    take(TREE)
    run = take([["街道", "同心社区", "城关街道", None, None]])
    assert run.code == 1
    run = take([["社区", "城关街道", "某县总站", None, None]])
    assert run.reasons == ["3 层级 “城关街道”已登记为街道，层级不能改"]


def test_a_community_of_the_same_name_elsewhere_is_asked_about(take):
    take([*TREE, ["街道", "河东街道", "某县总站", None, None]])
    rows = [["社区", "同心社区", "河东街道", None, None]]
    run = take(rows)
    assert run.code == 1
    assert [q["value"] for q in run.report["questions"]] == ["同心社区"]
    assert take(rows, "--new", "同心社区").counts == (1, 0, 0, 0)
    ambiguous = take([["站点", "某站", "同心社区", None, None]])
    assert ambiguous.reasons == ["3 上级名称 名为“同心社区”的上级不止一个，分不清是哪一个"]


def test_stations_may_share_a_name_in_different_communities(take):
    rows = [*TREE, ["社区", "北关社区", "城关街道", None, None], ["站点", STATION[1], "北关社区", None, None]]
    assert take(rows).counts == (6, 0, 0, 0)


def test_a_chosen_alliance_makes_no_sense_for_the_tree(take):
    run = take(TREE, "--alliance", "01")
    assert (run.code, run.words.strip()) == (2, "导入组织架构不用指定联盟。")
