"""The four lists as pages, their rates and gaps."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
