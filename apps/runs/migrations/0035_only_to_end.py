"""Pending runs that are only to be ended are found without reading those that are to be executed."""

from django.db import migrations, models
from django.db.models import Q

from apps.workspaces.indexes import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runs", "0034_turns")]

    operations = [
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=Q(("line", None), ("status", "pending"), ("deadline_at__isnull", False)),
                fields=["deadline_at"],
                name="runs_ready_late",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=Q(("cancel_requested_at__isnull", False), ("status", "pending")),
                fields=["cancel_requested_at"],
                name="runs_pending_cancelled",
            ),
        ),
    ]
