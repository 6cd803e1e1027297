"""Will own scoring: rubrics, rounds, ballots, results, feedback, the quarterly assessment and awards."""

from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = "评议考核"
