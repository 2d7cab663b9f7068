"""Requests that come again are known by what their senders call them."""

import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triggers", "0005_several_methods"),
        ("workspaces", "0002_variables"),
    ]

    operations = [
        migrations.CreateModel(
            name="WebhookDelivery",
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
                ("key", models.CharField(help_text="Its SHA-256.", max_length=64)),
                (
                    "run",
                    models.UUIDField(
                        help_text="Also when it is deleted: it was started all the same."
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="triggers.webhookendpoint",
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
                "db_table": "webhook_deliveries",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["expires_at"], name="webhook_deliveries_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("endpoint", "key"), name="webhook_deliveries_once"
                    )
                ],
            },
        ),
    ]
