"""What differs between the two databases where runs are written in SQL.

Claims and the journal are the hot path: written by hand they cost half of what the ORM does.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import BinaryField, Model

from apps.engine.encoding import decode
from apps.engine.items import Json
from apps.workspaces.fields import OrderedJSONField


@cache
def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def adapted(values: Iterable[Any]) -> list[Any]:
    """Parameters as the database takes them: JSON comes as bytes, and SQLite has neither UUIDs nor
    times."""
    adapters = _adapters()
    return [adapters[type(value)](value) if type(value) in adapters else value for value in values]


@cache
def _adapters() -> dict[type, Callable[[Any], Any]]:
    if is_postgres():
        return {bytes: bytes.decode}
    return {bytes: bytes.decode, UUID: lambda value: value.hex, datetime: _in_utc}


def _in_utc(moment: datetime) -> str:
    """As Django writes times into SQLite: UTC, without saying so."""
    return str(moment.astimezone(UTC).replace(tzinfo=None))


def insert_rows(rows: Sequence[Model], **computed: str) -> None:
    """Insert rows of one table, all or none.

    `computed` are columns whose value the database computes: each an expression over the rows,
    which are called `given`. By hand: the ORM takes many times as long, and this is most of what a
    hook costs. PostgreSQL takes all rows as one parameter.
    """
    if not rows:
        return
    columns = [each for each in _columns(type(rows[0])) if each.name not in computed]
    names = ", ".join([*(each.name for each in columns), *computed])
    values = ", ".join([*(each.taken for each in columns), *computed.values()])
    declared = ", ".join(each.declared for each in columns)
    insert = f"INSERT INTO {rows[0]._meta.db_table} ({names}) SELECT {values} FROM "  # noqa: S608 - names only
    with one_statement(), connection.cursor() as cursor:
        if is_postgres():
            sent = [{each.name: each.of(row) for each in columns} for row in rows]
            insert += f"json_to_recordset(%s::json) AS given({declared})"
            cursor.execute(insert, [orjson.dumps(sent).decode()])
        else:
            insert += f"(SELECT {declared}) AS given"
            cursor.executemany(insert, [[each.of(row) for each in columns] for row in rows])
    for row in rows:
        row._state.adding = False


class _Column(NamedTuple):
    name: str
    attribute: str
    declared: str
    """As what it is sent."""
    taken: str
    """How it is taken from what was sent."""
    write: Callable[[Any], Any]

    def of(self, row: Model) -> Any:
        """The row's value as it is sent."""
        return self.write(getattr(row, self.attribute))


@cache
def _columns(model: type[Model]) -> list[_Column]:
    write = _column_of_postgres if is_postgres() else _column_of_sqlite
    return [write(field) for field in model._meta.concrete_fields]


def _column_of_postgres(field: Any) -> _Column:
    """A column that is sent in JSON: orjson writes UUIDs and times as PostgreSQL reads them."""
    name, type = field.column, field.db_type(connection)
    if isinstance(field, OrderedJSONField):
        # As text: in JSON it would be read, and NUL refused.
        write, declared, taken = field.get_prep_value, "text", f"given.{name}::json"
    else:
        write = _in_hex if isinstance(field, BinaryField) else _as_it_is
        declared, taken = type, f"given.{name}"
    return _Column(name, field.attname, f"{name} {declared}", taken, write)


def _column_of_sqlite(field: Any) -> _Column:
    name, write = field.column, _for_sqlite
    if isinstance(field, OrderedJSONField | BinaryField):
        write = partial(field.get_db_prep_save, connection=connection)
    return _Column(name, field.attname, f"%s AS {name}", f"given.{name}", write)


def _for_sqlite(value: Any) -> Any:
    adapter = _adapters().get(type(value))
    return adapter(value) if adapter else value


def _as_it_is(value: Any) -> Any:
    return value


def _in_hex(value: bytes) -> str:
    return f"\\x{value.hex()}"


def read_json(value: Any) -> Json:
    """A JSON column of a raw row: psycopg has read it already."""
    return value if value is None or is_postgres() else decode(value)


def read_uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def read_time(value: Any) -> datetime | None:
    """A time of a raw row. SQLite's are UTC without saying so: as text, or read by its column."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def now_sql() -> str:
    """The database's own clock: due is decided by one clock. For statements with parameters."""
    return "clock_timestamp()" if is_postgres() else "strftime('%%Y-%%m-%%d %%H:%%M:%%f000','now')"


def database_now() -> datetime:
    """The database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {now_sql()}", [])
        now = read_time(cursor.fetchone()[0])
    assert now is not None
    return now


def one_statement() -> AbstractContextManager[Any]:
    """Held around a single statement that writes: on PostgreSQL it is a transaction by itself, on
    SQLite a transaction waits for its turn in a queue and not asleep (`flowforge/sqlite`)."""
    return nullcontext() if is_postgres() else transaction.atomic()


def for_update() -> str:
    return "FOR UPDATE" if is_postgres() else ""


def for_update_skip_locked() -> str:
    """SQLite has one writer at a time, so nothing is ever locked by another."""
    return "FOR UPDATE SKIP LOCKED" if is_postgres() else ""
