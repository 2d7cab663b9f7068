"""After an error of the database: let go of connections that a restart has cut.

A restart cuts them all. Met one by one, each would refuse a request, and together they would cost a
worker more time than it may be silent.
"""

from typing import Any

from django.db import InterfaceError, OperationalError, connection

IN_VAIN = ("40P01", "55P03", "57014")
"""What PostgreSQL answers who waited for a row, or for what it asked, for longer than it may."""


def is_outage(error: Exception) -> bool:
    """Whether the database is away, and has not just refused a statement."""
    is_one = isinstance(error, OperationalError | InterfaceError)
    return is_one and getattr(error.__cause__, "sqlstate", None) not in IN_VAIN


def is_held_elsewhere(error: Exception) -> bool:
    """Whether the database waited in vain for what somebody else holds just now."""
    return isinstance(error, OperationalError) and not is_outage(error)


def reconnect() -> None:
    """Let go of this thread's connection, and of all that lie broken in the process's pool."""
    connection.close()
    drop_broken_connections()


def drop_broken_connections() -> None:
    """Let go of connections that lie broken in the process's pool, where it has one."""
    database: Any = connection
    if pool := getattr(database, "pool", None):
        pool.check()
