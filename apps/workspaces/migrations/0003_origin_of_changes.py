"""The audit trail tells from where a change came, and is found by its object and by the deed."""

from django.db import migrations, models

from apps.workspaces.indexes import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("workspaces", "0002_variables")]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="who",
            field=models.TextField(
                help_text="As they were called then; empty: FlowForge itself.", null=True
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="way",
            field=models.CharField(
                choices=[
                    ("web", "web app"),
                    ("api", "API"),
                    ("admin", "admin"),
                    ("link", "link"),
                    ("command", "command"),
                    ("worker", "worker"),
                ],
                max_length=16,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="address",
            field=models.GenericIPAddressField(null=True),
        ),
        AddIndexInUse(
            model_name="auditentry",
            index=models.Index(fields=["object_id", "-id"], name="audit_entries_of_object"),
        ),
        AddIndexInUse(
            model_name="auditentry",
            index=models.Index(fields=["action", "-id"], name="audit_entries_by_action"),
        ),
    ]
