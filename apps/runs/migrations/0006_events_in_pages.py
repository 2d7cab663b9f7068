"""An index that serves the events of a run a page at a time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0005_line_for_slots")]

    operations = [
        migrations.AddIndex(
            model_name="steprun",
            index=models.Index(fields=["run", "seq", "seq_started"], name="step_runs_in_page"),
        ),
        migrations.RemoveIndex(model_name="steprun", name="step_runs_behind_cursor"),
    ]
