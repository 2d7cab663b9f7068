"""A webhook node may listen to several methods, and to a path that was made for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triggers", "0004_replays"),
        ("workflows", "0001_first_tables"),
        ("workspaces", "0002_variables"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="webhookendpoint",
            name="webhook_endpoints_one_a_node",
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="generated_path",
            field=models.CharField(
                blank=True,
                help_text="Made for the node once; its own while it names none.",
                max_length=32,
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.UniqueConstraint(
                fields=("workflow", "node_id", "method"),
                name="webhook_endpoints_one_a_node_and_method",
            ),
        ),
    ]
