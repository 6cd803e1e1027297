"""Routes of the rotation."""

from django.urls import path, re_path

from rotation.views import (
    activities,
    activity_deeds,
    activity_files,
    duty_months,
    ledger,
    meetings,
    meetings_minutes,
    meetings_notice,
    meetings_replies,
    month,
    parts,
    slips,
    swaps,
    wishes,
    year,
    year_edit,
    year_paper,
    year_state,
)

app_name = "rotation"

_YEAR = "year/<slug:code>/<int:year>/"
_PAPER = r"^year/(?P<code>[-\w]+)/(?P<year>[0-9]{4})/paper\.(?P<fmt>docx|xlsx|pdf)$"

# The annual table
YEAR = [
    path("year/", year.this_year, name="this-year"),
    path(_YEAR, year.year, name="year"),
    path(f"{_YEAR}open/", year.open_year, name="year-open"),
    path(f"{_YEAR}run/", year_edit.run, name="year-run"),
    path(f"{_YEAR}move/", year_edit.move, name="year-move"),
    path(f"{_YEAR}lock/", year_edit.lock, name="year-lock"),
    path(f"{_YEAR}<int:month>/", year_edit.describe, name="year-describe"),
    path(f"{_YEAR}version/", year_edit.save_version, name="year-version"),
    path(f"{_YEAR}versions/", year_state.compare, name="year-compare"),
    path(f"{_YEAR}versions/<int:number>/restore/", year_state.restore, name="year-restore"),
    path(f"{_YEAR}submit/", year_state.submit, name="year-submit"),
    path(f"{_YEAR}take-back/", year_state.take_back, name="year-take-back"),
    path(f"{_YEAR}pass/", year_state.pass_plan, name="year-pass"),
    path(f"{_YEAR}paper/", year_paper.sheet, name="year-sheet"),
    re_path(_PAPER, year_paper.download, name="year-paper"),
    path(f"{_YEAR}wishes/", wishes.wishes, name="wishes"),
    path("wishes/<int:pk>/<int:year>/", wishes.wish, name="wish"),
]

# Changes of a passed table
SWAPS = [
    path("swaps/", swaps.swaps, name="swaps"),
    path("swaps/<int:pk>/", swaps.swap, name="swap"),
    path("duties/<int:pk>/swap/", swaps.ask, name="swap-new"),
    path("swaps/<int:pk>/agree/", swaps.agree, name="swap-agree"),
    path("swaps/<int:pk>/refuse/", swaps.refuse, name="swap-refuse"),
    path("swaps/<int:pk>/cancel/", swaps.cancel, name="swap-cancel"),
    path("swaps/<int:pk>/file/", swaps.file, name="swap-file"),
    path("swaps/<int:pk>/record/", swaps.record, name="swap-record"),
]

# Meetings: the month's seminar and the other joint meetings
MEETINGS = [
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/replies/", parts.replies, name="replies"),
    path("meetings/new/", meetings_notice.call, name="meeting-new"),
    path("meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("meetings/<int:pk>/write/", meetings_notice.write, name="meeting-write"),
    path("meetings/<int:pk>/cancel/", meetings_notice.cancel, name="meeting-cancel"),
    path("meetings/<int:pk>/reply/", meetings_replies.reply, name="meeting-reply"),
    path(
        "meetings/<int:pk>/replies/<int:reply>/record/", meetings_replies.record, name="meeting-reply-record"
    ),
    path("meetings/<int:pk>/hold/", meetings_minutes.hold, name="meeting-hold"),
    path("meetings/<int:pk>/minutes/write/", meetings_minutes.write, name="meeting-minutes"),
    path("meetings/<int:pk>/tasks/<int:task>/done/", meetings_minutes.finish, name="task-done"),
    path("meetings/<int:pk>/tasks/<int:task>/drop/", meetings_minutes.drop, name="task-drop"),
    re_path(
        r"^meetings/(?P<pk>[0-9]{1,18})/(?P<name>notice|replies|opinions|minutes)\.(?P<fmt>docx|pdf)$",
        meetings.paper,
        name="meeting-paper",
    ),
]

# The monthly slip
SLIPS = [
    path("slips/", ledger.ledger, name="ledger"),
    path("slips/<int:pk>/", slips.slip, name="slip"),
    path("slips/<int:pk>/acknowledge/", slips.acknowledge, name="slip-acknowledge"),
    path("slips/<int:pk>/record/", slips.record, name="slip-record"),
    re_path(r"^slips/(?P<pk>[0-9]{1,18})/paper\.(?P<fmt>docx|pdf)$", slips.paper, name="slip-paper"),
]

# Activities
ACTIVITIES = [
    path("activities/", activities.listing, name="activities"),
    path("activities/units/", parts.participations, name="participations"),
    path("activities/new/", activities.new, name="activity-new"),
    path("activities/<int:pk>/", activities.activity, name="activity"),
    path("activities/<int:pk>/edit/", activities.edit, name="activity-edit"),
    path("activities/<int:pk>/join/", activity_deeds.join, name="activity-join"),
    path("activities/<int:pk>/leave/", activity_deeds.leave, name="activity-leave"),
    path("activities/<int:pk>/unit/", activity_deeds.unit, name="activity-unit"),
    path("activities/<int:pk>/hold/", activity_deeds.hold, name="activity-hold"),
    path("activities/<int:pk>/record/", activity_deeds.record, name="activity-record"),
    path("activities/<int:pk>/cancel/", activity_deeds.cancel, name="activity-cancel"),
    path("activities/<int:pk>/photos/", activity_files.add, name="activity-photos"),
    path("activities/<int:pk>/photos/<int:photo>/", activity_files.picture, name="activity-photo"),
    path("activities/<int:pk>/photos/<int:photo>/remove/", activity_files.remove, name="activity-unphoto"),
    re_path(
        r"^activities/(?P<pk>[0-9]{1,18})/record\.(?P<fmt>docx|pdf)$",
        activity_files.paper,
        name="activity-paper",
    ),
]

# The month: one page for its whole chain
MONTH = [
    path("duties/", duty_months.duties, name="duties"),
    path("month/", month.this_month, name="this-month"),
    path("month/<slug:code>/<int:year>/<int:month>/", month.month, name="month"),
]

urlpatterns = [*ACTIVITIES, *MEETINGS, *MONTH, *YEAR, *SWAPS, *SLIPS]
