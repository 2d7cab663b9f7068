"""Who listens to rows of an operator's models."""

import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models

import apps.workspaces.fields


class Migration(migrations.Migration):
    dependencies = [
        ("triggers", "0007_listeners"),
        ("versions", "0002_never_changed"),
        ("workflows", "0001_first_tables"),
        ("workspaces", "0002_variables"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelListener",
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
                ("model", models.CharField(help_text="Its label, in lower case.", max_length=200)),
                (
                    "events",
                    apps.workspaces.fields.OrderedJSONField(help_text="To which it listens."),
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
                        related_name="model_listeners",
                        to="workflows.workflow",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "db_table": "model_listeners",
                "ordering": ("model", "id"),
                "indexes": [models.Index(fields=["model", "id"], name="model_listeners_of_model")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workflow", "node_id"), name="model_listeners_one_a_node"
                    )
                ],
            },
        ),
    ]
