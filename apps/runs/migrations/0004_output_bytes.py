"""How much the steps of a run gave, in all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0003_partial_runs")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="output_bytes",
            field=models.BigIntegerField(
                db_default=0, default=0, help_text="Of all that its steps gave."
            ),
        ),
    ]
