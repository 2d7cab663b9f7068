"""Words by which workflows are found. A table of its own: processes of before know nothing of it."""

import django.db.models.deletion
from django.db import migrations, models
from uuid_utils.compat import uuid7


class Migration(migrations.Migration):
    dependencies = [("workflows", "0003_kept_bytes")]

    operations = [
        migrations.CreateModel(
            "WorkflowTag",
            [
                (
                    "id",
                    models.UUIDField(
                        default=uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                (
                    "workflow",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
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
                "db_table": "workflow_tags",
                "ordering": ("name",),
                "indexes": [
                    models.Index(
                        fields=["workspace", "name", "workflow"], name="workflow_tags_by_name"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("workflow", "name"), name="workflow_tags_once")
                ],
            },
        )
    ]
