"""Failures that an error workflow is to hear of."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("runs", "0011_answers")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="failure_due_at",
            field=models.DateTimeField(
                help_text="When its failure is to be told; null: it was, or nobody asks for it.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="run",
            name="trigger",
            field=models.CharField(
                choices=[
                    ("manual", "Manual"),
                    ("api", "Api"),
                    ("webhook", "Webhook"),
                    ("schedule", "Schedule"),
                    ("retry", "Retry"),
                    ("child", "Child"),
                    ("error", "Error"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=Q(failure_due_at__isnull=False),
                fields=["failure_due_at"],
                name="runs_failures_to_tell",
            ),
        ),
    ]
