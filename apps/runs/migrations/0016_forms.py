"""What is sent to a form starts runs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0015_polls")]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="trigger",
            field=models.CharField(
                choices=[
                    ("manual", "Manual"),
                    ("api", "Api"),
                    ("webhook", "Webhook"),
                    ("form", "Form"),
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
