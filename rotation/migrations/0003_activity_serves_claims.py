from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("demands", "0001_the_four_lists"),
        ("rotation", "0002_the_month"),
    ]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="claims",
            field=models.ManyToManyField(
                blank=True, related_name="activities", to="demands.claim", verbose_name="服务的需求"
            ),
        ),
    ]
