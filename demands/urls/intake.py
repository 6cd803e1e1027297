"""Taking in, reviewing, sharing; a demand's whole story; units' own demands; contacts."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
