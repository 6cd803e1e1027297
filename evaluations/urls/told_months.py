"""Routes of what was said about the duty months."""

from django.urls import path

from evaluations.views import told_months

urlpatterns = [path("feedback/", told_months.months, name="feedback-months")]
