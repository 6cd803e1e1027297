"""Routes of scoring, of the quarter and of the year's end, by who uses them."""

from evaluations.urls import scoring, year_end

app_name = "evaluations"

urlpatterns = [
    *scoring.urlpatterns,
    *year_end.urlpatterns,
]
