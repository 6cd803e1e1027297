"""Routes of the four lists, by who uses them."""

from demands.urls import claims, hall, intake, lists, residents, resources, stations

app_name = "demands"

urlpatterns = [
    *residents.urlpatterns,
    *lists.urlpatterns,
    *intake.urlpatterns,
    *hall.urlpatterns,
    *claims.urlpatterns,
    *stations.urlpatterns,
    *resources.urlpatterns,
]
