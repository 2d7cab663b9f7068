"""An alert knows by which channels it was told."""

from typing import Any

from django.db import migrations

import apps.workspaces.fields


def fill(apps: Any, editor: Any) -> None:
    alerts = apps.get_model("operations", "Alert").objects
    deliveries = apps.get_model("operations", "AlertDelivery").objects
    for alert in alerts.exclude(told_at=None).only("pk"):
        sent = deliveries.filter(alert=alert).order_by("channel")
        alert.told_by = list(sent.values_list("channel", flat=True).distinct())
        alert.save(update_fields=["told_by"])


class Migration(migrations.Migration):
    dependencies = [("operations", "0008_run_stats")]

    operations = [
        migrations.AddField(
            model_name="alert",
            name="told_by",
            field=apps.workspaces.fields.OrderedJSONField(
                db_default=[],
                default=list,
                help_text="By which channels; none: by the log alone.",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
