"""Routes of the foundation."""

from django.urls import path

from alliances.views import (
    circle,
    commitments,
    desk,
    export_jobs,
    exports,
    imports,
    inbox,
    invitations,
    log,
    members,
    office,
    outbox,
    people,
    settings,
    shell,
    status,
)

app_name = "alliances"
urlpatterns: list = [
    # the frame
    path("", desk.desk, name="desk"),
    path("desk/month/", desk.month, name="desk-month"),
    path("desk/news/", desk.news, name="desk-news"),
    path("office/", office.office, name="office"),
    path("choose/", shell.choose, name="choose"),
    path("big-type/", shell.big_type, name="big-type"),
    path("complaint/", shell.complaint, name="complaint"),
    path("demo/clock/", shell.move_clock, name="demo-clock"),
    # member units
    path("members/", members.members, name="members"),
    path("members/new/", members.new, name="member-new"),
    path("members/<int:pk>/", members.member, name="member"),
    path("members/<int:pk>/edit/", members.edit, name="member-edit"),
    path("members/<int:pk>/liaison/", members.liaison, name="member-liaison"),
    path("members/<int:pk>/agreement/", members.agreement, name="member-agreement"),
    path("members/<int:pk>/leave/", members.leave, name="member-leave"),
    # what they have promised
    path("commitments/", commitments.commitments, name="commitments"),
    path("commitments/<int:pk>/", commitments.commitment, name="commitment"),
    path("commitments/<int:pk>/fulfil/", commitments.fulfil, name="commitment-fulfil"),
    path("commitments/<int:pk>/waive/", commitments.waive, name="commitment-waive"),
    path("commitments/<int:pk>/reopen/", commitments.reopen, name="commitment-reopen"),
    path("members/<int:pk>/commitments/new/", commitments.new, name="commitment-new"),
    # posts and accounts
    path("posts/", people.posts, name="posts"),
    path("posts/<int:pk>/end/", people.end_post, name="post-end"),
    path("people/", people.accounts_list, name="accounts"),
    path("people/new/", people.appoint, name="appoint"),
    path("people/<int:pk>/", people.account, name="account"),
    path("people/<int:pk>/invite/", people.invite, name="invite"),
    path("people/<int:pk>/password/", people.reset_password, name="reset-password"),
    path("people/<int:pk>/enable/", people.enable, name="account-enable"),
    path("people/<int:pk>/disable/", people.disable, name="account-disable"),
    path("invite/<str:token>/", invitations.invitation, name="invitation"),
    # messages
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read_all, name="inbox-read"),
    path("inbox/<int:pk>/", inbox.message, name="message"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:pk>/again/", outbox.send_again, name="send-again"),
    # the circle
    path("circle/", circle.feed, name="circle"),
    path("circle/new/", circle.new, name="circle-new"),
    path("circle/public/<slug:code>/", circle.public, name="circle-public"),
    path("circle/<int:pk>/", circle.entry, name="circle-entry"),
    path("circle/<int:pk>/attach/", circle.attach, name="circle-attach"),
    path("circle/<int:pk>/withdraw/", circle.withdraw, name="circle-withdraw"),
    path("circle/<int:pk>/files/<int:attachment>/", circle.file, name="circle-file"),
    # rules, log, state
    path("settings/", settings.settings, name="settings"),
    path("settings/days/", settings.days, name="days"),
    path("settings/days/<int:pk>/remove/", settings.remove_day, name="day-remove"),
    path("log/", log.log, name="log"),
    path("status/", status.status, name="status"),
    path("health/", status.health, name="health"),
    # importing spreadsheets
    path("imports/", imports.index, name="imports"),
    path("imports/<slug:kind>/", imports.new, name="import-new"),
    path("imports/<slug:kind>/template/", imports.template, name="import-template"),
    path("imports/drafts/<int:pk>/", imports.draft, name="import-draft"),
    path("imports/drafts/<int:pk>/answer/", imports.answer, name="import-answer"),
    path("imports/drafts/<int:pk>/commit/", imports.commit, name="import-commit"),
    path("imports/drafts/<int:pk>/drop/", imports.drop, name="import-drop"),
    # taking lists out of the house
    path("exports/", export_jobs.index, name="export-jobs"),
    path("exports/jobs/<int:pk>/", export_jobs.job, name="export-job"),
    path("exports/jobs/<int:pk>/file/", export_jobs.fetch, name="export-job-file"),
    path("exports/jobs/<int:pk>/drop/", export_jobs.drop, name="export-job-drop"),
    path("exports/<slug:name>/", exports.export, name="export"),
]
