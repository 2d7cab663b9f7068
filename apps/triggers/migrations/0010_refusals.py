"""What a webhook of a draft did not let in while it listened."""

from django.db import migrations

import apps.workspaces.fields


class Migration(migrations.Migration):
    dependencies = [("triggers", "0009_polls")]

    operations = [
        migrations.AddField(
            model_name="webhooklistener",
            name="refusal",
            field=apps.workspaces.fields.OrderedJSONField(
                help_text="Why the last request was not let in: status, code, message, at.",
                null=True,
            ),
        ),
    ]
