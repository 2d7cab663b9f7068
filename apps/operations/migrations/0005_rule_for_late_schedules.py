"""The rule by which the addresses of ALERT_EMAILS are told of late schedules."""

from typing import Any

from django.db import migrations


def make_rule(apps: Any, schema_editor: Any) -> None:
    apps.get_model("operations", "AlertRule").objects.create(
        name="Late schedules", kind="schedule_late", is_built_in=True, to_operators=True
    )


def delete_rule(apps: Any, schema_editor: Any) -> None:
    apps.get_model("operations", "AlertRule").objects.filter(is_built_in=True).delete()


class Migration(migrations.Migration):
    dependencies = [("operations", "0004_alerts")]

    operations = [migrations.RunPython(make_rule, delete_rule)]
