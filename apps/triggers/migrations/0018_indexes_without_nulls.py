"""Bodies that are in the rows of their requests are in no index of payloads."""

import django.db.models.deletion
from django.db import migrations, models

from apps.workspaces.indexes import AddIndexInUse, DropForeignKeyIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("triggers", "0017_path_params")]

    operations = [
        AddIndexInUse(
            model_name="webhookrequest",
            index=models.Index(
                condition=models.Q(("body_payload__isnull", False)),
                fields=["body_payload"],
                name="webhook_requests_payloads",
            ),
        ),
        DropForeignKeyIndex(
            model_name="webhookrequest",
            name="body_payload",
            field=models.ForeignKey(
                db_index=False,
                help_text="Where large.",
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="runs.payload",
            ),
        ),
    ]
