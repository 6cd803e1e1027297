"""The four lists as pages, their rates and gaps."""

from django.urls import URLPattern, path

from demands.views import lists, lists_gaps, lists_rates

urlpatterns: list[URLPattern] = [
    path("demands/", lists.demands, name="demands"),
    path("demands/claims/", lists.claims, name="claims"),
    path("demands/acceptances/", lists.acceptances, name="acceptances"),
    path("demands/resources/", lists.resources, name="resources"),
    path("demands/offers/", lists.offers, name="offers-list"),
    path("demands/answers/", lists.answers, name="answers-list"),
    path("demands/rates/", lists_rates.rates, name="rates"),
    path("demands/gaps/", lists_gaps.gaps, name="gaps"),
]
