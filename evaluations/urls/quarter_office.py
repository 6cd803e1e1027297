"""Routes of the quarter as an office reads it. Before those of one report, whose number stands in the same place."""

from django.urls import URLPattern, path

from evaluations.views import quarter_office

urlpatterns: list[URLPattern] = [
    path("assessments/office/", quarter_office.quarter_office, name="quarter-office"),
    path("assessments/office/urge/", quarter_office.quarter_urge, name="quarter-urge"),
    path("assessments/office/trend.svg", quarter_office.quarter_trend, name="quarter-trend"),
]
