"""Routes of the year's end: the yearly summary, the two-way evaluation, the awards."""

from django.urls import URLPattern, path

from evaluations.views import awards, two_way, two_way_ballots, year_end

_AT = "year-end/<slug:code>/<int:year>/"

SUMMARY: list[URLPattern] = [
    path("year-end/", year_end.home, name="year-end"),
    path("year-end/office/", year_end.office, name="year-end-office"),
    path(_AT, year_end.summary, name="year-end-summary"),
    path(f"{_AT}publish/", year_end.publish, name="year-end-publish"),
    path(f"{_AT}summary.<str:fmt>", year_end.paper, name="year-end-paper"),
]

TWO_WAY: list[URLPattern] = [
    path(f"{_AT}two-way/", two_way.page, name="two-way"),
    path(f"{_AT}two-way/open/", two_way.open_two_way, name="two-way-open"),
    path(f"{_AT}two-way/close/", two_way.close, name="two-way-close"),
    path(f"{_AT}two-way/publish/", two_way.publish, name="two-way-publish"),
    path(f"{_AT}two-way/items/", two_way.items, name="two-way-items"),
    path(f"{_AT}two-way/sheets/<slug:kind>.<str:fmt>", two_way.sheet, name="two-way-sheet"),
    path(f"{_AT}two-way/result.<str:fmt>", two_way.paper, name="two-way-paper"),
    path(f"{_AT}two-way/ballots/<int:member>/", two_way_ballots.ballot, name="two-way-ballot"),
    path(f"{_AT}two-way/ballots/<int:member>/record/", two_way_ballots.record, name="two-way-record"),
]

AWARDS: list[URLPattern] = [
    path(f"{_AT}awards/", awards.page, name="awards"),
    path(f"{_AT}awards/begin/", awards.begin, name="awards-begin"),
    path(f"{_AT}awards/add/", awards.add, name="award-add"),
    path(f"{_AT}awards/kinds/", awards.kinds, name="award-kinds"),
    path(f"{_AT}awards/publish/", awards.publish, name="awards-publish"),
    path(f"{_AT}awards/correct/", awards.correct, name="awards-correct"),
    path(f"{_AT}awards/<int:pk>/decide/", awards.decide, name="award-decide"),
    path(f"{_AT}awards/list.<str:fmt>", awards.paper, name="awards-paper"),
]

urlpatterns = [*SUMMARY, *TWO_WAY, *AWARDS]
