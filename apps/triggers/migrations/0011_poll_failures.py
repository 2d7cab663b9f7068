"""Polls that fail one time after the other are looked at less often."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triggers", "0010_refusals")]

    operations = [
        migrations.AddField(
            model_name="poll",
            name="failures",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="Looks that failed, one after the other, up to now.",
            ),
        ),
    ]
