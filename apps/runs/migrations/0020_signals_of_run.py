"""What reached a run is found by an index, so that runs can be deleted."""

from django.db import migrations, models

from apps.workspaces.indexes import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runs", "0019_indexes_without_nulls")]

    operations = [
        AddIndexInUse(
            model_name="runsignal",
            index=models.Index(fields=["run"], name="run_signals_of_run"),
        ),
    ]
