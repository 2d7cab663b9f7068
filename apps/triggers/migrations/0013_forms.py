"""A form answers at an address of its own kind, beside the hooks of the same path."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triggers", "0012_polls_begin_anew")]

    operations = [
        migrations.RemoveConstraint(
            model_name="webhookendpoint",
            name="webhook_endpoints_live_address_once",
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="kind",
            field=models.CharField(
                choices=[("hook", "Hook"), ("form", "Form")],
                db_default="hook",
                default="hook",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_live", True)),
                fields=("path", "kind", "method"),
                name="webhook_endpoints_live_address_once",
            ),
        ),
    ]
