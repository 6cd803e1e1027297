"""The secretary's comment: written, waiting for the next seminar, then read by all with the seminar it was given in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from alliances import clock
from alliances.models import User
from evaluations.models import Comment, Feedback
from evaluations.services import comments, feedbacks, rounds
from rotation.enums import MeetingState
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def march(cast: Cast, frozen: Frozen) -> Feedback:
    """March's feedback, published on the 27th."""
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    scoring.units_vote(cast, round, 90, 84, 87)
    frozen.to("2026-03-27T09:00")
    for _ in range(2):
        rounds.run(clock.now())
    feedback = Feedback.objects.select_related("alliance__organisation", "duty__plan").get()
    feedbacks.write(feedback, good="好", mend="早通知", actor=cast.president)
    return feedbacks.publish(feedback, actor=cast.president)


def url(cast: Cast, more: str = "") -> str:
    return f"/feedback/{cast.duties[3].pk}/comment/{more}"


def write(client: Client, cast: Cast, text: str = "三月配合好，通知要早。") -> str:
    return client.post(url(cast), {"text": text}, follow=True).content.decode()


def test_the_secretary_writes_and_changes_until_the_seminar(
    cast: Cast, march: Feedback, client_for: ClientFor
) -> None:
    client = client_for(cast.secretary)
    page = re.sub(r"<[^>]+>", " ", client.get(url(cast)).content.decode())
    assert "“春季义诊进小区”87.0分（良好，有效3票，±3.4）" in page
    assert "早通知" in page
    assert "下次研讨会还没有发通知" in page
    assert "点评已保存，下次研讨会通报" in write(client, cast)
    scoring.seminar(cast, 4, "2026-04-08T09:30")
    page = write(client, cast, "三月配合好，通知还要早。")
    assert "下次研讨会：" in page
    assert "4月研讨会" in page
    assert "4月8日" in page
    assert Comment.objects.get().text == "三月配合好，通知还要早。"
    assert client.get(url(cast, "paper.docx")).content[:2] == b"PK"


def test_before_the_seminar_others_hear_nothing_of_it(
    cast: Cast, march: Feedback, client_for: ClientFor
) -> None:
    write(client_for(cast.secretary), cast)
    for name in ("liaison", "other_liaison", "leader", "station", "street", "county"):
        client = client_for(getattr(cast, name))
        page = client.get(url(cast)).content.decode()
        assert "还没有通报" in page
        assert "通知要早" not in page
        assert client.get(url(cast, "paper.pdf")).status_code == 404
        assert client.post(url(cast), {"text": "我也说"}).status_code == 403
    for name in ("staff", "president"):
        client = client_for(getattr(cast, name))
        page = client.get(url(cast)).content.decode()
        assert "通知要早" in page
        assert "<textarea" not in page
        assert client.post(url(cast), {"text": "我也说"}).status_code == 403
    for outsider in (cast.foreign_secretary, cast.other_street, cast.administrator):
        assert client_for(outsider).get(url(cast)).status_code == 404
    assert Comment.objects.get().text == "三月配合好，通知要早。"


def test_after_the_seminar_everybody_reads_it_with_its_seminar(
    cast: Cast, march: Feedback, client_for: ClientFor, frozen: Frozen
) -> None:
    secretary = client_for(cast.secretary)
    write(secretary, cast)
    meeting = scoring.seminar(cast, 4, "2026-04-08T09:30", state=MeetingState.HELD)
    frozen.to("2026-04-08T12:00")
    comments.settle_given(clock.now())
    for name in ("liaison", "leader", "street", "secretary"):
        client = client_for(getattr(cast, name))
        page = client.get(url(cast)).content.decode()
        assert "三月配合好，通知要早。" in page
        assert f'4月8日<a href="/meetings/{meeting.pk}/">4月研讨会</a>上已通报' in page
        assert "<textarea" not in page
        assert client.get(url(cast, "paper.pdf")).content[:4] == b"%PDF"
    assert Comment.objects.get().paper_hash[:8] in page
    text = re.search(r'id="chat-text"[^>]*>(.*?)</pre>', page, re.S).group(1)
    assert "书记点评：三月配合好，通知要早。" in text
    assert text.strip().endswith(url(cast))
    answer = secretary.post(url(cast), {"text": "改一改"})
    assert answer.status_code == 422
    assert "已经在研讨会上通报，不能再改" in answer.content.decode()
    assert "改一改</textarea>" in answer.content.decode()
    assert Comment.objects.get().text == "三月配合好，通知要早。"


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "请写点评内容"), ("长" * 1001, "点评内容不超过 1000 字")]
)
def test_words_that_cannot_be_kept_stay_in_the_form(
    cast: Cast, march: Feedback, client_for: ClientFor, text: str, sentence: str
) -> None:
    answer = client_for(cast.secretary).post(url(cast), {"text": text})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert f"{text}</textarea>" in answer.content.decode()
    assert not Comment.objects.exists()


def test_a_month_to_come_is_not_commented_on(cast: Cast, client_for: ClientFor) -> None:
    answer = client_for(cast.secretary).post(f"/feedback/{cast.duties[9].pk}/comment/", {"text": "好"})
    assert answer.status_code == 422
    assert "9月还没有开始" in answer.content.decode()
    foreign = client_for(cast.secretary).post(
        f"/feedback/{cast.foreign_duties[3].pk}/comment/", {"text": "好"}
    )
    assert foreign.status_code == 404
    assert not Comment.objects.exists()
