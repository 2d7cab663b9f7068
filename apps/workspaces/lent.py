"""The database on threads that own no connection: those of branches, of which there are many."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def database_lent() -> Iterator[None]:
    """Use the database on a thread that may not have a connection, and keep none."""
    had_one = connection.connection is not None
    try:
        yield
    finally:
        if not had_one and not connection.in_atomic_block:
            connection.close()
