"""All routes of the deployment, each app's under its own namespace."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("alliances.urls")),
    path("", include("demands.urls")),
    path("", include("rotation.urls")),
    path("", include("evaluations.urls")),
    path("accounts/", include("config.account_urls")),
    path("admin/", admin.site.urls),
]
