"""Filed reports get their brief, what the offices' tables read instead of the whole document; and the document becomes
the table's last column.

SQLite keeps the columns of a row one behind the other: whoever wants one behind 80 KB of document reads its twenty pages,
also for the number of the alliance. 400 reports without their documents took 25 ms for that alone.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import F

CHUNK = 50  # a document has some 80 KB
COUNTS = (
    "members", "meetings", "activities", "beneficiaries", "lists.demands", "lists.claims", "lists.delivered",
)  # fmt: skip
RATES = ("attendance", "rates.response", "rates.resolved", "rates.satisfied")


def brief_of(document: dict[str, Any]) -> dict[str, Any]:
    """As ``selectors.briefs`` wrote it when this migration was made."""
    known = {one["key"]: one for section in document["sections"] for one in section["figures"]}
    for table in document["tables"].values():
        known.update((one["key"], one) for one in table)
    known.update((one["key"], one) for one in document["mean"].values())
    shares = ("response", "resolved", "satisfied")
    return {
        "counts": {key: known[key]["numerator"] or 0 for key in COUNTS if key in known},
        "rates": {
            key: [known[key]["numerator"] or 0, known[key]["denominator"] or 0] for key in RATES if key in known
        },
        "mean": document["assessment"]["mean"],
        "rated": document["assessment"]["rated"],
        "trend": [
            number
            for point in document["trend"]
            for number in (
                point["year"],
                point["n"],
                *(point[key][side] for key in shares for side in ("part", "whole")),
            )
        ],
    }


def fill(apps: Any, schema_editor: Any) -> None:
    assessment = apps.get_model("evaluations", "Assessment")
    rows = assessment.objects.exclude(state="draft").only("pk", "figures").order_by("pk")
    for row in rows.iterator(chunk_size=CHUNK):
        if row.figures:
            assessment.objects.filter(pk=row.pk).update(brief=brief_of(row.figures))


def to_the_end(apps: Any, schema_editor: Any) -> None:
    apps.get_model("evaluations", "Assessment").objects.update(figures_last=F("figures"))


def back(apps: Any, schema_editor: Any) -> None:
    apps.get_model("evaluations", "Assessment").objects.update(figures=F("figures_last"))


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0003_year_end")]

    operations = [
        migrations.AddField("assessment", "brief", models.JSONField(default=dict)),
        migrations.AddField("assessment", "figures_last", models.JSONField(default=dict)),
        migrations.RunPython(to_the_end, back),
        migrations.RemoveField("assessment", "figures"),
        migrations.RenameField("assessment", "figures_last", "figures"),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
