"""Runs bear values by which they are found, and nodes remember what they have seen."""

import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0009_run_files"),
        ("workflows", "0001_first_tables"),
        ("workspaces", "0001_first_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="RunValue",
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
                ("name", models.CharField(max_length=50)),
                ("value", models.CharField(max_length=512)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values",
                        to="runs.run",
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
                "db_table": "run_values",
                "indexes": [
                    models.Index(
                        fields=["workspace", "name", "value", "-run"], name="run_values_newest"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "name"), name="run_values_once_a_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="SeenKey",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "scope",
                    models.CharField(
                        help_text="The node, or a name that several share.", max_length=128
                    ),
                ),
                ("key", models.BinaryField(max_length=32)),
                ("run", models.UUIDField(help_text="The run that took it; it may be gone.")),
                ("node_id", models.CharField(max_length=64)),
                ("iteration", models.PositiveIntegerField()),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                "db_table": "seen_keys",
                "indexes": [
                    models.Index(fields=["workflow", "scope", "-id"], name="seen_keys_newest")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workflow", "scope", "key"), name="seen_keys_once"
                    )
                ],
            },
        ),
    ]
