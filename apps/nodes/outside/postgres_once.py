"""Writes that happen exactly once: beside each, in its transaction, a row with its key."""

from psycopg import sql

from apps.engine.errors import NodeError
from apps.nodes.outside.postgres import Result, Session, SqlError
from apps.nodes.outside.postgres_statements import Statement, table_of

KEY_TABLE = "flowforge_writes"
_UNDEFINED_TABLE = "42P01"


def run_once(session: Session, key_table: str, key: str, statement: Statement) -> Result:
    """Run a statement, unless one with this key was committed before: then give what it gave.

    Raises NodeError `key_table_missing`; the table is never made here.
    """
    table = table_of("", key_table)
    if not _claimed(session, table, key_table, key):
        kept = session.run(_sql("SELECT result FROM {} WHERE key = $1", table), [key])
        [row] = kept.rows or []
        return Result(row["result"]["rows"], row["result"]["count"])
    result = session.run(statement.text, statement.values)
    given = {"rows": result.rows, "count": result.count}
    session.run(_sql("UPDATE {} SET result = $1 WHERE key = $2", table), [given, key])
    return result


def _claimed(session: Session, table: sql.Composable, name: str, key: str) -> bool:
    """Insert the key; waits for another attempt that is at the same write to end."""
    statement = _sql("INSERT INTO {} (key) VALUES ($1) ON CONFLICT (key) DO NOTHING", table)
    try:
        return session.run(statement, [key]).count == 1
    except SqlError as error:
        if error.state != _UNDEFINED_TABLE:
            raise
        columns = "key text PRIMARY KEY, result jsonb, at timestamptz NOT NULL DEFAULT now()"
        raise NodeError(
            "key_table_missing",
            f"The table “{name[:80]}”, which the option to write exactly once needs, is missing.",
            _sql(f"Make it with: CREATE TABLE {{}} ({columns})", table),
        ) from None


def _sql(text: str, table: sql.Composable) -> str:
    return sql.SQL(text).format(table).as_string(None)
