"""The runs of a schedule that have not ended are found by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0016_forms")]

    operations = [
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("finished_at", None), ("trigger", "schedule")),
                fields=["workflow", "trigger_node"],
                name="runs_open_of_schedules",
            ),
        ),
    ]
