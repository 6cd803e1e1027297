"""Filed reports get their brief: what the offices' tables read instead of the whole document."""

from typing import Any

from django.db import migrations, models

CHUNK = 50  # a document has some 80 KB
FIGURES = (
    "members", "meetings", "activities", "beneficiaries", "lists.demands", "lists.claims", "lists.delivered",
    "attendance", "rates.response", "rates.resolved", "rates.satisfied",
)  # fmt: skip
KEPT = ("key", "label", "kind", "value", "numerator", "denominator")


def brief_of(document: dict[str, Any]) -> dict[str, Any]:
    """As ``selectors.briefs`` wrote it when this migration was made."""
    known = {one["key"]: one for section in document["sections"] for one in section["figures"]}
    for table in document["tables"].values():
        known.update((one["key"], one) for one in table)
    known.update((one["key"], one) for one in document["mean"].values())
    figures = [{name: known[key][name] for name in KEPT} for key in FIGURES if key in known]
    assessed = document["assessment"]
    return {
        "sections": [{"figures": figures}],
        "tables": {},
        "mean": {},
        "trend": document["trend"],
        "assessment": {"mean": assessed["mean"], "rated": assessed["rated"]},
    }


def fill(apps: Any, schema_editor: Any) -> None:
    assessment = apps.get_model("evaluations", "Assessment")
    rows = assessment.objects.exclude(state="draft").only("pk", "figures").order_by("pk")
    for row in rows.iterator(chunk_size=CHUNK):
        if row.figures:
            assessment.objects.filter(pk=row.pk).update(brief=brief_of(row.figures))


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0002_quarterly_assessment")]

    operations = [
        migrations.AddField("assessment", "brief", models.JSONField(default=dict)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
