"""Cancelled runs that their owner does not let go are found by an index."""

from django.db import migrations, models

from apps.workspaces.indexes import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runs", "0022_told_cancels")]

    operations = [
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=models.Q(
                    ("cancel_acknowledged_at__isnull", False), ("status", "running")
                ),
                fields=["cancel_acknowledged_at"],
                name="runs_held_in_spite",
            ),
        ),
    ]
