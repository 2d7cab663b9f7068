"""Indexes of large tables, built and dropped by migrations while workers write to them."""

from typing import Any

from django.db import migrations, models


class AddIndexInUse(migrations.AddIndex):
    """Build an index without a lock on its table, in a migration that is not atomic.

    What is left of an attempt that was broken off is built anew. A table in partitions is locked
    all the same: PostgreSQL cannot do it otherwise.
    """

    atomic = False

    def database_forwards(self, app: str, editor: Any, from_state: Any, to_state: Any) -> None:
        if editor.connection.vendor != "postgresql":
            super().database_forwards(app, editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app, self.model_name)
        how = {"concurrently": bool(_concurrently(editor, model))}
        editor.remove_index(model, self.index, **how)
        editor.add_index(model, self.index, **how)

    def database_backwards(self, app: str, editor: Any, from_state: Any, to_state: Any) -> None:
        if editor.connection.vendor != "postgresql":
            super().database_backwards(app, editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app, self.model_name)
        editor.remove_index(model, self.index, concurrently=bool(_concurrently(editor, model)))


class DropForeignKeyIndex(migrations.AlterField):
    """Drop the index of a foreign key, which becomes one with `db_index=False`, and no more: Django
    would check the key of each row anew, under a lock, or on SQLite copy the table."""

    atomic = False

    def database_forwards(self, app: str, editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app, self.model_name)
        column = model._meta.get_field(self.name).column
        named = {index.name for index in model._meta.indexes}
        for name in editor._constraint_names(
            model, [column], index=True, type_=models.Index.suffix, exclude=named
        ):
            editor.execute(f"DROP INDEX {_concurrently(editor, model)} {editor.quote_name(name)}")

    def database_backwards(self, app: str, editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app, self.model_name)
        field = model._meta.get_field(self.name)
        how = {"concurrently": True} if _concurrently(editor, model) else {}
        editor.execute(editor._create_index_sql(model, fields=[field], **how))


def _concurrently(editor: Any, model: type[models.Model]) -> str:
    if editor.connection.vendor != "postgresql":
        return ""
    with editor.connection.cursor() as cursor:
        table = model._meta.db_table
        cursor.execute("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(%s)", [table])
        row = cursor.fetchone()
    return "" if row and row[0] else "CONCURRENTLY"
