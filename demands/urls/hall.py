"""The open hall, offers, taking a demand."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
