"""Acceptance and call-back."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
