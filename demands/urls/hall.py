"""The open hall, offers, taking a demand."""

from django.urls import URLPattern, path

from demands.views import hall, hall_claim, hall_offers

urlpatterns: list[URLPattern] = [
    path("demands/hall/", hall.listing, name="hall"),
    path("demands/suitable/", hall.suitable, name="suitable"),
    path("demands/<int:pk>/claim/", hall_claim.take, name="claim-take"),
    path("demands/<int:pk>/offers/", hall_offers.offers, name="offers"),
    path("demands/<int:pk>/open-hall/", hall_offers.open_hall, name="open-hall"),
    path("demands/offers/<int:pk>/", hall_offers.answer, name="offer"),
    path("demands/offers/<int:pk>/withdraw/", hall_offers.withdraw, name="offer-withdraw"),
]
