from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    """Scoring: rubrics, rounds, ballots, results, feedback, comments."""

    name = "evaluations"
    verbose_name = "评议考核"

    def ready(self) -> None:
        from evaluations import wiring  # models are loaded only now

        wiring.register()
