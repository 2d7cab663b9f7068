"""Credentials are found by words of their names."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def fold(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    credentials = apps.get_model("credentials", "Credential").objects
    for id, name in list(credentials.values_list("pk", "name")):
        credentials.filter(pk=id).update(name_folded=name.casefold())


class Migration(migrations.Migration):
    dependencies = [
        ("credentials", "0002_tokens_of_oauth2"),
    ]

    operations = [
        migrations.AddField(
            model_name="credential",
            name="name_folded",
            field=models.TextField(
                db_default="",
                editable=False,
                help_text="The name for searching: both databases fold case differently.",
            ),
        ),
        migrations.RunPython(fold, migrations.RunPython.noop),
    ]
