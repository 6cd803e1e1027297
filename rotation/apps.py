from django.apps import AppConfig


class RotationConfig(AppConfig):
    """The rotating chair: annual table, duties, swaps, slips."""

    name = "rotation"
    verbose_name = "轮值"

    def ready(self) -> None:
        from rotation import wiring  # models are loaded only now

        wiring.register()
