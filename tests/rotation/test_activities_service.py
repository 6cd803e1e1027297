"""Activities: X + N, the warning about repetition, the record, pictures, and what a filed swap does to them."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from alliances import integrity
from alliances.documents import to_docx, to_text
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Message
from rotation import integrity_month
from rotation.models import Activity, Participation, Photo, Slip
from rotation.selectors import activities as reads
from rotation.selectors.papers_activity import activity_paper
from rotation.services import activities, photos, swaps
from tests.cast import Cast
from tests.conftest import Frozen
from tests.pictures import jpeg, png

MARCH_20 = date(2026, 3, 20)


def planned(cast: Cast, **more: object) -> Activity:
    given = {"kind": "volunteering", "title": "学雷锋志愿服务", "planned_on": MARCH_20, "place": "清风小区"}
    return activities.plan(cast.alliance, **(given | {"duty": cast.duties[3], "actor": cast.liaison} | more))


def units(activity: Activity) -> dict[str, bool]:
    rows = Participation.objects.filter(activity=activity)
    return dict(rows.values_list("member__unit__name", "is_chair"))


# --- planned ------------------------------------------------------------------------------------------------------


def test_units_on_duty_take_part_by_themselves_and_the_others_are_asked(cast: Cast) -> None:
    activity = planned(cast)
    assert units(activity) == {"县图书馆": True, "县文体广电局": True, "县人民医院": True}
    told = set(
        Message.objects.filter(kind="rotation.activity.planned").values_list("recipient__name", flat=True)
    )
    assert {"陶老师", "孙警官"} <= told
    assert not told & {"杨欣然", "何文", "邓医生", "程莉", "温馆长", "姚书记员"}


@pytest.mark.parametrize("part", ["other_liaison", "leader", "president", "foreign_liaison", "street"])
def test_only_units_on_duty_and_the_community_plan_in_a_month(cast: Cast, part: str) -> None:
    with pytest.raises(NotAllowed):
        planned(cast, actor=cast.users[part])


def test_outside_the_rotation_only_the_community_plans(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        planned(cast, duty=None)
    activity = planned(cast, duty=None, planned_on=date(2026, 6, 1), actor=cast.staff)
    assert units(activity) == {}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "名称"),
        ({"kind": "party"}, "类型"),
        ({"planned_on": date(2026, 4, 1)}, "顺延"),
        ({"planned_on": date(2026, 2, 28)}, "之间"),
    ],
)
def test_half_plans_are_refused(cast: Cast, wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(OfficeError, match=sentence):
        planned(cast, **wrong)
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("title", "kind", "on", "alike"),
    [
        ("3月学雷锋志愿服务活动", "volunteering", date(2026, 6, 17), True),  # 89 days
        ("学雷锋 志愿服务", "volunteering", date(2026, 6, 18), True),  # exactly 90
        ("学雷锋志愿服务", "volunteering", date(2026, 6, 19), False),  # 91
        ("学雷锋志愿服务", "lecture", date(2026, 4, 1), False),
        ("防电信诈骗宣传", "volunteering", date(2026, 4, 1), False),
    ],
)
def test_what_was_done_within_ninety_days_is_a_warning(
    cast: Cast, title: str, kind: str, on: date, alike: bool
) -> None:
    activity = planned(cast)
    found = reads.similar(cast.alliance, kind=kind, title=title, on=on)
    assert found == ([activity] if alike else [])
    assert bool(reads.similar_words(found)) == alike
    assert not reads.similar(cast.foreign_alliance, kind=kind, title=title, on=on)
    assert not reads.similar(cast.alliance, kind=kind, title=title, on=on, but=activity.pk)


def test_cancelled_activity_is_no_warning(cast: Cast) -> None:
    activities.cancel(planned(cast), reason="大雨", actor=cast.liaison)
    assert not reads.similar(cast.alliance, kind="volunteering", title="学雷锋志愿服务", on=MARCH_20)


@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_stays_between_nothing_and_the_same(first: str, second: str) -> None:
    assert 0 <= reads.likeness(first, second) <= 1
    if len(reads._bare(first)) >= 3:
        assert reads.likeness(first, f"举办{first}活动") == 1


def test_another_day_is_told_to_those_who_take_part(cast: Cast) -> None:
    activity = planned(cast)
    activities.join(activity, cast.members["县实验小学"], heads=5, actor=cast.other_liaison)
    plan = {"kind": "volunteering", "title": "学雷锋志愿服务", "place": "清风小区", "plan": ""}
    activities.change(activity, planned_on=date(2026, 3, 21), **plan, actor=cast.liaison)
    told = Message.objects.filter(kind="rotation.activity.moved", channel="inbox")
    assert set(told.values_list("recipient__name", flat=True)) == {"何文", "邓医生", "陶老师"}
    assert "3月21日" in told[0].body
    with pytest.raises(NotAllowed):
        activities.change(activity, planned_on=MARCH_20, **plan, actor=cast.other_liaison)


# --- taking part --------------------------------------------------------------------------------------------------


def test_unit_joins_by_its_own_liaison_and_steps_back(cast: Cast) -> None:
    activity, school = planned(cast), cast.members["县实验小学"]
    for heads in (5, 8):
        activities.join(activity, school, heads=heads, actor=cast.other_liaison)
    row = Participation.objects.get(activity=activity, member=school)
    assert (row.heads, row.is_chair, row.via) == (8, False, "screen")
    with pytest.raises(NotAllowed):
        activities.join(activity, school, actor=cast.both_liaison)
    with pytest.raises(OfficeError, match="纸质或电话"):
        activities.join(activity, school, heads=9, actor=cast.staff)
    activities.join(activity, cast.members["县财政局"], heads=3, via=Via.PHONE, actor=cast.staff)
    record = reads.record_of(reads.full().get(pk=activity.pk))
    assert (record.formula, record.heads) == ("3+2", 11)
    activities.step_back(activity, school, actor=cast.other_liaison)
    assert "县实验小学" not in units(activity)
    with pytest.raises(OfficeError, match="不能退出"):
        activities.step_back(activity, cast.members["县图书馆"], actor=cast.liaison)
    with pytest.raises(OfficeError, match="本联盟"):
        activities.join(activity, cast.foreign_members["县法院"], actor=cast.foreign_liaison)


# --- held, recorded -----------------------------------------------------------------------------------------------


def test_record_needs_a_fact_and_closes_the_list_of_units(cast: Cast, frozen: Frozen) -> None:
    activity = planned(cast)
    frozen.to("2026-03-20T17:00")
    with pytest.raises(OfficeError, match="今天之后"):
        activities.hold(activity, held_on=date(2026, 3, 21), actor=cast.liaison)
    activities.hold(activity, held_on=MARCH_20, actor=cast.liaison)
    with pytest.raises(OfficeError, match="至少填写一项"):
        activities.record(activity, summary="很成功", actor=cast.liaison)
    activity.refresh_from_db()
    assert (activity.state, activity.summary) == ("held", "")
    chair, school = cast.members["县图书馆"], cast.members["县实验小学"]
    done = activities.record(
        activity,
        heads={chair.pk: 6, school.pk: 20},
        beneficiaries=120,
        summary="清理楼道",
        actor=cast.liaison,
    )
    record = reads.record_of(done)
    assert (record.formula, record.heads, record.beneficiaries) == ("3+1", 26, 120)
    with pytest.raises(OfficeError, match="已记录"):
        activities.join(activity, school, heads=1, actor=cast.other_liaison)
    paper = activity_paper(done)
    text = to_text(paper)
    for part in ("学雷锋志愿服务", "3+1 家", "26 人", "120 人", "清理楼道", "2026年3月20日", "县实验小学"):
        assert part in text, part
    assert to_docx(paper)[:2] == b"PK"
    assert not [line for check in integrity_month.CHECKS for line in check.find()]
    assert not [line for line in integrity.states_are_logged() if line.startswith("活动")]


def test_staff_record_a_whole_activity_from_paper_at_once(cast: Cast, frozen: Frozen) -> None:
    activity = planned(cast)
    frozen.to("2026-04-02T10:00")
    with pytest.raises(NotAllowed):
        activities.record(activity, beneficiaries=9, held_on=MARCH_20, via=Via.PAPER, actor=cast.liaison)
    done = activities.record(
        activity,
        heads={cast.members["县财政局"].pk: 4},
        beneficiaries=80,
        held_on=MARCH_20,
        via=Via.PAPER,
        actor=cast.staff,
    )
    assert (done.state, done.held_on, done.recorded_via) == ("recorded", MARCH_20, "paper")
    assert Participation.objects.get(activity=activity, heads=4).via == "paper"


def test_refused_record_leaves_a_planned_activity_planned(cast: Cast) -> None:
    activity = planned(cast, planned_on=date(2026, 3, 2))
    with pytest.raises(OfficeError):
        activities.record(activity, held_on=date(2026, 3, 2), actor=cast.liaison)
    activity.refresh_from_db()
    assert (activity.state, activity.held_on) == ("planned", None)


def test_cancelled_activity_says_why_and_cannot_be_held(cast: Cast) -> None:
    activity = planned(cast)
    activities.join(activity, cast.members["县实验小学"], actor=cast.other_liaison)
    activities.cancel(activity, reason="连续大雨", actor=cast.liaison)
    told = Message.objects.filter(kind="rotation.activity.cancelled", recipient=cast.other_liaison.person)
    assert "连续大雨" in told.first().body
    with pytest.raises(TooLate):
        activities.hold(activity, held_on=date(2026, 3, 2), actor=cast.liaison)


# --- pictures -----------------------------------------------------------------------------------------------------


@pytest.fixture
def media(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_picture_is_drawn_anew_upright_and_without_place(cast: Cast, media: Path) -> None:
    source = jpeg((3000, 1500), rotated=True, place=True)
    assert b"SecretCamera" in source and b"SecretPlace" in source
    photo = photos.add(planned(cast), source, actor=cast.liaison)
    stored = photo.file.read()
    assert b"Secret" not in stored
    with Image.open(io.BytesIO(stored)) as image:
        assert not image.getexif()
        assert image.size == (photo.width, photo.height) == (1000, 2000)
        red, white = image.getpixel((500, 100)), image.getpixel((500, 1900))
        assert red[0] > 200 > 60 > red[1] and white[1] > 200  # turned as the phone was held
    assert photo.file.name.startswith("photos/") and len(Path(photo.file.name).stem) == 32


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "不是"),
        (b"GIF89a" + b"\0" * 50, "不是"),
        (b"<svg onload=alert(1)>", "不是"),
        (jpeg()[:-400], "不是"),
        (b"\xff\xd8\xff" + b"x" * (8 * 2**20), "8MB"),
        (png((9000, 9000), "1"), "尺寸"),  # a few kilobytes that would unfold into 81 million pixels
    ],
    ids=["empty", "gif", "svg", "cut off", "large", "bomb"],
)
def test_what_is_no_fair_picture_is_refused(cast: Cast, media: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(OfficeError, match=sentence):
        photos.add(planned(cast), content, actor=cast.liaison)
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_at_most_three_pictures_and_a_place_is_free_again(cast: Cast, media: Path) -> None:
    activity = planned(cast)
    kept = [photos.add(activity, png(mode="RGBA"), actor=cast.liaison) for _ in range(3)]
    with pytest.raises(OfficeError, match="最多3张"):
        photos.add(activity, jpeg(), actor=cast.liaison)
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.create(activity=activity, order=4, width=1, height=1)
    with pytest.raises(NotAllowed):
        photos.remove(kept[1], actor=cast.other_liaison)
    photos.remove(kept[1], actor=cast.staff)
    assert photos.add(activity, jpeg(), actor=cast.second_liaison).order == 2
    assert not integrity_month.photos()
    default_storage.delete(kept[0].file.name)
    assert len(integrity_month.photos()) == 1


# --- a filed swap -------------------------------------------------------------------------------------------------


def filed(cast: Cast, **parts: object) -> None:
    swap = swaps.ask(cast.duties[3], cast.members["县图书馆"], reason="布展", actor=cast.liaison, **parts)
    if swap.other_id:
        swaps.record_consent(swap, swap.other, via=Via.PHONE, actor=cast.staff)
    swaps.file(swap, actor=cast.secretary)


def test_exchanged_themes_carry_their_activities_to_the_other_month(cast: Cast, march: Slip) -> None:
    mine = planned(cast)
    theirs = activities.plan(
        cast.alliance,
        kind="lecture",
        title="家庭教育讲座",
        planned_on=date(2026, 4, 30),
        duty=cast.duties[4],
        actor=cast.other_liaison,
    )
    filed(cast, kind="swap", other=cast.members["县实验小学"], other_duty=cast.duties[4])
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.duty, mine.planned_on) == (cast.duties[4], date(2026, 4, 20))
    assert (theirs.duty, theirs.planned_on) == (cast.duties[3], date(2026, 3, 30))
    assert units(mine) == {"县图书馆": True}
    assert units(theirs) == {"县实验小学": True, "县文体广电局": True, "县人民医院": True}


def test_stand_in_takes_the_place_in_what_is_planned(cast: Cast, march: Slip) -> None:
    activity = planned(cast)
    filed(cast, kind="stand_in", other=cast.members["县财政局"])
    assert units(activity) == {"县财政局": True, "县文体广电局": True, "县人民医院": True}


def test_postponed_month_moves_what_is_planned_by_as_many_days(cast: Cast, march: Slip) -> None:
    activity = planned(cast)
    filed(cast, kind="postpone", until=date(2026, 4, 10))
    activity.refresh_from_db()
    assert activity.planned_on == date(2026, 3, 30)
    told = Message.objects.filter(kind="rotation.activity.moved", recipient=cast.second_liaison.person)
    assert "3月30日" in told.first().body


def test_recorded_activity_is_not_moved_by_a_swap(cast: Cast, march: Slip) -> None:
    activity = planned(cast, planned_on=date(2026, 3, 2))
    activities.record(activity, beneficiaries=5, held_on=date(2026, 3, 2), actor=cast.liaison)
    filed(cast, kind="stand_in", other=cast.members["县财政局"])
    assert units(activity) == {"县图书馆": True, "县文体广电局": True, "县人民医院": True}
