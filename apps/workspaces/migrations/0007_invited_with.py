"""An invitation knows by which API key it was sent."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0006_audit_by_whom")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="invited_with",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="workspaces.apikey",
            ),
        ),
    ]
