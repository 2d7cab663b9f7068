"""What a partial run is made with beside its version: pins."""

import django.db.models.deletion
from django.db import migrations, models

import apps.workspaces.fields


class Migration(migrations.Migration):
    dependencies = [("runs", "0002_slots_and_payloads")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="pins",
            field=apps.workspaces.fields.OrderedJSONField(
                help_text="What was pinned for it, beside what its graph pins; null: no pins count.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="pins_payload",
            field=models.ForeignKey(
                db_index=False,
                help_text="Where large.",
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="runs.payload",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("pins_payload__isnull", False)),
                fields=["pins_payload"],
                name="runs_pins_payloads",
            ),
        ),
    ]
