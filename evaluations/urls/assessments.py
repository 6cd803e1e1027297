"""Routes of the quarterly assessment for the community, its units and the answering offices."""

from django.urls import URLPattern, path, re_path

from evaluations.views import (
    assessment_own,
    assessment_papers,
    assessment_report,
    assessment_scheme,
    assessments,
)

_ONE = r"^assessments/(?P<pk>[0-9]{1,18})/"

urlpatterns: list[URLPattern] = [
    path("assessments/", assessments.assessments, name="assessments"),
    path("assessments/own/", assessment_own.own, name="assessment-own"),
    re_path(
        r"^assessments/own/(?P<pk>[0-9]{1,18})/letter\.(?P<fmt>docx|pdf)$",
        assessment_own.letter,
        name="assessment-own-letter",
    ),
    path("assessments/scheme/<slug:code>/<int:year>/", assessment_scheme.scheme, name="assessment-scheme"),
    path("assessments/<int:pk>/", assessment_report.report, name="assessment"),
    path("assessments/<int:pk>/recompute/", assessment_report.recompute, name="assessment-recompute"),
    path("assessments/<int:pk>/adjust/<int:member>/", assessment_report.adjust, name="assessment-adjust"),
    path("assessments/<int:pk>/file/", assessment_report.file, name="assessment-file"),
    path("assessments/<int:pk>/revise/", assessment_report.revise, name="assessment-revise"),
    path("assessments/<int:pk>/changes/", assessment_report.changes, name="assessment-changes"),
    path("assessments/<int:pk>/receive/", assessment_report.receive, name="assessment-receive"),
    path("assessments/<int:pk>/return/", assessment_report.send_back, name="assessment-return"),
    path("assessments/<int:pk>/acknowledge/", assessment_report.acknowledge, name="assessment-acknowledge"),
    re_path(
        rf"{_ONE}(?P<kind>report|summary|data)\.(?P<fmt>docx|pdf|xlsx)$",
        assessment_papers.paper,
        name="assessment-paper",
    ),
    re_path(
        rf"{_ONE}letters/(?P<member>[0-9]{{1,18}})\.(?P<fmt>docx|pdf)$",
        assessment_papers.letter,
        name="assessment-letter",
    ),
]
