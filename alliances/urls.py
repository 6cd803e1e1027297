"""Routes of the foundation."""

from django.urls import path

from alliances.views import exports, imports

app_name = "alliances"
urlpatterns: list = [
    # importing spreadsheets
    path("imports/", imports.index, name="imports"),
    path("imports/<slug:kind>/", imports.new, name="import-new"),
    path("imports/<slug:kind>/template/", imports.template, name="import-template"),
    path("imports/drafts/<int:pk>/", imports.draft, name="import-draft"),
    path("imports/drafts/<int:pk>/answer/", imports.answer, name="import-answer"),
    path("imports/drafts/<int:pk>/commit/", imports.commit, name="import-commit"),
    path("imports/drafts/<int:pk>/drop/", imports.drop, name="import-drop"),
    # taking lists out of the house
    path("exports/<slug:name>/", exports.export, name="export"),
]
