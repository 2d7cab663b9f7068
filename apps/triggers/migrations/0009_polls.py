"""The sources that triggers look at."""

import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models

import apps.workspaces.fields


class Migration(migrations.Migration):
    dependencies = [
        ("triggers", "0008_model_listeners"),
        ("versions", "0002_never_changed"),
        ("workflows", "0001_first_tables"),
        ("workspaces", "0002_variables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Poll",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("node_id", models.CharField(max_length=64)),
                ("type", models.CharField(help_text="Of the node.", max_length=64)),
                ("params", apps.workspaces.fields.OrderedJSONField(help_text="Of the node.")),
                (
                    "is_live",
                    models.BooleanField(default=False, help_text="Its workflow is active."),
                ),
                (
                    "cursor",
                    apps.workspaces.fields.OrderedJSONField(
                        help_text="How far it has looked; null: not yet.", null=True
                    ),
                ),
                ("due_at", models.DateTimeField()),
                (
                    "looked_at",
                    models.DateTimeField(help_text="When a look last succeeded.", null=True),
                ),
                ("error", models.TextField(blank=True, help_text="Why the last look failed.")),
                (
                    "held_by",
                    models.UUIDField(help_text="The look that is under way.", null=True),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="versions.workflowversion",
                    ),
                ),
                (
                    "workflow",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="polls",
                        to="workflows.workflow",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "db_table": "polls",
                "ordering": ("due_at",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_live", True)), fields=["due_at"], name="polls_due"
                    ),
                    models.Index(fields=["workspace", "due_at"], name="polls_of_workspace"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("workflow", "node_id"), name="polls_one_a_node")
                ],
            },
        ),
    ]
