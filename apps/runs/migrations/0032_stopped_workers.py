"""Workers can be asked to end themselves, and say whether they serve the web too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0031_failures_to_group")]

    operations = [
        migrations.AddField(
            model_name="worker",
            name="is_server",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Its process serves the web too, and is not stopped from there.",
            ),
        ),
        migrations.AddField(
            model_name="worker",
            name="stop_requested_at",
            field=models.DateTimeField(
                help_text="Since then its process is to end itself.", null=True
            ),
        ),
    ]
