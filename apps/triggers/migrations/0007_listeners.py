"""Webhooks of drafts that listen for one request."""

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

import apps.triggers.models.hooks
import apps.workspaces.fields


class Migration(migrations.Migration):
    dependencies = [
        ("triggers", "0006_deliveries"),
        ("versions", "0002_never_changed"),
        ("workflows", "0001_first_tables"),
        ("workspaces", "0002_variables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WebhookListener",
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
                (
                    "path",
                    models.CharField(
                        default=apps.triggers.models.hooks.new_test_path, max_length=64, unique=True
                    ),
                ),
                (
                    "params",
                    apps.workspaces.fields.OrderedJSONField(
                        help_text="Of the node, when it began to listen."
                    ),
                ),
                ("until", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        help_text="What came.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="triggers.webhookrequest",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        help_text="To be run.",
                        null=True,
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
                        related_name="+",
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
                "db_table": "webhook_listeners",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workflow", "node_id"), name="webhook_listeners_one_a_node"
                    )
                ],
            },
        ),
    ]
