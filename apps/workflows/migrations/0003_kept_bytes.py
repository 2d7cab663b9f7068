"""How much the runs of a workflow keep, and the most that they may."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflows", "0002_retention")]

    operations = [
        migrations.AddField(
            "workflow",
            "max_kept_bytes",
            models.PositiveBigIntegerField(
                null=True,
                blank=True,
                help_text="How much its runs may keep in all, in bytes: with more no run is made. "
                "Empty: as for all workflows; 0: without limit.",
            ),
        ),
        migrations.AddField(
            "workflow",
            "kept_bytes",
            models.BigIntegerField(
                default=0, db_default=0, editable=False, help_text="What its runs keep, about."
            ),
        ),
        migrations.AddIndex(
            "workflow",
            models.Index(
                fields=["id"], condition=models.Q(max_kept_bytes__gt=0), name="workflows_capped"
            ),
        ),
    ]
