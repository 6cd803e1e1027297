"""Will own the four lists: resources, bookings, demands, dispatch, claims, acceptance and call-back."""

from django.apps import AppConfig


class DemandsConfig(AppConfig):
    name = "demands"
    verbose_name = "四项清单"
