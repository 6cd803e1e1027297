"""What residents reach without an account: orders, progress by code, answers by link, venues; and the office's doors to it (QR codes, posters)."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
