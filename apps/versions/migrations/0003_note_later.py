"""Lets the note of a version that has none be written later: a run of the draft makes one without.

All else still never changes, nor does a note once it is there.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FIXED = "id, workspace_id, workflow_id, version, graph_json, content_hash, created_at"
NAMES = ("workflow_versions_never_change", "workflow_versions_note_stays")


def _make(schema_editor: BaseDatabaseSchemaEditor, name: str, columns: str, when: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        act = f"FOR EACH ROW {when} EXECUTE FUNCTION refuse_version_change()"
    else:
        act = f"{when} BEGIN SELECT RAISE(ABORT, 'a workflow version never changes'); END"
    schema_editor.execute(
        f"CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON workflow_versions {act}"
    )


def _drop(schema_editor: BaseDatabaseSchemaEditor, name: str) -> None:
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute(f"DROP TRIGGER {name}" + " ON workflow_versions" * is_postgresql)


def let_go(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    never, note = NAMES
    _drop(schema_editor, never)
    _make(schema_editor, never, FIXED, "")
    _make(schema_editor, note, "note", "WHEN (OLD.note <> '')")


def hold_again(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    never, note = NAMES
    _drop(schema_editor, note)
    _drop(schema_editor, never)
    _make(schema_editor, never, f"{FIXED}, note", "")


class Migration(migrations.Migration):
    dependencies = [("versions", "0002_never_changed")]

    operations = [migrations.RunPython(let_go, hold_again)]
