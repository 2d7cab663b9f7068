"""What a partial run is made with: pins, of the run and of its steps."""

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
        migrations.AddField(
            model_name="steprun",
            name="is_pinned",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="It gave what was pinned; the node did not run.",
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
