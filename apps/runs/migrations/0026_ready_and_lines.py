"""Claims read what is ready alone, and lines are read in their order."""

from django.db import migrations, models

from apps.workspaces.indexes import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runs", "0025_lines_rates_and_holds")]

    operations = [
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=models.Q(("line", None), ("status", "pending")),
                fields=["queue", "-priority", "turn", "id"],
                name="runs_ready",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=models.Q(("line", None), ("status", "pending")),
                fields=["workspace", "queue", "priority", "turn"],
                name="runs_ready_turns",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=models.Q(("line", None), ("status", "pending")),
                fields=["sent_at"],
                name="runs_ready_unheard",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=models.Q(("line__isnull", False)),
                fields=["line", "-priority", "id"],
                name="runs_in_line",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=models.Q(("line", None), ("status", "pending"), ("slots__isnull", False)),
                fields=["workflow", "limit_key", "-priority", "id"],
                name="runs_ready_for_slot",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=models.Q(
                    ("line", None),
                    ("status", "pending"),
                    ("rate_limit__isnull", False),
                    ("started_at", None),
                ),
                fields=["workflow", "rate_key", "-priority", "id"],
                name="runs_ready_to_start",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=models.Q(
                    ("deadline_at__isnull", False), ("line__isnull", False), ("status", "pending")
                ),
                fields=["deadline_at"],
                name="runs_late_in_line",
            ),
        ),
        AddIndexInUse(
            model_name="run",
            index=models.Index(
                condition=models.Q(("line", None), ("status", "pending"), ("priority__lt", 0)),
                fields=["id"],
                name="runs_ready_low",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("start_no__isnull", False)),
                fields=("workflow", "rate_key", "start_no"),
                name="runs_start_no_once",
            ),
        ),
        migrations.RemoveIndex(
            model_name="run",
            name="runs_unheard",
        ),
        migrations.RemoveIndex(
            model_name="run",
            name="runs_in_turn",
        ),
        migrations.RemoveIndex(
            model_name="run",
            name="runs_turns_taken",
        ),
        migrations.RemoveIndex(
            model_name="run",
            name="runs_in_line_for_slot",
        ),
    ]
