"""What most runs do not have is in no index of theirs."""

import django.db.models.deletion
from django.db import migrations, models

from apps.workspaces.indexes import AddIndexInUse, DropForeignKeyIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runs", "0018_priorities_by_name")]

    operations = [
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=models.Q(("worker__isnull", False)),
                fields=["worker"],
                name="runs_of_workers",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=models.Q(("retry_of__isnull", False)),
                fields=["retry_of"],
                name="runs_retries",
            ),
        ),
        DropForeignKeyIndex(
            model_name="run",
            name="worker",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="runs",
                to="runs.worker",
            ),
        ),
        DropForeignKeyIndex(
            model_name="run",
            name="retry_of",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="retries",
                to="runs.run",
            ),
        ),
        # Those of steps are found by the constraint that a step makes each run once.
        DropForeignKeyIndex(
            model_name="run",
            name="parent_step",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="child_runs",
                to="runs.steprun",
            ),
        ),
    ]
