"""Routes of scoring, of the quarter and of the year's end, by who uses them."""

from evaluations.urls import assessments, quarter_office, scoring, told_months, year_end

app_name = "evaluations"

urlpatterns = [
    *scoring.urlpatterns,
    *told_months.urlpatterns,
    *quarter_office.urlpatterns,
    *assessments.urlpatterns,
    *year_end.urlpatterns,
]
