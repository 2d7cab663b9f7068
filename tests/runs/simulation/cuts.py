"""Cuts a thread's connection about what it asks of the database, COMMIT included.

On PostgreSQL for real: the backend is terminated, or the socket is shut under a statement that is
under way. SQLite has neither: there a statement, or the COMMIT, says that it failed.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections

from apps.runs import sql
from tests.runs.simulation.threads import beside
from tests.services import wait_for

Call = Callable[[], object]

BEFORE, WITHIN, UNHEARD, AFTER = HOW = ("before", "within", "unheard", "after")


def cut_call(how: str, call: Call) -> None:
    """Let a call be cut before it is heard, or after it is done. Raises OperationalError."""
    is_done = how in (UNHEARD, AFTER)
    if sql.is_postgres():
        (_after_on_postgres if is_done else _before_on_postgres)(call)
    else:
        (_after_on_sqlite if is_done else _before_on_sqlite)(call)
    raise AssertionError("nothing was said of the cut")


def cut_write(how: str, run: UUID, write: Call) -> None:
    """Let a write to the run be cut, perhaps while it is under way. Raises OperationalError."""
    if how in (BEFORE, AFTER):
        cut_call(how, write)
    elif sql.is_postgres():
        (_within_on_postgres if how == WITHIN else _unheard_on_postgres)(run, write)
    else:
        (_within_on_sqlite if how == WITHIN else _unheard_on_sqlite)(write)
    raise AssertionError("nothing was said of the cut")


# PostgreSQL


def _before_on_postgres(call: Call) -> None:
    """The connection is gone when the statement is to be sent."""
    _terminate(_backend())
    call()


def _within_on_postgres(run: UUID, write: Call) -> None:
    """The backend ends while it executes the statement: nothing is written."""
    backend = _backend()
    with _stopped_at_its_lock(run, backend, lambda: _terminate(backend)):
        _after_on_postgres(write)


def _unheard_on_postgres(run: UUID, write: Call) -> None:
    """The network ends while the backend executes the statement: it commits, to nobody."""
    backend, raw = _backend(), connection.connection

    def shut() -> None:
        with socket.socket(fileno=os.dup(raw.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)

    with _stopped_at_its_lock(run, backend, shut):
        _after_on_postgres(write)


def _after_on_postgres(call: Call) -> None:
    """The statement is committed, and the connection is gone before the answer."""
    call()
    _terminate(_backend())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@contextmanager
def _stopped_at_its_lock(run: UUID, backend: int, then: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of the run until the backend waits for it; do something then, and let go.

    What is written for a lost claim finds no row, and waits for none.
    """
    is_over = threading.Event()
    with _operator() as operator, _operator() as other:
        operator.execute("BEGIN")
        operator.execute("SELECT 1 FROM runs WHERE id = %s FOR UPDATE", [run])

        def watch() -> None:
            while not is_over.is_set():
                other.execute(
                    "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'",
                    [backend],
                )
                if other.fetchone():
                    then()
                    return

        watching = beside(watch)
        try:
            yield
        finally:
            is_over.set()
            watching.result()
            operator.execute("ROLLBACK")


def _backend() -> int:
    connection.ensure_connection()
    return connection.connection.info.backend_pid


def _terminate(backend: int) -> None:
    with _operator() as operator:

        def is_gone() -> bool:
            operator.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend])
            return operator.fetchone() is None

        operator.execute("SELECT pg_terminate_backend(%s)", [backend])
        # With a timeout, that function would look but ten times a second.
        wait_for(is_gone, every=0.001)


@contextmanager
def _operator() -> Iterator[Any]:
    """Another connection, of nobody who executes runs."""
    other = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()


# SQLite


def _before_on_sqlite(call: Call) -> None:
    """The file cannot be reached."""

    def refuse(*_: Any) -> None:
        _fail()

    with connection.execute_wrapper(refuse):
        call()


def _within_on_sqlite(write: Call) -> None:
    """All is written, and the COMMIT fails."""
    with patch.object(connection, "_commit", _fail):
        write()


def _unheard_on_sqlite(write: Call) -> None:
    """All is committed, and the connection is gone."""
    with _failing_after_commit(connection.close):
        write()


def _after_on_sqlite(call: Call) -> None:
    """All is committed, and the COMMIT says that it failed."""
    with _failing_after_commit(lambda: None):
        call()
    _fail()  # it only read


@contextmanager
def _failing_after_commit(then: Callable[[], None]) -> Iterator[None]:
    commit = connection._commit

    def commit_and_fail() -> None:
        commit()
        then()
        _fail()

    with patch.object(connection, "_commit", commit_and_fail):
        yield


def _fail() -> None:
    raise OperationalError("disk I/O error")
