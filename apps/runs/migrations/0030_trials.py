"""Runs that try out what is not published are told apart."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0029_lists_of_many")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="is_trial",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Its version was not published when it was made: nobody is alarmed if "
                "it fails.",
            ),
        ),
    ]
