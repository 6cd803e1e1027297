from django.apps import AppConfig


class AlliancesConfig(AppConfig):
    """The foundation: who exists, who may, what happened, what was sent."""

    name = "alliances"
    verbose_name = "联盟"

    def ready(self) -> None:
        from alliances import wiring  # models are loaded only now

        wiring.register()
