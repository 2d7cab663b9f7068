"""What became of slots is forgotten by its age."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triggers", "0015_queued_slots")]

    operations = [
        migrations.AddIndex(
            model_name="schedulefire",
            index=models.Index(fields=["fired_at"], name="schedule_fires_age"),
        ),
    ]
