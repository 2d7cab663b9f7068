"""What the webhook of a run is to answer."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import apps.workspaces.fields


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0010_values_and_seen_keys"),
        ("workspaces", "0001_first_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="RunAnswer",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="answer",
                        serialize=False,
                        to="runs.run",
                    ),
                ),
                ("status", models.PositiveSmallIntegerField()),
                ("headers", apps.workspaces.fields.OrderedJSONField(default=dict)),
                ("body", models.BinaryField(default=bytes)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "payload",
                    models.ForeignKey(
                        help_text="The body where large.",
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="runs.payload",
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
                "db_table": "run_answers",
            },
        ),
    ]
