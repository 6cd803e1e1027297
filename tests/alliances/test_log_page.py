"""The log, for auditors only: of their subtree, in words, without names or phones of third people."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliances.models import LogEntry
from alliances.services import audit
from rotation.services import slips
from tests.factories import people


def test_log_reads_as_sentences(cast, march, client_for):
    slips.acknowledge(march.receipts.get(member=cast.members["县图书馆"]), actor=cast.liaison)
    html = client_for(cast.auditor).get("/log/").content.decode()
    assert "发出提醒单" in html
    assert "系统" in html
    assert f"轮值主席提醒单 第{march.pk}号" in html
    assert "杨欣然" in html
    assert "单位联络员" in html


@pytest.mark.parametrize(
    "who", ["secretary", "staff", "liaison", "street", "county", "administrator", "station"]
)
def test_log_is_for_auditors(cast, client_for, who):
    assert client_for(getattr(cast, who)).get("/log/").status_code == 403


def test_log_filters_by_action_and_day(cast, march, client_for, frozen):
    frozen.to("2026-03-10T10:00")
    audit.record("alliances.account.login", cast.staff, actor=cast.staff)
    client = client_for(cast.auditor)

    def rows(query):
        return [row["entry"].action for row in client.get(f"/log/?{query}").context["rows"]]

    assert rows("action=alliances.account.login") == ["alliances.account.login"]
    assert rows("since=2026-03-10") == ["alliances.account.login"]
    assert "alliances.account.login" not in rows("until=2026-03-09")
    assert rows("until=2026-03-09")
    assert len(rows("action=nonsense&since=gestern&until=2026-13-45")) == LogEntry.objects.count()


def test_log_of_a_street_auditor_ends_at_the_street(cast, client_for):
    local = people.user("街道审计", "auditor", cast.street_place)
    audit.record("alliances.alliance.change", cast.alliance, actor=cast.secretary)
    audit.record("alliances.alliance.change", cast.foreign_alliance, actor=cast.foreign_secretary)
    audit.record("alliances.account.login", cast.staff, actor=cast.staff)
    shown = [row["entry"].alliance for row in client_for(local).get("/log/").context["rows"]]
    assert shown == [cast.alliance]


def test_log_costs_the_same_for_three_and_many_and_pages_on(cast, client_for):
    client = client_for(cast.auditor)
    audit.record("alliances.account.login", cast.staff, actor=cast.staff)
    client.get("/complaint/")
    with CaptureQueriesContext(connection) as one:
        client.get("/log/")
    for user in (cast.staff, cast.secretary, cast.liaison) * 20:
        audit.record("alliances.account.login", user, actor=user, alliance=cast.alliance)
    with CaptureQueriesContext(connection) as many:
        page = client.get("/log/").context["page"]
    assert len(one) == len(many) <= 12
    assert len(client.get(f"/log/{page.older}").context["rows"]) == LogEntry.objects.count() - 50
    assert "共 61 条" in client.get("/log/?total=1").content.decode()
