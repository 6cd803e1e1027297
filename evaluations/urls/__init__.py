"""Routes of scoring, of the quarter and of the year's end, by who uses them."""

from evaluations.urls import quarter_office, scoring

app_name = "evaluations"

urlpatterns = [
    *scoring.urlpatterns,
    *quarter_office.urlpatterns,
]
