"""How long runs are kept, and how many: without a value as the settings say."""

from django.db import migrations, models


def limit(help_text: str) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(null=True, blank=True, help_text=help_text)


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_first_tables")]

    operations = [
        migrations.AddField(
            "workflow",
            "keep_completed_days",
            limit(
                "How long runs are kept that completed or were cancelled. "
                "Empty: as for all workflows; 0: for ever."
            ),
        ),
        migrations.AddField(
            "workflow",
            "keep_failed_days",
            limit("How long failed runs are kept. Empty: as for all workflows; 0: for ever."),
        ),
        migrations.AddField(
            "workflow",
            "keep_runs",
            limit("How many runs are kept, the newest. Empty: as for all workflows; 0: all."),
        ),
    ]
