"""Priorities have names. Rows that were given other numbers count by their sign; nothing moves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0017_open_runs_of_schedules")]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="priority",
            field=models.SmallIntegerField(
                choices=[(1, "high"), (0, "default"), (-1, "low")],
                default=0,
                help_text="Higher runs are claimed first.",
            ),
        ),
    ]
