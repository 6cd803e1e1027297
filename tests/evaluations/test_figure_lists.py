"""The lists behind the quarter's steps, attendance and participations: what they list, for whom, nonsense in the address."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from alliances import clock
from alliances.models import User
from evaluations.models import Comment, Feedback
from rotation.models import Meeting, Reply, Slip
from rotation.services import slips
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations.scoring import held
from tests.factories import demands as make

ClientFor = Callable[[User | None], Client]
pytestmark = pytest.mark.django_db
PAGES = ("/duties/", "/meetings/replies/", "/activities/units/", "/feedback/")


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def total(client: Client, url: str) -> int:
    found = re.search(r"共 (\d+) 条", page(client, f"{url}&total=1"))
    assert found, url
    return int(found[1])


def met(cast: Cast, held_on: str = "2026-03-10", state: str = "held") -> Meeting:
    """A joint meeting to which two came and one did not."""
    meeting = Meeting.objects.create(
        alliance=cast.alliance, kind="quarterly", title="季度联席会", state="planned", place="社区会议室"
    )
    Meeting.objects.filter(pk=meeting.pk).update(
        held_on=held_on if state != "cancelled" else None,
        state=state,
        year=2026,
        serial=900 + meeting.pk,
        number=f"会〔2026〕{meeting.pk}号",
        starts_at=f"{held_on}T09:00+08:00",
        noticed_at="2026-03-02T09:00+08:00",
        paper={},
    )
    for name, came in (("县图书馆", True), ("县财政局", True), ("县实验小学", False)):
        Reply.objects.create(meeting=meeting, member=cast.members[name], has_attended=came)
    return meeting


def test_attendance_lists_everybody_invited_and_whether_they_came(cast: Cast, client_for: ClientFor) -> None:
    met(cast)
    met(cast, "2026-04-01")
    met(cast, "2026-03-11", state="cancelled")
    for user in (cast.secretary, cast.staff, cast.president, cast.street):
        client = client_for(user)
        assert total(client, "/meetings/replies/?period=2026-1") == 3
        assert total(client, "/meetings/replies/?period=2026-1&came=1") == 2
        assert total(client, "/meetings/replies/?period=2026-1&came=0") == 1
        assert total(client, "/meetings/replies/?period=2026") == 6
        member = cast.members["县财政局"].pk
        assert total(client, f"/meetings/replies/?period=2026-1&member={member}") == 1
    html = page(client_for(cast.secretary), "/meetings/replies/?period=2026-1")
    assert html.count("季度联席会</a>") == 3
    assert "未到会" in html


def test_a_unit_reads_its_own_attendance_only(cast: Cast, client_for: ClientFor) -> None:
    met(cast)
    client = client_for(cast.liaison)
    assert total(client, "/meetings/replies/?period=2026-1") == 1
    other = cast.members["县财政局"].pk
    assert total(client, f"/meetings/replies/?period=2026-1&member={other}") == 0
    assert "县财政局" not in page(client, "/meetings/replies/?period=2026-1")
    assert client_for(cast.station).get("/meetings/replies/").status_code == 403
    code = cast.alliance.code
    assert total(client_for(cast.foreign_secretary), f"/meetings/replies/?alliance={code}") == 0


def test_standing_leaves_out_whoever_was_no_member_in_the_period(cast: Cast, client_for: ClientFor) -> None:
    met(cast)
    gone = cast.members["县财政局"]
    type(gone).objects.filter(pk=gone.pk).update(left_on="2025-12-31")
    client = client_for(cast.secretary)
    assert total(client, "/meetings/replies/?period=2026-1") == 3
    assert total(client, "/meetings/replies/?period=2026-1&standing=1") == 2


def test_participations_are_a_row_a_unit_and_activity(cast: Cast, client_for: ClientFor) -> None:
    held(cast)
    held(cast, title="另一场", state="planned")
    for user in (cast.secretary, cast.liaison, cast.station, cast.county):
        client = client_for(user)
        code = cast.alliance.code
        assert total(client, f"/activities/units/?alliance={code}&period=2026-1") == 6
        assert total(client, f"/activities/units/?alliance={code}&came=1") == 3
        assert total(client, f"/activities/units/?alliance={code}&came=0") == 3
        assert total(client, f"/activities/units/?alliance={code}&period=2025") == 0


def test_duty_months_show_the_days_of_their_steps(
    cast: Cast, march: Slip, client_for: ClientFor, frozen: Frozen
) -> None:
    client = client_for(cast.secretary)
    quarter = "/duties/?period=2026-1"
    assert total(client, quarter) == 3
    assert total(client, f"{quarter}&step=slip") == 2  # March's last day of signing is still to come
    assert total(client, f"{quarter}&step=slip&state=in_time") == 2
    assert total(client, f"{quarter}&step=slip&state=late") == 0
    frozen.to("2026-03-09T09:00")
    assert total(client, f"{quarter}&step=slip") == 3
    assert total(client, f"{quarter}&step=slip&state=late") == 1
    html = page(client, f"{quarter}&step=slip&state=late")
    assert "2026年3月</a>" in html
    assert "未完成" in html
    assert "超期" in html
    for receipt, user in zip(
        march.receipts.order_by("order"), (cast.liaison, cast.second_liaison, cast.third_liaison), strict=True
    ):
        slips.acknowledge(receipt, actor=user)
    assert total(client, f"{quarter}&step=slip&state=late") == 1  # signed, too late
    assert total(client, "/duties/?period=2026") == 12
    assert "2026年1月" not in page(client, "/duties/?period=2026-2")


def test_a_month_of_an_office_needs_the_alliance_in_the_address(cast: Cast, client_for: ClientFor) -> None:
    county, code = client_for(cast.county), cast.alliance.code
    for url in PAGES:
        assert county.get(url)["Location"] == "/office/"
        assert county.get(f"{url}?alliance={code}").status_code == 200
        assert f'name="alliance" value="{code}"' in page(county, f"{url}?alliance={code}")


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize(
    "query",
    ["period=9999-4", "period=x", "step=x&state=y", "member=1e3", "member=" + "9" * 40, "came=7", "before=z"],
)
def test_nonsense_in_the_address_is_not_asked(
    cast: Cast, client_for: ClientFor, url: str, query: str
) -> None:
    assert client_for(cast.secretary).get(f"{url}?{query}").status_code == 200


def test_a_month_that_was_told_and_commented_is_found_so(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    duty = cast.duties[1]
    Feedback.objects.create(
        alliance=cast.alliance,
        duty=duty,
        state="published",
        due_on="2026-02-03",
        published_at="2026-02-04T09:00+08:00",
    )
    Feedback.objects.create(alliance=cast.alliance, duty=cast.duties[2], due_on="2026-03-03")
    Comment.objects.create(alliance=cast.alliance, duty=duty, text="不该在这里念出来的话")
    for user in (cast.secretary, cast.liaison, cast.street):
        client = client_for(user)
        quarter = "/feedback/?period=2026-1"
        assert total(client, quarter) == 3
        # March 3rd is still to come: nobody is blamed for that feedback, and it is in no rate yet.
        assert total(client, f"{quarter}&step=feedback&state=due") == 1
        assert total(client, f"{quarter}&step=feedback&state=in_time") == 0
        assert total(client, f"{quarter}&step=feedback&state=late") == 1
        assert total(client, f"{quarter}&step=comment&state=done") == 1
        html = page(client, quarter)
        assert "超期通报" in html
        assert "已点评" in html
        assert "不该在这里念出来的话" not in html
    frozen.to("2026-03-04T09:00")
    client = client_for(cast.secretary)
    assert total(client, "/feedback/?period=2026-1&step=feedback&state=due") == 2
    assert total(client, "/feedback/?period=2026-1&step=feedback&state=late") == 2


def test_an_alliance_that_the_reader_does_not_see_is_no_team(cast: Cast, client_for: ClientFor) -> None:
    theirs = make.claim(make.demand(cast.foreign_alliance), cast.foreign_members["县法院"])
    ours = make.claim(make.demand(cast.alliance), cast.members["县图书馆"])
    assert theirs.alliance_id != ours.alliance_id
    client = client_for(cast.secretary)
    assert total(client, f"/demands/claims/?team={cast.alliance.code}") == 1
    for page_of in ("claims/", "offers/", "answers/", "acceptances/", "resources/", ""):
        plain = total(client, f"/demands/{page_of}?x=1")
        assert total(client, f"/demands/{page_of}?team={cast.foreign_alliance.code}") == plain


def test_a_team_counts_its_units_wherever_they_serve(cast: Cast, client_for: ClientFor) -> None:
    make.claim(make.demand(cast.alliance), cast.members["县图书馆"], due_on=date(2026, 3, 5))
    elsewhere = make.demand(cast.foreign_alliance, shared_to=cast.county_place, shared_at=clock.now())
    make.claim(elsewhere, cast.members["县财政局"], due_on=date(2026, 3, 6))
    client = client_for(cast.secretary)
    asked = f"/demands/claims/?team={cast.alliance.code}&by=due&since=2026-01-01&until=2026-03-31"
    assert total(client, asked) == 2
    html = page(client, asked)
    assert f"{cast.alliance.name}各成员单位" in html
    gone = cast.members["县财政局"]
    type(gone).objects.filter(pk=gone.pk).update(left_on="2025-12-31")
    assert total(client, asked) == 1
