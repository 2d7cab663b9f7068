"""Whoever changes a rule says at which revision they saw it; and when it was looked at is told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0005_rule_for_late_schedules"),
    ]

    operations = [
        migrations.AddField(
            model_name="alertrule",
            name="looked_at",
            field=models.DateTimeField(editable=False, help_text="Last; null: never.", null=True),
        ),
        migrations.AddField(
            model_name="alertrule",
            name="revision",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
    ]
