from django.apps import AppConfig


class DemandsConfig(AppConfig):
    """The four lists: resources and bookings, demands, dispatch and claims, acceptance and call-back."""

    name = "demands"
    verbose_name = "四项清单"

    def ready(self) -> None:
        from demands import wiring, wiring_lists, wiring_loop  # models are loaded only now

        wiring.register()
        wiring_loop.register()
        wiring_lists.register()
