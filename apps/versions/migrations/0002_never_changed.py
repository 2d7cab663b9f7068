"""Has the database itself refuse to change a version.

Altering this table on SQLite makes it anew and loses its triggers: a migration that does so must
end with this operation again (a test looks for the trigger).
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FIXED = "id, workspace_id, workflow_id, version, graph_json, content_hash, note, created_at"

SQLITE = f"""
CREATE TRIGGER workflow_versions_never_change BEFORE UPDATE OF {FIXED} ON workflow_versions
BEGIN SELECT RAISE(ABORT, 'a workflow version never changes'); END
"""
POSTGRESQL = f"""
CREATE FUNCTION refuse_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a workflow version never changes' USING ERRCODE = 'restrict_violation'; END
$$;
CREATE TRIGGER workflow_versions_never_change BEFORE UPDATE OF {FIXED} ON workflow_versions
FOR EACH ROW EXECUTE FUNCTION refuse_version_change()
"""


def add_trigger(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute(POSTGRESQL if is_postgresql else SQLITE)


def remove_trigger(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "DROP TRIGGER workflow_versions_never_change ON workflow_versions;"
            "DROP FUNCTION refuse_version_change()"
        )
    else:
        schema_editor.execute("DROP TRIGGER workflow_versions_never_change")


class Migration(migrations.Migration):
    dependencies = [("versions", "0001_first_tables")]

    operations = [migrations.RunPython(add_trigger, remove_trigger)]
