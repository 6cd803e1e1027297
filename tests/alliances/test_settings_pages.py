"""Rules taken from above or set here, names of the alliance, corrections of the working-day calendar."""

from datetime import date

import pytest

from alliances.models import Alliance, DayCorrection, LogEntry
from alliances.selectors.settings import settings_for, working_days
from alliances.services import organisations

NAMES = {"alliance-name": "同心社区党建联盟", "alliance-brand": "", "alliance-number_prefix": "同心党建联"}


def test_settings_set_here_and_fall_back_again(cast, client_for):
    organisations.change_settings(cast.street_place, {"notice_within": 4}, actor=cast.street)
    client = client_for(cast.secretary)
    assert "不填则为：4" in client.get("/settings/").content.decode()
    assert client.post("/settings/", {**NAMES, "notice_within": "6"}).status_code == 302
    assert settings_for(cast.community).notice_within == 6
    client.post("/settings/", {**NAMES, "notice_within": ""})
    assert settings_for(cast.community).notice_within == 4
    cast.community.refresh_from_db()
    assert cast.community.settings == {}


def test_settings_of_an_office_hold_below_it(cast, client_for):
    client_for(cast.street).post("/settings/", {"acknowledge_within": "3"})
    assert settings_for(cast.community).acknowledge_within == 3
    assert settings_for(cast.foreign_community).acknowledge_within == 2


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("acknowledge_within", "0", "1"),
        ("activity_by_day", "31", "28"),
        ("collective_max", "9", "5"),
        ("seminar_not_before", "15", "最迟日期会早于最早日期"),
        ("notice_within", "三", "整数"),
    ],
)
def test_settings_out_of_bounds_are_refused_and_nothing_is_written(cast, client_for, field, value, words):
    data = {**NAMES, "alliance-brand": "改过的", field: value}
    html = client_for(cast.secretary).post("/settings/", data).content.decode()
    assert words in html
    assert 'value="改过的"' in html
    assert settings_for(cast.community) == settings_for(cast.foreign_community)
    assert Alliance.objects.get(pk=cast.alliance.pk).brand == ""


def test_settings_collective_limits_agree_with_the_inherited_ones(cast, client_for):
    html = client_for(cast.secretary).post("/settings/", {**NAMES, "collective_min": "4"}).content.decode()
    assert "最多单位数不能小于最少单位数" in html


def test_settings_names_and_number_prefix(cast, client_for):
    data = {**NAMES, "alliance-brand": "同心聚力 红色领航", "alliance-number_prefix": "同心联"}
    client_for(cast.secretary).post("/settings/", data)
    alliance = Alliance.objects.get(pk=cast.alliance.pk)
    assert (alliance.brand, alliance.number_prefix) == ("同心聚力 红色领航", "同心联")
    entry = LogEntry.objects.get(action="alliances.alliance.change")
    assert entry.data == {"fields": ["brand", "number_prefix"]}


def test_settings_staff_look_but_do_not_change(cast, client_for):
    client = client_for(cast.staff)
    assert '<form method="post" class="form card"' not in client.get("/settings/").content.decode()
    assert client.post("/settings/", NAMES).status_code == 403


@pytest.mark.parametrize("who", ["liaison", "leader", "president", "station", "administrator", "auditor"])
@pytest.mark.parametrize("path", ["/settings/", "/settings/days/"])
def test_settings_are_closed_to_others(cast, client_for, who, path):
    assert client_for(getattr(cast, who)).get(path).status_code == 403


def test_day_corrected_moves_the_first_working_day_and_says_so(cast, client_for):
    client = client_for(cast.secretary)
    data = {"day": "2026-04-01", "is_working": "0", "reason": "县里统一安排"}
    html = client.post("/settings/days/", data, follow=True).content.decode()
    assert "4月第一个工作日是4月2日" in html
    assert "国家安排上班，这里改为放假" in html
    assert working_days(cast.community).first_of_month(2026, 4) == date(2026, 4, 2)
    assert working_days(cast.foreign_community).first_of_month(2026, 4) == date(2026, 4, 1)


def test_day_of_the_county_is_shown_below_and_not_removable_there(cast, client_for):
    row = organisations.correct_day(
        cast.county_place, date(2026, 4, 7), is_working=False, reason="县庆", actor=cast.county
    )
    client = client_for(cast.secretary)
    html = client.get("/settings/days/").content.decode()
    assert "县庆" in html
    assert "上级规定" in html
    assert client.post(f"/settings/days/{row.pk}/remove/").status_code == 404
    assert client_for(cast.county).post(f"/settings/days/{row.pk}/remove/").status_code == 302
    assert not DayCorrection.objects.exists()


def test_day_without_effect_is_told(cast, client_for):
    organisations.correct_day(
        cast.community, date(2026, 4, 4), is_working=False, reason="清明", actor=cast.secretary
    )
    assert "与国家安排相同" in client_for(cast.secretary).get("/settings/days/").content.decode()


def test_day_form_refuses_nonsense_with_typed_words_kept(cast, client_for):
    html = (
        client_for(cast.secretary)
        .post("/settings/days/", {"day": "下周", "reason": "x原因"})
        .content.decode()
    )
    assert "不像日期" in html
    assert "请选放假还是上班" in html
    assert 'value="x原因"' in html


def test_year_not_announced_says_so(cast, client_for, frozen):
    assert (
        "2027年的节假日安排还没有公布" in client_for(cast.secretary).get("/settings/days/").content.decode()
    )


def test_day_is_not_changed_by_staff(cast, client_for):
    data = {"day": "2026-04-01", "is_working": "0", "reason": "x"}
    assert client_for(cast.staff).get("/settings/days/").status_code == 200
    assert client_for(cast.staff).post("/settings/days/", data).status_code == 403
