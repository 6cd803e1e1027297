"""One's own messages: looking changes nothing, reading is a press of a button, nobody reads another's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliances import clock
from alliances.models import Message
from alliances.services import outbox


@pytest.fixture
def told(cast, march):
    """Everybody on duty has been told of the slip, and it has arrived."""
    outbox.send_due(clock.now())
    return Message.objects.get(recipient=cast.liaison.person, channel="inbox")


def write(person, count, alliance=None):
    for number in range(count):
        outbox.post(
            [person], kind="x", subject=f"第{number}条", body="b", dedupe_key=f"k{number}", alliance=alliance
        )
    outbox.send_due(clock.now())


def test_inbox_opened_leaves_messages_unread(cast, told, client_for):
    client = client_for(cast.liaison)
    assert told.subject in client.get("/inbox/").content.decode()
    assert client.get(f"/inbox/{told.pk}/").status_code == 200
    told.refresh_from_db()
    assert told.read_at is None


def test_inbox_message_posted_is_read_and_leads_to_the_matter(cast, march, told, client_for):
    answer = client_for(cast.liaison).post(f"/inbox/{told.pk}/")
    assert answer["Location"] == f"/slips/{march.pk}/"
    told.refresh_from_db()
    assert told.read_at == clock.now()


def test_inbox_all_read_at_once_touches_nobody_elses(cast, told, client_for):
    client_for(cast.liaison).post("/inbox/read/")
    assert not Message.objects.filter(recipient=cast.liaison.person, read_at=None).exists()
    assert Message.objects.filter(recipient=cast.second_liaison.person, read_at=None).exists()
    assert client_for(cast.liaison).get("/inbox/read/").status_code == 405


@pytest.mark.parametrize("who", ["second_liaison", "secretary", "administrator", "foreign_liaison"])
def test_inbox_message_of_somebody_else_is_not_found(cast, told, client_for, who):
    client = client_for(getattr(cast, who))
    assert client.get(f"/inbox/{told.pk}/").status_code == 404
    assert client.post(f"/inbox/{told.pk}/").status_code == 404
    told.refresh_from_db()
    assert told.read_at is None


def test_inbox_shows_the_unread_and_their_number(cast, told, client_for):
    client = client_for(cast.liaison)
    assert "badge-count" in client.get("/").content.decode()
    client.post("/inbox/read/")
    html = client.get("/inbox/?unread=1").content.decode()
    assert "没有未读消息" in html
    assert "badge-count" not in html
    assert client.get("/inbox/?total=1").content.decode().strip() == "<span>共 1 条</span>"


def test_inbox_costs_the_same_for_one_and_many(cast, client_for):
    client = client_for(cast.liaison)
    write(cast.liaison.person, 1, cast.alliance)
    client.get("/complaint/")
    with CaptureQueriesContext(connection) as one:
        client.get("/inbox/")
    write(cast.liaison.person, 60, cast.alliance)
    with CaptureQueriesContext(connection) as many:
        page = client.get("/inbox/").context["page"]
    assert len(one) == len(many) <= 12
    assert len(page.rows) == 50
    assert len(client.get(f"/inbox/{page.older}").context["page"].rows) == 10


def test_inbox_message_is_text_never_markup(cast, client_for):
    outbox.post(
        [cast.liaison.person], kind="x", subject="<b>x</b>", body="<script>1</script>", dedupe_key="h"
    )
    outbox.send_due(clock.now())
    message = Message.objects.get(dedupe_key="h")
    html = client_for(cast.liaison).get(f"/inbox/{message.pk}/").content.decode()
    assert "<script>1" not in html
    assert "<b>x</b>" not in html
