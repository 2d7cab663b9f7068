"""What is new at a source starts runs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0014_early_answers")]

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
                    ("poll", "Poll"),
                ],
                max_length=16,
            ),
        ),
    ]
