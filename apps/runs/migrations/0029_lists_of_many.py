"""Lists of runs and steps by what only few of a million have."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from apps.workspaces.indexes import AddIndexInUse, DropForeignKeyIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runs", "0028_ended_and_failed")]

    operations = [
        AddIndexInUse(
            model_name="run",
            index=models.Index(fields=["version", "-id"], name="runs_newest_of_version"),
        ),
        DropForeignKeyIndex(
            model_name="run",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="runs",
                to="versions.workflowversion",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                fields=["workspace", "trigger", "-id"], name="runs_newest_by_trigger"
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=Q(("started_at__isnull", False)),
                fields=["workspace", "started_at"],
                name="runs_by_start",
            ),
        ),
        AddIndexInUse(
            model_name="steprun",
            index=models.Index(
                condition=Q(("status__in", ("running", "waiting"))),
                fields=["status", "-id"],
                name="step_runs_open",
            ),
        ),
    ]
