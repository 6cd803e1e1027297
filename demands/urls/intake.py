"""Taking in, reviewing, sharing; a demand's whole story; units' own demands; contacts."""

from django.urls import URLPattern, path

from demands.views import intake, intake_contacts, intake_deeds, intake_review, intake_story

urlpatterns: list[URLPattern] = [
    path("demands/new/", intake.new, name="new"),
    path("demands/ask/", intake.ask, name="ask"),
    path("demands/review/", intake_review.queue, name="review"),
    path("demands/<int:pk>/", intake_story.demand, name="demand"),
    path("demands/<int:pk>/open/", intake_deeds.open_, name="demand-open"),
    path("demands/<int:pk>/decline/", intake_deeds.decline, name="demand-decline"),
    path("demands/<int:pk>/merge/", intake_deeds.merge, name="demand-merge"),
    path("demands/<int:pk>/change/", intake_deeds.change, name="demand-change"),
    path("demands/<int:pk>/withdraw/", intake_deeds.withdraw, name="demand-withdraw"),
    path("demands/<int:pk>/give-up/", intake_deeds.give_up, name="demand-give-up"),
    path("demands/<int:pk>/take-up/", intake_deeds.take_up, name="demand-take-up"),
    path("demands/<int:pk>/share/", intake_deeds.share, name="demand-share"),
    path("demands/<int:pk>/unshare/", intake_deeds.unshare, name="demand-unshare"),
    path("demands/<int:pk>/hand-up/", intake_deeds.hand_up, name="demand-hand-up"),
    path("demands/authors/<int:pk>/reveal/", intake_contacts.reveal, name="author-reveal"),
]
