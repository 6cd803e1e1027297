"""A claim from promise to delivery."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
