"""Jobs may also mark runs as failed, with a note, and delete them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0002_error_groups")]

    operations = [
        migrations.AddField(
            model_name="bulkjob",
            name="note",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Why, of what is marked.",
                max_length=500,
            ),
        ),
        migrations.AlterField(
            model_name="bulkjob",
            name="deed",
            field=models.CharField(
                choices=[
                    ("cancel", "Cancel"),
                    ("retry", "Retry"),
                    ("mark_failed", "Mark Failed"),
                    ("delete", "Delete"),
                ],
                max_length=16,
            ),
        ),
    ]
