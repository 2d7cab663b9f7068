"""What differs between the two databases where runs are written in SQL.

Claims and the journal are the hot path: written by hand they cost half of what the ORM does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
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


@dataclass(frozen=True, slots=True)
class Numbered:
    """A column that numbers the rows of one insert, on from what an expression gives."""

    column: str
    last: str
    given: Sequence[Any]
    """The parameters of the expression."""


Row = Mapping[str, Any]
"""Values by the names of their columns; what it does not say is as the model has it by default."""


def insert_rows(model: type[Model], rows: Sequence[Row], numbered: Numbered | None = None) -> None:
    """Insert rows of one table, all or none; they must all say the same columns.

    By hand: models and the ORM take many times as long, and this is most of what a hook costs.
    PostgreSQL takes all rows as one parameter.
    """
    if not rows:
        return
    columns = _columns(model)
    defaults = {name: each.write(each.default()) for name, each in columns.items()}
    sent = [
        {**defaults, **{name: columns[name].write(value) for name, value in row.items()}}
        for row in rows
    ]
    # What is null in all of them need not be sent.
    said = [
        name
        for name, default in defaults.items()
        if name in rows[0] or (default is not None and not (numbered and name == numbered.column))
    ]
    insert = _insert_together if is_postgres() else _insert_each
    insert(model._meta.db_table, [columns[name] for name in said], sent, numbered)


def _insert_together(
    table: str, columns: Sequence["_Column"], rows: Sequence[Row], numbered: Numbered | None
) -> None:
    insert = _insert(table, columns, numbered, "row_number() OVER ()")
    declared = ", ".join(f"{each.name} {each.declared}" for each in columns)
    with connection.cursor() as cursor, _planned_anew() if numbered else nullcontext():
        cursor.execute(
            f"{insert} FROM json_to_recordset(%s::json) AS given({declared})",
            [*_given(numbered), orjson.dumps(rows).decode()],
        )


@contextmanager
def _planned_anew() -> Iterator[None]:
    """Have no statement prepared: PostgreSQL would keep a plan from when a table was small, and
    read all of it once it is large."""
    psycopg: Any = connection.connection
    threshold, psycopg.prepare_threshold = psycopg.prepare_threshold, None
    try:
        yield
    finally:
        psycopg.prepare_threshold = threshold


def _insert_each(
    table: str, columns: Sequence["_Column"], rows: Sequence[Row], numbered: Numbered | None
) -> None:
    insert, given = _insert(table, columns, numbered, "1"), _given(numbered)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.executemany(
            insert, [[*(row[each.name] for each in columns), *given] for row in rows]
        )


def _insert(table: str, columns: Sequence["_Column"], numbered: Numbered | None, place: str) -> str:
    names, taken = [each.name for each in columns], [each.taken for each in columns]
    if numbered:
        names.append(numbered.column)
        taken.append(f"({numbered.last}) + {place}")
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(taken)}"


def _given(numbered: Numbered | None) -> list[Any]:
    return adapted(numbered.given) if numbered else []


class _Column(NamedTuple):
    name: str
    default: Callable[[], Any]
    declared: str
    """The type that it is sent as."""
    taken: str
    """How it is taken from what was sent."""
    write: Callable[[Any], Any]


@cache
def _columns(model: type[Model]) -> dict[str, _Column]:
    column = _column_of_postgres if is_postgres() else _column_of_sqlite
    return {each.name: each for each in map(column, model._meta.concrete_fields)}


def _column_of_postgres(field: Any) -> _Column:
    """A column that is sent in JSON: orjson writes UUIDs and times as PostgreSQL reads them."""
    name = field.column
    if isinstance(field, OrderedJSONField):
        # As text: in JSON it would be read, and NUL refused.
        return _Column(name, field.get_default, "text", f"given.{name}::json", field.get_prep_value)
    write = _in_hex if isinstance(field, BinaryField) else _as_it_is
    return _Column(name, field.get_default, field.db_type(connection), f"given.{name}", write)


def _column_of_sqlite(field: Any) -> _Column:
    write = field.get_prep_value if isinstance(field, OrderedJSONField) else _for_sqlite
    return _Column(field.column, field.get_default, "", "%s", write)


def _for_sqlite(value: Any) -> Any:
    adapter = None if type(value) is bytes else _adapters().get(type(value))
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
