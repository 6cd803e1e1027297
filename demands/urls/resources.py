"""Resources, venues and their bookings."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
