"""Acceptance and call-back."""

from django.urls import URLPattern, path

from demands.views import stations, stations_call_back, stations_call_backs

urlpatterns: list[URLPattern] = [
    path("demands/claims/<int:pk>/accept/", stations.accept, name="claim-accept"),
    path("demands/claims/<int:pk>/return/", stations.send_back, name="claim-return"),
    path("demands/claims/<int:pk>/visit-sheet.<str:fmt>", stations.sheet, name="visit-sheet"),
    path("demands/call-backs/", stations_call_backs.listing, name="call-backs"),
    path("demands/call-backs/<int:pk>/", stations_call_back.call_back, name="call-back"),
    path("demands/call-backs/<int:pk>/miss/", stations_call_back.miss, name="call-back-miss"),
    path("demands/call-backs/<int:pk>/link/", stations_call_back.link, name="call-back-link"),
    path("demands/call-backs/<int:pk>/follow-up/", stations_call_back.follow_up, name="call-back-follow-up"),
]
