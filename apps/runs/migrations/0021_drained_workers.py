"""Workers say what they are, and can be asked to drain."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0020_signals_of_run")]

    operations = [
        migrations.AddField(
            model_name="worker",
            name="drain_requested_at",
            field=models.DateTimeField(
                help_text="Since then it is to claim nothing more.", null=True
            ),
        ),
        migrations.AddField(
            model_name="worker",
            name="drained_at",
            field=models.DateTimeField(help_text="Since then it holds nothing.", null=True),
        ),
        migrations.AddField(
            model_name="worker",
            name="queues",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="Of the broker.", max_length=255
            ),
        ),
        migrations.AddField(
            model_name="worker",
            name="threads",
            field=models.PositiveIntegerField(
                db_default=0, default=0, help_text="How many runs it executes at once."
            ),
        ),
        migrations.AddField(
            model_name="worker",
            name="version",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="Of FlowForge.", max_length=32
            ),
        ),
    ]
