"""Runs are found by when they ended, and failures by their group, or that they are in none."""

from django.db import migrations, models
from django.db.models import Q

from apps.workspaces.indexes import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runs", "0027_error_groups")]

    operations = [
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=Q(("error_group", None), ("status", "failed")),
                fields=["id"],
                name="runs_ungrouped",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=Q(("error_group__isnull", False)),
                fields=["error_group", "-id"],
                name="runs_of_error_group",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=Q(("finished_at__isnull", False)),
                fields=["finished_at"],
                name="runs_finished",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=Q(("status", "failed")),
                fields=["workspace", "finished_at"],
                name="runs_failed_lately",
            ),
        ),
    ]
