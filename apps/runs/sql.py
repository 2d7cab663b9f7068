"""What differs between the two databases where runs are written in SQL.

Claims and the journal are the hot path: written by hand they cost half of what the ORM does.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
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


@dataclass(frozen=True)
class Computed:
    """A column whose value the database computes, with what it is computed of for each row."""

    column: str
    expression: str
    given: Callable[[Any], Iterable[Any]]


def insert_rows(rows: Sequence[Model], *computed: Computed) -> None:
    """Insert rows of one table, all or none.

    By hand: the ORM takes many times as long, and this is most of what a hook costs. PostgreSQL
    takes rows of which it computes nothing as one parameter.
    """
    if not rows:
        return
    if is_postgres() and not computed:
        _insert_together(rows)
    else:
        _insert_each(rows, computed)
    for row in rows:
        row._state.adding = False


def _insert_each(rows: Sequence[Model], computed: Sequence[Computed]) -> None:
    table, theirs = rows[0]._meta, {each.column for each in computed}
    fields = [field for field in table.concrete_fields if field.column not in theirs]
    columns = ", ".join([*(str(field.column) for field in fields), *theirs])
    values = ", ".join([*(["%s"] * len(fields)), *(each.expression for each in computed)])
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table.db_table} ({columns}) VALUES ({values})",  # noqa: S608 - names only
            [
                [
                    *(_written(field, row) for field in fields),
                    *(value for each in computed for value in adapted(each.given(row))),
                ]
                for row in rows
            ],
        )


def _written(field: Any, row: Model) -> Any:
    return field.get_db_prep_save(field.pre_save(row, True), connection)


def _insert_together(rows: Sequence[Model]) -> None:
    columns = _columns(type(rows[0]))
    names = ", ".join(each.name for each in columns)
    taken = ", ".join(each.taken for each in columns)
    declared = ", ".join(f"{each.name} {each.declared}" for each in columns)
    sent = [{each.name: each.of(row) for each in columns} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {rows[0]._meta.db_table} ({names}) "  # noqa: S608 - names only
            f"SELECT {taken} FROM json_to_recordset(%s::json) AS given({declared})",
            [orjson.dumps(sent).decode()],
        )


class _Column(NamedTuple):
    name: str
    attribute: str
    declared: str
    """The type that it is sent as."""
    taken: str
    """How it is taken from what was sent."""
    write: Callable[[Any], Any]

    def of(self, row: Model) -> Any:
        """The row's value as it is sent."""
        return self.write(getattr(row, self.attribute))


@cache
def _columns(model: type[Model]) -> list[_Column]:
    """The columns as they are sent in JSON: orjson writes UUIDs and times as PostgreSQL reads
    them."""
    return [_column(field) for field in model._meta.concrete_fields]


def _column(field: Any) -> _Column:
    name = field.column
    if isinstance(field, OrderedJSONField):
        # As text: in JSON it would be read, and NUL refused.
        return _Column(name, field.attname, "text", f"given.{name}::json", field.get_prep_value)
    write = _in_hex if isinstance(field, BinaryField) else _as_it_is
    return _Column(name, field.attname, field.db_type(connection), f"given.{name}", write)


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
