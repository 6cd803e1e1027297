"""Routes of the rotation."""

app_name = "rotation"
urlpatterns: list = []
