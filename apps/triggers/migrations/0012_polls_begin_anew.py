"""A cursor says of which source it is. Those that do not are left, there and back."""

from django.db import migrations


def begin_anew(apps, schema_editor):
    apps.get_model("triggers", "Poll").objects.update(cursor=None)


class Migration(migrations.Migration):
    dependencies = [("triggers", "0011_poll_failures")]

    operations = [migrations.RunPython(begin_anew, begin_anew)]
