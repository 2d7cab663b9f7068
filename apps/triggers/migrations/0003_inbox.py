"""What the inbox keeps of a request beside its text."""

import django.db.models.deletion
from django.db import migrations, models

import apps.workspaces.fields


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0011_answers"),
        ("triggers", "0002_firing"),
    ]

    operations = [
        migrations.AddField(
            model_name="webhookrequest",
            name="address",
            field=models.CharField(blank=True, help_text="Of who sent it.", max_length=64),
        ),
        migrations.AddField(
            model_name="webhookrequest",
            name="body_payload",
            field=models.ForeignKey(
                help_text="Where large.",
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="runs.payload",
            ),
        ),
        migrations.AddField(
            model_name="webhookrequest",
            name="size",
            field=models.PositiveBigIntegerField(default=0, help_text="Of the body, in bytes."),
        ),
        migrations.AlterField(
            model_name="webhookrequest",
            name="headers",
            field=apps.workspaces.fields.OrderedJSONField(default=dict),
        ),
    ]
