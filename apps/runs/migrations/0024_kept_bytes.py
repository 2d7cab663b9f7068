"""What a run was given, and its files, count as well; the column stays as it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0023_cancelled_and_held")]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="output_bytes",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                help_text="Of what it was given, what its steps gave, and files.",
            ),
        ),
    ]
