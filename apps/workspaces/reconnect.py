"""After an error of the database: let go of connections that a restart has cut.

A restart cuts them all. Met one by one, each would refuse a request, and together they would cost a
worker more time than it may be silent.
"""

from typing import Any

from django.db import connection


def reconnect() -> None:
    """Let go of this thread's connection, and of all that lie broken in the process's pool."""
    connection.close()
    drop_broken_connections()


def drop_broken_connections() -> None:
    """Let go of connections that lie broken in the process's pool, where it has one."""
    database: Any = connection
    if pool := getattr(database, "pool", None):
        pool.check()
