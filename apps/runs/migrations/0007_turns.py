"""Workspaces are served in turn: pending runs bear theirs, and the queue's indexes go by it."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("runs", "0006_events_in_pages")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="turn",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                help_text="Its place among the pending runs of all workspaces; 0: it was had.",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=Q(status="pending"),
                fields=["queue", "-priority", "turn", "id"],
                name="runs_in_turn",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=Q(status="pending"),
                fields=["workspace", "queue", "priority", "turn"],
                name="runs_turns_taken",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=Q(slots__isnull=False) & Q(status="pending"),
                fields=["workflow", "limit_key", "-priority", "turn", "id"],
                name="runs_in_line_for_slot",
            ),
        ),
        migrations.RemoveIndex(model_name="run", name="runs_claimable"),
        migrations.RemoveIndex(model_name="run", name="runs_in_line"),
    ]
