"""What schedules need to fire: when each is due, and what became of its slots."""

from django.db import migrations, models

import apps.workspaces.fields


class Migration(migrations.Migration):
    dependencies = [
        ("triggers", "0001_first_tables"),
        ("workflows", "0001_first_tables"),
        ("workspaces", "0002_variables"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="schedule",
            name="schedules_due",
        ),
        migrations.AddField(
            model_name="schedule",
            name="due_at",
            field=models.DateTimeField(
                help_text="When that is to fire: with its jitter.", null=True
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="error",
            field=models.TextField(
                blank=True, help_text="Why it could not be fired when it was due."
            ),
        ),
        migrations.AddField(
            model_name="schedulefire",
            name="is_backfill",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="schedulefire",
            name="missed_from",
            field=models.DateTimeField(
                help_text="The slots from here to this one were missed.", null=True
            ),
        ),
        migrations.AddField(
            model_name="schedulefire",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("fired", "Fired"),
                    ("missed", "missed: FlowForge was not running"),
                    ("overlapped", "left out: the run before had not ended"),
                ],
                default="fired",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="schedule",
            name="is_live",
            field=models.BooleanField(default=False, help_text="Its workflow is active."),
        ),
        migrations.AlterField(
            model_name="schedule",
            name="next_run_at",
            field=models.DateTimeField(help_text="The next slot; none: never again.", null=True),
        ),
        migrations.AlterField(
            model_name="schedule",
            name="rule",
            field=apps.workspaces.fields.OrderedJSONField(help_text="The node's params."),
        ),
        migrations.AddIndex(
            model_name="schedule",
            index=models.Index(
                condition=models.Q(("is_live", True), ("paused_at", None)),
                fields=["due_at"],
                name="schedules_due",
            ),
        ),
    ]
