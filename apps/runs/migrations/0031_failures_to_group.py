"""Failures that are in no group are found without those of trials, which come into none."""

from django.db import migrations, models
from django.db.models import Q

from apps.workspaces.indexes import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runs", "0030_trials")]

    operations = [
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=Q(("error_group", None), ("is_trial", False), ("status", "failed")),
                fields=["id"],
                name="runs_to_group",
            ),
        ),
        migrations.RemoveIndex(model_name="run", name="runs_ungrouped"),
    ]
