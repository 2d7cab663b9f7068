"""A job that ended keeps how many of its runs came to which outcome."""

from django.db import migrations

import apps.workspaces.fields


class Migration(migrations.Migration):
    dependencies = [("operations", "0009_by_what_alerts_are_told")]

    operations = [
        migrations.AddField(
            model_name="bulkjob",
            name="counts",
            field=apps.workspaces.fields.OrderedJSONField(
                help_text="Runs by outcome, once none of these changes any more.", null=True
            ),
        ),
    ]
