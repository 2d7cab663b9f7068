"""Slots wait until the run before has ended."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triggers", "0014_lateness"), ("runs", "0017_open_runs_of_schedules")]

    operations = [
        migrations.AlterField(
            model_name="schedulefire",
            name="fired_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                help_text="When it fired, or that it did not was noted.",
            ),
        ),
        migrations.AlterField(
            model_name="schedulefire",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("fired", "Fired"),
                    ("queued", "queued: it is to fire once the run before has ended"),
                    ("missed", "missed: FlowForge was not running"),
                    ("overlapped", "left out: the run before had not ended"),
                ],
                default="fired",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="schedulefire",
            index=models.Index(
                condition=models.Q(("outcome", "queued")),
                fields=["schedule", "slot"],
                name="schedule_fires_queued",
            ),
        ),
    ]
