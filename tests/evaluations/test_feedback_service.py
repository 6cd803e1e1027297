"""The month's feedback: begun with the results, written by the president, published, corrected."""

from __future__ import annotations

from datetime import date

import pytest

from alliances import clock
from alliances.documents import to_docx, to_pdf, to_text
from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Appointment, Bulletin, Message, ReminderLine
from evaluations.models import Feedback, Round
from evaluations.selectors import papers, results
from evaluations.services import ballots, feedbacks, rounds
from rotation.services import slips
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring


@pytest.fixture
def draft(cast: Cast, frozen: Frozen) -> Feedback:
    """March: units 90, 84, 87 and ten residents; settled on the 27th."""
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    scoring.units_vote(cast, round, 90, 84, 87)
    scoring.residents_vote(cast, round, *[80] * 5, *[90] * 5)
    frozen.to("2026-03-27T09:00")
    rounds.run(clock.now())
    rounds.run(clock.now())
    return Feedback.objects.select_related("alliance__organisation", "duty__plan").get()


def write(draft: Feedback, cast: Cast) -> Feedback:
    return feedbacks.write(draft, good="义诊受欢迎。", mend="通知要再早两天。", actor=cast.president)


def test_results_begin_the_draft_and_tell_the_president(cast: Cast, draft: Feedback) -> None:
    assert (draft.state, draft.revision, draft.duty) == ("draft", 1, cast.duties[3])
    assert draft.due_on == date(2026, 3, 30)  # three working days after the 25th
    (activity,) = draft.figures["activities"]
    assert activity["activity"]["score"] == "85.8"  # 0.4 x 87 + 0.6 x 85
    assert draft.figures["chair"]["score"] == "85.8"
    told = ReminderLine.objects.get(kind="evaluations.feedback.begun")
    assert (told.recipient, told.text) == (
        cast.president.person,
        "3月（县图书馆、县文体广电局、县人民医院轮值）评议已出结果，请于3月30日前通报评议反馈",
    )


def test_a_feedback_waits_for_every_round_of_the_month(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    first = scoring.open_round(cast)
    frozen.to("2026-03-24T18:00")
    scoring.open_round(cast, title="第二场", on=date(2026, 3, 24))
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    first.refresh_from_db()
    assert first.state == "settled"
    assert not Feedback.objects.exists()
    frozen.to("2026-03-30T09:00")
    rounds.run(clock.now())
    feedback = Feedback.objects.get()
    assert feedback.due_on == date(2026, 4, 1)  # the second closed on Sunday the 29th
    assert [row["title"] for row in feedback.figures["activities"]] == ["春季义诊进小区", "第二场"]


def test_the_chair_has_one_result_over_the_months_rounds(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    first = scoring.open_round(cast)
    second = scoring.open_round(cast, title="第二场", guests=("县实验小学", "县邮政局"))
    ballots.cast_unit(
        scoring.mark(first, "县实验小学"), scoring.scores(90), scoring.chair(90), actor=cast.other_liaison
    )
    ballots.cast_unit(
        scoring.mark(first, "县交警队"), scoring.scores(90), scoring.chair(80), actor=cast.both_liaison
    )
    ballots.record_unit(
        scoring.mark(second, "县邮政局"),
        scoring.scores(90),
        scoring.chair(70),
        voter_name="邮政",
        via="paper",
        actor=cast.staff,
    )
    frozen.to("2026-03-27T09:00")
    rounds.run(clock.now())
    figures = Feedback.objects.get().figures
    # Neither round has three units; the month has: 90, 80, 70.
    assert [row["activity"]["score"] for row in figures["activities"]] == [None, None]
    assert (figures["chair"]["score"], figures["chair"]["n"]) == ("80.0", 3)


@pytest.mark.parametrize("who", ["secretary", "staff", "liaison", "leader", "street", "foreign_secretary"])
def test_only_the_president_writes_while_there_is_one(cast: Cast, draft: Feedback, who: str) -> None:
    user = getattr(cast, who)
    with pytest.raises(NotAllowed):
        feedbacks.write(draft, good="好", mend="", actor=user)
    write(draft, cast)
    with pytest.raises(NotAllowed):
        feedbacks.publish(draft, actor=user)
    assert not Bulletin.objects.exists()


def test_without_a_president_the_secretary_acts(cast: Cast, draft: Feedback) -> None:
    Appointment.objects.filter(role=Role.PRESIDENT).update(ends_on=clock.today())
    with pytest.raises(NotAllowed):
        feedbacks.write(draft, good="好", mend="", actor=cast.fresh(cast.president))
    feedbacks.write(draft, good="好", mend="", actor=cast.secretary)
    feedbacks.publish(draft, actor=cast.secretary)
    assert Feedback.objects.get().published_by == cast.secretary


def test_publishing_freezes_figures_and_words_and_tells_the_circle(cast: Cast, draft: Feedback) -> None:
    with pytest.raises(OfficeError, match="请先写"):
        feedbacks.publish(draft, actor=cast.president)
    feedbacks.publish(write(draft, cast), actor=cast.president)
    stored = Feedback.objects.get()
    assert (stored.state, stored.published_at, stored.published_by) == (
        "published",
        clock.now(),
        cast.president,
    )
    assert papers.freeze_paper(stored.paper) == (stored.paper, stored.paper_hash)
    text = to_text(stored.paper)
    for words in ("85.8", "良好", "83.4—88.2", "义诊受欢迎。", "通知要再早两天。", "县图书馆"):
        assert words in text
    assert "共发放评议票13张，收回13张，有效13张。" in text
    entry = Bulletin.objects.get()
    assert (entry.kind, entry.title, entry.visibility) == ("feedback", "2026年3月轮值评议反馈", "alliance")
    assert "85.8分（良好，有效13票，±2.4）" in entry.body
    assert entry.path == f"/feedback/{draft.duty_id}/"
    told = Message.objects.filter(kind="evaluations.feedback.published", channel="inbox")
    assert {m.recipient.name for m in told} == {"杨欣然", "何文", "邓医生"}
    with pytest.raises(OfficeError):
        feedbacks.publish(stored, actor=cast.president)
    with pytest.raises(OfficeError, match="已经通报"):
        feedbacks.write(stored, good="改", mend="改", actor=cast.president)


def test_the_paper_prints(cast: Cast, draft: Feedback) -> None:
    paper = papers.feedback_paper(write(draft, cast), published_on=clock.today())
    assert to_docx(paper)[:2] == b"PK"
    assert to_pdf(paper)[:4] == b"%PDF"


def test_results_under_the_minimum_are_never_shown_by_group(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    ballots.cast_unit(
        scoring.mark(round, "县实验小学"), scoring.scores(37), scoring.chair(37), actor=cast.other_liaison
    )
    scoring.residents_vote(cast, round, *[80] * 10)
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    feedback = Feedback.objects.select_related("alliance", "duty__plan").get()
    feedbacks.write(feedback, good="好", mend="", actor=cast.president)
    feedbacks.publish(feedback, actor=cast.president)
    assert "37" not in str(feedback.figures)
    assert "37" not in str(Round.objects.get().figures)
    assert "37" not in str(feedback.paper)


def test_a_correction_is_a_new_revision_that_replaces_the_old(
    cast: Cast, draft: Feedback, frozen: Frozen
) -> None:
    first = feedbacks.publish(write(draft, cast), actor=cast.president)
    frozen.forward(days=1)
    with pytest.raises(NotAllowed):
        feedbacks.correct(first, reason="漏写", actor=cast.secretary)
    for unsaid in (" ", "长" * 201):
        with pytest.raises(OfficeError, match="更正原因"):
            feedbacks.correct(first, reason=unsaid, actor=cast.president)
    second = feedbacks.correct(first, reason="义诊的说法不准确。", actor=cast.president)
    assert (second.revision, second.replaces, second.good) == (2, first, "义诊受欢迎。")
    with pytest.raises(OfficeError, match="有人在写"):
        feedbacks.correct(first, reason="再改", actor=cast.president)
    first.refresh_from_db()
    assert first.state == "published"  # until the correction is
    feedbacks.write(second, good="义诊很受欢迎。", mend="", actor=cast.president)
    feedbacks.publish(second, actor=cast.president)
    first.refresh_from_db()
    assert (first.state, second.state) == ("superseded", "published")
    assert papers.freeze_paper(first.paper)[1] == first.paper_hash
    assert "第2版，更正2026年3月27日通报的第1版。更正原因：义诊的说法不准确。" in to_text(second.paper)
    assert sorted(Bulletin.objects.values_list("title", flat=True)) == [
        "2026年3月轮值评议反馈",
        "2026年3月轮值评议反馈（更正）",
    ]


def test_results_after_publishing_begin_the_next_revision(
    cast: Cast, draft: Feedback, frozen: Frozen
) -> None:
    feedbacks.publish(write(draft, cast), actor=cast.president)
    frozen.to("2026-03-30T18:00")
    scoring.open_round(cast, title="第二场", on=date(2026, 3, 30))
    frozen.to("2026-04-07T09:00")
    rounds.run(clock.now())
    second = Feedback.objects.get(state="draft")
    assert (second.revision, second.replaces_id, second.good) == (2, draft.pk, "义诊受欢迎。")
    assert second.reason == "增加了新的评议结果"
    assert len(second.figures["activities"]) == 2
    assert Feedback.objects.get(revision=1).state == "published"


def test_an_overdue_feedback_is_reminded_nudged_and_escalated_once(
    cast: Cast, draft: Feedback, frozen: Frozen
) -> None:
    said: list[tuple[str, str, str]] = []
    ReminderLine.objects.update(settled_at=clock.now())  # that there are results
    for day in ("2026-03-27", "2026-03-30", "2026-03-31", "2026-04-01", "2026-04-02", "2026-04-03"):
        frozen.to(f"{day}T10:00")
        for _ in range(2):
            feedbacks.follow_up(clock.now())
        for line in ReminderLine.objects.filter(settled_at=None).order_by("pk"):
            said.append((day, line.kind.rsplit(".")[-1], line.recipient.name))
        ReminderLine.objects.update(settled_at=clock.now())
    assert said == [
        ("2026-03-27", "remind", "高建国"),
        ("2026-03-31", "nudge", "高建国"),
        ("2026-04-02", "escalate", "程莉"),
    ]
    draft.refresh_from_db()
    assert draft.nudged_at
    assert draft.escalated_at
    assert feedbacks.feedback_still_due(draft.pk)
    feedbacks.publish(write(draft, cast), actor=cast.president)
    assert not feedbacks.feedback_still_due(draft.pk)


def test_drafts_are_seen_by_the_community_and_the_president_alone(cast: Cast, draft: Feedback) -> None:
    def seers() -> set[str]:
        return {name for name, user in cast.users.items() if Feedback.objects.visible_to(user).exists()}

    assert seers() == {"secretary", "staff", "president"}
    feedbacks.publish(write(draft, cast), actor=cast.president)
    assert {"liaison", "other_liaison", "leader", "station", "street", "county"} <= seers()
    assert not {"foreign_secretary", "foreign_liaison", "other_street", "auditor", "administrator"} & seers()


def test_the_next_slip_carries_last_months_results(cast: Cast, draft: Feedback, frozen: Frozen) -> None:
    feedbacks.publish(write(draft, cast), actor=cast.president)
    frozen.to("2026-04-01T08:30")
    slip = slips.issue(cast.duties[4])
    text = to_text(slip.paper)
    assert "3月评议结果：县图书馆、县文体广电局、县人民医院：“春季义诊进小区”85.8分" in text
    assert "轮值主席85.8分（良好，有效13票，±2.4）" in text
    assert "3月需改进：通知要再早两天。" in text


def test_a_slip_says_when_last_months_scoring_still_runs(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-31T18:00")
    scoring.open_round(cast, on=date(2026, 3, 31))
    frozen.to("2026-04-01T08:30")
    assert "“春季义诊进小区”评议未结束" in to_text(slips.issue(cast.duties[4]).paper)
    assert results.month_words(cast.duties[3]) == "“春季义诊进小区”评议未结束"
    assert "评议结果" not in to_text(slips.issue(cast.duties[3]).paper)  # February was not scored
