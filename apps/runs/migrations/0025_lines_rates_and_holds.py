"""Rates, holds, and lines, in which the runs wait that cannot be claimed just now.

Safe while workers run: all new columns are null or have a default of the database. A worker of the
version before goes on, but knows neither rates nor holds, claims what waits in a line, and lacks the
index that its claim read: replace all of them soon. A run that it took out of a line bears the line
until it is claimed again, which harms nothing. The way back forgets holds and lines, and no run.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0024_kept_bytes"),
        ("versions", "0002_never_changed"),
        ("workflows", "0001_first_tables"),
        ("workspaces", "0002_variables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        editable=False,
                        help_text="The id of what is held; 0: everything.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "db_table": "holds",
                "ordering": ("-created_at",),
            },
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        editable=False,
                        help_text="Made of workflow, kind and key.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("hold", "Hold"), ("slot", "Slot"), ("rate", "Rate")], max_length=8
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=128)),
                (
                    "look_at",
                    models.DateTimeField(help_text="When its first runs may perhaps be let go."),
                ),
            ],
            options={
                "db_table": "run_lines",
            },
        ),
        migrations.AddField(
            model_name="run",
            name="rate_key",
            field=models.CharField(blank=True, db_default="", default="", max_length=128),
        ),
        migrations.AddField(
            model_name="run",
            name="rate_limit",
            field=models.PositiveIntegerField(
                help_text="How many runs of its workflow and rate_key may start in any rate_s.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="rate_s",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="start_no",
            field=models.BigIntegerField(
                help_text="Its number among the starts of its workflow and rate_key.", null=True
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="created_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="workflow",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workflows.workflow",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="workspace",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workspaces.workspace",
            ),
        ),
        migrations.AddField(
            model_name="line",
            name="workflow",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workflows.workflow",
            ),
        ),
        migrations.AddField(
            model_name="line",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workspaces.workspace",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="line",
            field=models.ForeignKey(
                db_index=False,
                help_text="In which it waits, hidden from the claim; null: nothing is known against it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="runs",
                to="runs.line",
            ),
        ),
        migrations.AddIndex(
            model_name="line",
            index=models.Index(fields=["look_at"], name="run_lines_to_look_at"),
        ),
        migrations.AddIndex(
            model_name="line",
            index=models.Index(fields=["kind", "workspace"], name="run_lines_of_kind"),
        ),
    ]
