"""Values that all workflows of a workspace read."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0001_first_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Variable",
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
                (
                    "name",
                    models.CharField(
                        help_text="Expressions read it as $vars.name.",
                        max_length=50,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z_][A-Za-z0-9_]*\\Z",
                                "A name has letters, digits and “_” only, and does not begin with a digit.",
                            )
                        ],
                    ),
                ),
                (
                    "value",
                    models.TextField(
                        blank=True,
                        help_text="Text, no secret: everybody here can read it.",
                        max_length=4000,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variables",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "db_table": "variables",
                "ordering": ("name",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "name"), name="variables_once_a_name"
                    )
                ],
            },
        ),
    ]
