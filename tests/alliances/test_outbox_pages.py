"""What the alliance has sent: by state, with numbers apart, and once more where it failed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliances.models import LogEntry, Message
from alliances.services import outbox


def write(cast, count, start=0):
    for number in range(start, start + count):
        outbox.post(
            [cast.liaison.person],
            kind="x",
            subject=f"第{number}条",
            body="b",
            dedupe_key=f"k{number}",
            alliance=cast.alliance,
        )


@pytest.fixture
def states(cast):
    write(cast, 4)
    for message, state in zip(
        Message.objects.order_by("pk"), ["sent", "waiting", "sending", "failed"], strict=True
    ):
        Message.objects.filter(pk=message.pk).update(state=state, error="连不上" if state == "failed" else "")


def test_outbox_filters_by_state(cast, states, client_for):
    client = client_for(cast.staff)
    assert client.get("/outbox/").content.decode().count('<th scope="row">') == 4
    assert "第0条" in client.get("/outbox/?state=sent").content.decode()
    waiting = client.get("/outbox/?state=waiting").content.decode()
    assert "第1条" in waiting
    assert "第2条" in waiting
    failed = client.get("/outbox/?state=failed").content.decode()
    assert "连不上" in failed
    assert "重发" in failed


def test_outbox_numbers_are_a_fragment_of_their_own(cast, states, client_for):
    client = client_for(cast.secretary)
    html = client.get("/outbox/?counts=1").content.decode()
    assert "<html" not in html
    numbers = [part.split("</strong>")[0] for part in html.split("<strong>")[1:]]
    assert numbers == ["4", "1", "2", "1"]
    assert 'hx-get="?state=&amp;counts=1"' in client.get("/outbox/").content.decode()
    assert "<strong>4</strong>" in client.get("/outbox/?numbers=1").content.decode()


def test_outbox_sends_again_what_failed_and_only_that(cast, states, client_for):
    client = client_for(cast.staff)
    failed = Message.objects.get(state="failed")
    client.post(f"/outbox/{failed.pk}/again/")
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.error) == ("waiting", 0, "")
    assert LogEntry.objects.filter(action="alliances.message.send_again", object_id=failed.pk).count() == 1
    sent = Message.objects.get(state="sent")
    html = client.post(f"/outbox/{sent.pk}/again/", follow=True).content.decode()
    assert "不需要重发" in html
    sent.refresh_from_db()
    assert sent.state == "sent"


@pytest.mark.parametrize(
    ("who", "page", "again"),
    [
        ("liaison", 403, 403),
        ("president", 403, 403),
        ("station", 403, 403),
        ("street", 403, 403),
        ("administrator", 403, 404),
        ("auditor", 403, 404),
        ("foreign_secretary", 200, 404),
    ],
)
def test_outbox_is_the_communitys_own(cast, states, client_for, who, page, again):
    client = client_for(getattr(cast, who))
    answer = client.get("/outbox/")
    assert answer.status_code == page
    assert "第0条" not in answer.content.decode()
    failed = Message.objects.get(state="failed")
    assert client.post(f"/outbox/{failed.pk}/again/").status_code == again


def test_outbox_costs_the_same_for_one_and_many(cast, client_for):
    client = client_for(cast.secretary)
    write(cast, 1)
    client.get("/complaint/")
    with CaptureQueriesContext(connection) as one:
        client.get("/outbox/")
    write(cast, 60, start=1)
    with CaptureQueriesContext(connection) as many:
        client.get("/outbox/")
    assert len(one) == len(many) <= 12
