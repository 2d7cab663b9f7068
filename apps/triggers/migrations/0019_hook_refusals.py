"""What hooks refuse is counted."""

import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triggers", "0018_indexes_without_nulls"),
        ("workspaces", "0005_sessions"),
    ]

    operations = [
        migrations.CreateModel(
            name="WebhookRefusal",
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
                ("day", models.DateField(help_text="In UTC.")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("method_not_allowed", "another method"),
                            ("not_authenticated", "wrong secret or signature"),
                            ("address_not_allowed", "from an address that may not send"),
                            ("rate_limited", "more than its rate"),
                            ("too_large", "too large"),
                            ("unreadable", "cannot be read"),
                            ("no_room", "its workflow keeps all that it may"),
                            ("busy", "too busy, or too slow"),
                            ("fault", "a fault on this side"),
                        ],
                        max_length=32,
                    ),
                ),
                ("count", models.PositiveBigIntegerField()),
                ("last_at", models.DateTimeField()),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refusals",
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
                "db_table": "webhook_refusals",
                "indexes": [models.Index(fields=["day"], name="webhook_refusals_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("endpoint", "day", "reason"), name="webhook_refusals_once"
                    )
                ],
            },
        ),
    ]
