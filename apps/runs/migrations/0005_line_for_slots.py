"""An index that serves the place of a run in the line for a slot."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0004_output_bytes")]

    operations = [
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("slots__isnull", False), ("status", "pending")),
                fields=["workflow", "limit_key", "-priority", "id"],
                name="runs_in_line",
            ),
        ),
    ]
