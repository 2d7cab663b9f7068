"""Invitations to workspaces."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0003_origin_of_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
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
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("viewer", "Viewer"),
                            ("operator", "Operator"),
                            ("editor", "Editor"),
                            ("admin", "Admin"),
                        ],
                        max_length=16,
                    ),
                ),
                ("link_number", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("expires_at", models.DateTimeField(editable=False)),
                (
                    "mailed_at",
                    models.DateTimeField(
                        editable=False,
                        help_text="When the last link was sent to the address.",
                        null=True,
                    ),
                ),
                (
                    "mail_error",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="Why the last link was not sent.",
                        max_length=500,
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "db_table": "invitations",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "email"), name="invitations_once_an_address"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email", django.db.models.functions.text.Lower("email"))
                        ),
                        name="invitations_email_is_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["viewer", "operator", "editor", "admin"])),
                        name="invitations_role_is_known",
                    ),
                ],
            },
        ),
    ]
