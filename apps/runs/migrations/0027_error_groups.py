"""A failed run knows the group of failures like its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0026_ready_and_lines")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="error_group",
            field=models.UUIDField(
                help_text="Of the failures like its own; null: it did not fail, or is new.",
                null=True,
            ),
        ),
    ]
