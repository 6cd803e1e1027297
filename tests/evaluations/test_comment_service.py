"""The secretary's comment waits for the next month's seminar and is given there."""

from __future__ import annotations

from datetime import date

import pytest

from alliances import clock
from alliances.documents import to_text
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import ReminderLine
from alliances.registry import registries
from evaluations.models import Comment, Feedback
from evaluations.selectors import comments as selector
from evaluations.selectors import papers
from evaluations.services import comments, feedbacks, rounds
from rotation.models import Meeting
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.evaluations.scoring import seminar


@pytest.fixture
def published(cast: Cast, frozen: Frozen) -> Feedback:
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    scoring.residents_vote(cast, round, *[85] * 10)
    frozen.to("2026-03-27T09:00")
    rounds.run(clock.now())
    feedback = Feedback.objects.select_related("alliance__organisation", "duty__plan").get()
    feedbacks.write(feedback, good="好", mend="早通知", actor=cast.president)
    return feedbacks.publish(feedback, actor=cast.president)


def test_a_published_feedback_asks_for_a_comment(cast: Cast, published: Feedback) -> None:
    assert [duty.month for duty in selector.to_write(cast.alliance)] == [3]
    comments.write(cast.duties[3], "组织有力。", actor=cast.secretary)
    assert list(selector.to_write(cast.alliance)) == []
    assert [comment.text for comment in selector.waiting_for(cast.alliance)] == ["组织有力。"]


@pytest.mark.parametrize("who", ["staff", "president", "liaison", "street", "foreign_secretary"])
def test_only_the_secretary_comments(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        comments.write(cast.duties[3], "组织有力。", actor=getattr(cast, who))


@pytest.mark.parametrize(
    ("month", "text", "sentence"),
    [(3, " ", "请写点评"), (3, "好" * 1001, "1000 字"), (4, "好", "还没有开始")],
)
def test_what_is_no_comment_is_refused(cast: Cast, month: int, text: str, sentence: str) -> None:
    with pytest.raises(OfficeError, match=sentence):
        comments.write(cast.duties[month], text, actor=cast.secretary)


def test_a_comment_is_given_in_the_next_seminar(cast: Cast, published: Feedback, frozen: Frozen) -> None:
    seminar(cast, 3, "2026-03-10T09:00", "minuted")  # its own month's, long past
    comments.write(cast.duties[3], "组织有力。", actor=cast.secretary)
    comments.write(cast.duties[3], "组织有力，通知稍晚。", actor=cast.secretary)
    frozen.to("2026-04-10T09:00")
    april = seminar(cast, 4, "2026-04-10T15:00")
    assert comments.settle_given(clock.now()) == []
    Meeting.objects.filter(pk=april.pk).update(state="held", held_on=date(2026, 4, 10))
    assert comments.settle_given(clock.now()) == ["2026年3月点评已在研讨会通报"]
    assert comments.settle_given(clock.now()) == []
    comment = Comment.objects.get()
    assert comment.given_in == april
    assert papers.freeze_paper(comment.paper) == (comment.paper, comment.paper_hash)
    text = to_text(comment.paper)
    for words in ("组织有力，通知稍晚。", "85.0分", "早通知", "2026年4月10日", "同心社区党支部"):
        assert words in text
    assert [given.pk for given in selector.given_in(april)] == [comment.pk]
    with pytest.raises(OfficeError, match="已经在研讨会上通报"):
        comments.write(cast.duties[3], "改口", actor=cast.secretary)


def test_a_comment_written_after_the_seminar_waits_for_the_one_after(
    cast: Cast, published: Feedback, frozen: Frozen
) -> None:
    frozen.to("2026-04-10T18:00")
    seminar(cast, 4, "2026-04-10T15:00", "held")
    comments.write(cast.duties[3], "组织有力。", actor=cast.secretary)
    comments.settle_given(clock.now())
    assert Comment.objects.get().given_in is None
    may = seminar(cast, 5, "2026-05-12T15:00", "held")
    comments.settle_given(clock.now())
    assert Comment.objects.get().given_in == may


def test_the_agenda_has_the_comment_on_the_month_before(cast: Cast, published: Feedback) -> None:
    april = seminar(cast, 4, "2026-04-10T15:00", "planned")
    line = "社区党组织书记点评3月轮值工作（县图书馆、县文体广电局、县人民医院）"
    assert selector.agenda_items(april) == [line]  # asked for by the results, written or not
    comments.write(cast.duties[3], "组织有力。", actor=cast.secretary)
    assert selector.agenda_items(april) == [line]
    assert [item for entry in registries.agenda_items for item in entry.items(april)].count(line) == 1
    may = seminar(cast, 5, "2026-05-12T15:00", "planned")
    assert selector.agenda_items(may) == [line]  # still waiting
    march = seminar(cast, 3, "2026-03-10T15:00", "planned")
    assert selector.agenda_items(march) == []
    other = Meeting(alliance=cast.alliance, kind="liaisons", title="联络员会")
    assert selector.agenda_items(other) == []


def test_the_secretary_is_reminded_before_the_seminar(
    cast: Cast, published: Feedback, frozen: Frozen
) -> None:
    seminar(cast, 4, "2026-04-10T15:00")
    for day, expected in (("2026-04-08", 0), ("2026-04-09", 1), ("2026-04-10", 1)):
        frozen.to(f"{day}T10:00")
        comments.remind(clock.now())
        assert ReminderLine.objects.filter(kind="evaluations.comment.remind").count() == expected, day
    line = ReminderLine.objects.get(kind="evaluations.comment.remind")
    assert line.recipient == cast.secretary.person
    assert line.text == "4月10日召开研讨会，请写好3月轮值工作点评"
    assert comments.comment_still_due(cast.duties[3].pk)


def test_a_comment_is_first_heard_at_the_seminar(cast: Cast, published: Feedback) -> None:
    comments.write(cast.duties[3], "组织有力。", actor=cast.secretary)

    def seers() -> set[str]:
        return {name for name, user in cast.users.items() if Comment.objects.visible_to(user).exists()}

    assert seers() == {"secretary", "staff", "president"}
    Comment.objects.update(given_in=seminar(cast, 4, "2026-04-10T15:00", "held"))
    assert {"liaison", "other_liaison", "street"} <= seers()
    assert "foreign_liaison" not in seers()
