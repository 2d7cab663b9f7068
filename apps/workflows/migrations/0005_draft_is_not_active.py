"""A workflow that is not active is called so: it may have been published before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0004_tags"),
    ]

    operations = [
        migrations.AlterField(
            model_name="workflow",
            name="status",
            field=models.CharField(
                choices=[("draft", "Not active"), ("active", "Active"), ("archived", "Archived")],
                default="draft",
                max_length=16,
            ),
        ),
    ]
