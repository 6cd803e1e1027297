"""What residents reach without an account: orders, progress by code, answers by link, venues; and the office's doors to it (QR codes, posters)."""

from django.urls import URLPattern, path, re_path

from demands.views import residents, residents_answers, residents_doors, residents_progress, residents_venues

urlpatterns: list[URLPattern] = [
    path("demands/doors/", residents_doors.doors, name="doors"),
    path("demands/doors/<int:pk>/", residents_doors.door, name="door"),
    re_path(
        r"^demands/doors/(?P<pk>[0-9]{1,18})/poster\.(?P<fmt>docx|pdf)$",
        residents_doors.poster,
        name="door-poster",
    ),
    path("d/<str:code>/", residents.order, name="resident-order"),
    path("d/<str:code>/venues/", residents_venues.venues, name="resident-venues"),
    path("d/<str:code>/venues/<int:pk>/", residents_venues.venue, name="resident-venue"),
    path("q/", residents_progress.typed, name="resident-code"),
    path("q/thanks/", residents_answers.thanks, name="resident-thanks"),
    path("q/answer/<str:code>/", residents_answers.answer, name="resident-answer"),
    path("q/venue/<str:code>/", residents_venues.booking, name="resident-booking"),
    path("q/<str:code>/", residents_progress.progress, name="resident-progress"),
]
