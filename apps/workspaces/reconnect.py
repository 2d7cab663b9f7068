"""After an error of the database: let go of connections that a restart has cut.

A restart cuts them all. Met one by one, each would refuse a request, and together they would cost a
worker more time than it may be silent.
"""

from typing import Any

from django.db import InterfaceError, OperationalError, connection

HELD = ("40P01", "55P03")
"""What PostgreSQL answers who waited for a row for longer than it may."""
IN_VAIN = (*HELD, "57014")
"""These, and what it answers who asked for what takes too long."""
LOCKED = "database is locked"
"""What SQLite answers who waited for too long, whose one writer holds all rows."""


def is_outage(error: Exception) -> bool:
    """Whether the database is away, and has not just refused a statement."""
    is_one = isinstance(error, OperationalError | InterfaceError)
    return is_one and _state(error) not in IN_VAIN


def is_held_elsewhere(error: Exception) -> bool:
    """Whether the database waited in vain for what somebody else holds just now."""
    is_held = _state(error) in HELD or LOCKED in str(error)
    return isinstance(error, OperationalError) and is_held


def _state(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def reconnect() -> None:
    """Let go of this thread's connection, and of all that lie broken in the process's pool."""
    connection.close()
    drop_broken_connections()


def drop_broken_connections() -> None:
    """Let go of connections that lie broken in the process's pool, where it has one."""
    database: Any = connection
    if pool := getattr(database, "pool", None):
        pool.check()
