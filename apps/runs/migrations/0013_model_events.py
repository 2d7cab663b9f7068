"""Rows of an operator's models start runs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0012_failures_to_tell")]

    operations = [
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
                    ("model_event", "Model Event"),
                ],
                max_length=16,
            ),
        ),
    ]
