"""Routes of scoring."""

from django.urls import URLPattern

app_name = "evaluations"

# The office's side: rubrics, rounds, codes, paper, feedback and comment
OFFICE: list[URLPattern] = []

# Where ballots are cast
BALLOTS: list[URLPattern] = []

urlpatterns = [*OFFICE, *BALLOTS]
