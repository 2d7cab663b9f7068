"""The audit trail is found by who did it."""

from django.db import migrations, models

from apps.workspaces.indexes import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("workspaces", "0005_sessions")]

    operations = [
        AddIndexInUse(
            model_name="auditentry",
            index=models.Index(fields=["who", "-id"], name="audit_entries_by_whom"),
        ),
    ]
