"""Who asked for a run's end, when its owner had seen that, and when it was forced."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0021_drained_workers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="cancel_requested_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="cancel_acknowledged_at",
            field=models.DateTimeField(
                help_text="When its owner had seen that, and let nothing more begin.", null=True
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="cancel_forced_at",
            field=models.DateTimeField(
                help_text="When it was taken from an owner that did not let go.", null=True
            ),
        ),
    ]
