"""Routes of scoring: the office's side, and where ballots are cast."""

from django.urls import URLPattern, path, re_path

from evaluations.views import (
    codes,
    comment,
    feedback,
    paper,
    resident_ballots,
    rounds,
    rubrics,
    unit_ballots,
)

_FEEDBACK = r"^feedback/(?P<pk>[0-9]{1,18})/"

# The office's side: rubrics, rounds, codes, paper, feedback and comment
OFFICE: list[URLPattern] = [
    path("rubrics/<slug:code>/<int:year>/", rubrics.rubric, name="rubric"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/<int:pk>/", rounds.round_page, name="round"),
    path("rounds/<int:pk>/open/", rounds.open_early, name="round-open"),
    path("rounds/<int:pk>/settle/", rounds.settle_early, name="round-settle"),
    path("rounds/<int:pk>/codes/", codes.codes, name="codes"),
    path("rounds/<int:pk>/codes/void/", codes.void, name="codes-void"),
    path("rounds/<int:pk>/venue/", codes.venue, name="venue"),
    re_path(
        r"^rounds/(?P<pk>[0-9]{1,18})/venue/poster\.(?P<fmt>docx|pdf)$", codes.venue_paper, name="venue-paper"
    ),
    path("rounds/<int:pk>/paper/", paper.paper, name="paper"),
    path("rounds/<int:pk>/paper/counts/", paper.counts, name="paper-counts"),
    path("rounds/<int:pk>/paper/start-over/", paper.start_over, name="paper-start-over"),
    path("feedback/<int:pk>/", feedback.feedback, name="feedback"),
    path("feedback/<int:pk>/publish/", feedback.publish, name="feedback-publish"),
    path("feedback/<int:pk>/correct/", feedback.correct, name="feedback-correct"),
    re_path(rf"{_FEEDBACK}paper\.(?P<fmt>docx|pdf)$", feedback.paper, name="feedback-paper"),
    path("feedback/<int:pk>/comment/", comment.comment, name="comment"),
    re_path(rf"{_FEEDBACK}comment/paper\.(?P<fmt>docx|pdf)$", comment.download, name="comment-paper"),
]

# Where ballots are cast
BALLOTS: list[URLPattern] = [
    path("rounds/ballots/<int:pk>/", unit_ballots.unit_ballot, name="unit-ballot"),
    path("rounds/ballots/<int:pk>/record/", unit_ballots.record, name="unit-ballot-record"),
    path("b/", resident_ballots.typed, name="resident-code"),
    path("b/thanks/", resident_ballots.thanks, name="resident-thanks"),
    path("b/at/<str:token>/", resident_ballots.venue, name="resident-venue"),
    path("b/<str:code>/", resident_ballots.ballot, name="resident-ballot"),
]

urlpatterns = [*OFFICE, *BALLOTS]
