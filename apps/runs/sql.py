"""What differs between the two databases where runs are written in SQL.

Claims and the journal are the hot path: written by hand they cost half of what the ORM does.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.engine.encoding import decode
from apps.engine.items import Json


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def adapted(value: Any) -> Any:
    """A parameter as the database takes it: SQLite has neither UUIDs, times nor bytes as text."""
    if isinstance(value, bytes):
        return value.decode()
    if is_postgres():
        return value
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


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
    """The database's own clock: due is decided by one clock."""
    return "clock_timestamp()" if is_postgres() else "strftime('%Y-%m-%d %H:%M:%f000','now')"


def for_update_skip_locked() -> str:
    """SQLite has one writer at a time, so nothing is ever locked by another."""
    return "FOR UPDATE SKIP LOCKED" if is_postgres() else ""
