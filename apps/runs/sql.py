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


@dataclass(frozen=True, slots=True)
class Insert:
    """Rows for one table; they must all say the same columns."""

    model: type[Model]
    rows: Sequence[Row]
    numbered: Numbered | None = None


class Condition(NamedTuple):
    """An expression that is true or false, and its parameters."""

    expression: str
    params: Sequence[Any]


ALWAYS = Condition("", ())


def insert_rows(*inserts: Insert, provided: Condition = ALWAYS) -> bool:
    """Insert rows, all or none; none, and gives False, where the condition does not hold.

    By hand: models and the ORM take many times as long, and this is most of what a hook costs.
    PostgreSQL takes all of them as one statement, and the rows of a table as one parameter: each
    answer that a thread waits for is one more turn that it waits for at the interpreter.
    """
    given = [each for each in inserts if each.rows]
    if not given:
        return True
    with one_statement(), connection.cursor() as cursor:
        if is_postgres():
            return _insert_together(cursor, given, provided)
        if provided.expression:
            cursor.execute(f"SELECT {provided.expression}", adapted(provided.params))
            if not cursor.fetchone()[0]:
                return False
        for insert in given:
            _insert_each(cursor, insert)
    return True


def _insert_together(cursor: Any, inserts: Sequence[Insert], provided: Condition) -> bool:
    statements: list[str] = []
    params: list[Any] = []
    where = ""
    if provided.expression:
        statements.append(f"SELECT {provided.expression} AS holds")
        params += adapted(provided.params)
        where = " WHERE (SELECT holds FROM part_0)"
    for insert in inserts:
        said, defaults = _said_and_defaults(insert)
        taken = {each.name: each.taken for each in said}
        taken |= {each.name: f"%s::{each.type}" for each in defaults}
        sent = ", ".join(f"{each.name} {each.sent_as}" for each in said)
        written = [each for each in said if each.write is not _as_it_is]
        rows = [
            {**row, **{each.name: each.write(row[each.name]) for each in written}}
            for row in insert.rows
        ]
        into = _insert(insert, taken, "row_number() OVER ()")
        statements.append(f"{into} FROM json_to_recordset(%s::json) AS given({sent}){where}")
        params += [*defaults.values(), *_given(insert.numbered), orjson.dumps(rows).decode()]
    *before, last = statements
    parts = ", ".join(f"part_{place} AS ({each})" for place, each in enumerate(before))
    with planned_anew():
        cursor.execute(f"WITH {parts} {last}" if before else last, params)
    return bool(cursor.rowcount)


@contextmanager
def planned_anew() -> Iterator[None]:
    """Have no statement prepared: PostgreSQL would keep a plan from when a table was small, and
    read all of it once it is large."""
    psycopg: Any = connection.connection
    threshold, psycopg.prepare_threshold = psycopg.prepare_threshold, None
    try:
        yield
    finally:
        psycopg.prepare_threshold = threshold


def _insert_each(cursor: Any, insert: Insert) -> None:
    said, defaults = _said_and_defaults(insert)
    taken = dict.fromkeys((each.name for each in (*said, *defaults)), "%s")
    same = [*defaults.values(), *_given(insert.numbered)]
    cursor.executemany(
        _insert(insert, taken, "1"),
        [[*(each.write(row[each.name]) for each in said), *same] for row in insert.rows],
    )


def _insert(insert: Insert, taken: Mapping[str, str], place: str) -> str:
    """The statement up to where its rows come from; `taken`: what each column takes of them."""
    if insert.numbered:
        taken = {**taken, insert.numbered.column: f"({insert.numbered.last}) + {place}"}
    table = insert.model._meta.db_table
    return f"INSERT INTO {table} ({', '.join(taken)}) SELECT {', '.join(taken.values())}"


def _said_and_defaults(insert: Insert) -> tuple[list["_Column"], dict["_Column", Any]]:
    """The columns that the rows say, and for the others what they have by default. What is null
    either way is left out: PostgreSQL would take its time to plan that."""
    said, defaults = [], {}
    for column in _columns(insert.model):
        is_said = column.name in insert.rows[0]
        if is_said and any(row[column.name] is not None for row in insert.rows):
            said.append(column)
        elif insert.numbered is None or column.name != insert.numbered.column:
            default = column.write(column.default())
            if default is not None and is_said:
                said.append(column)
            elif default is not None:
                defaults[column] = default
    return said, defaults


def _given(numbered: Numbered | None) -> list[Any]:
    return adapted(numbered.given) if numbered else []


class _Column(NamedTuple):
    name: str
    default: Callable[[], Any]
    type: str
    sent_as: str
    """The type that it has on its way to PostgreSQL."""
    taken: str
    """How it is taken from what was sent."""
    write: Callable[[Any], Any]


@cache
def _columns(model: type[Model]) -> list[_Column]:
    column = _column_of_postgres if is_postgres() else _column_of_sqlite
    return [column(field) for field in model._meta.concrete_fields]


def _column_of_postgres(field: Any) -> _Column:
    """A column that is sent in JSON: orjson writes UUIDs and times as PostgreSQL reads them."""
    name, type = field.column, field.db_type(connection)
    if isinstance(field, OrderedJSONField):
        # As text: in JSON it would be read, and NUL refused.
        write = field.get_prep_value
        return _Column(name, field.get_default, type, "text", f"given.{name}::json", write)
    write = _in_hex if isinstance(field, BinaryField) else _as_it_is
    return _Column(name, field.get_default, type, type, f"given.{name}", write)


def _column_of_sqlite(field: Any) -> _Column:
    write = field.get_prep_value if isinstance(field, OrderedJSONField) else _for_sqlite
    return _Column(field.column, field.get_default, "", "", "%s", write)


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


def allow_long_statements() -> None:
    """Let statements take as long as they must, until the current transaction has ended."""
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")


def one_statement() -> AbstractContextManager[Any]:
    """Held around a single statement that writes: on PostgreSQL it is a transaction by itself, on
    SQLite a transaction waits for its turn in a queue and not asleep (`flowforge/sqlite`)."""
    return nullcontext() if is_postgres() else transaction.atomic(savepoint=False)


def for_update() -> str:
    return "FOR UPDATE" if is_postgres() else ""


def for_update_skip_locked() -> str:
    """SQLite has one writer at a time, so nothing is ever locked by another."""
    return "FOR UPDATE SKIP LOCKED" if is_postgres() else ""
