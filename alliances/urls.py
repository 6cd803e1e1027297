"""Routes of the foundation."""

app_name = "alliances"
urlpatterns: list = []
