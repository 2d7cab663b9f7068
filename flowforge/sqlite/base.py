"""Django's SQLite, with one queue for all who write in this process.

SQLite has one writer at a time, and whoever waits for it sleeps and looks again: some for long,
while the file is free. Here the next of this process begins as soon as the last has ended. Other
processes wait as SQLite waits.
"""

import threading
from datetime import UTC, datetime
from typing import Any

from django.db.backends.sqlite3 import base, operations
from django.db.utils import OperationalError

TIMEOUT_S = 20.0


class _Turns:
    """Who may write to each database of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def of(self, name: str) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(name, threading.Lock())


_turns = _Turns()


class DatabaseOperations(operations.DatabaseOperations):
    """SQLite keeps times in UTC, where the calendar of some zones has more than Python's."""

    def adapt_datetimefield_value(self, value: Any) -> str | None:
        try:
            return super().adapt_datetimefield_value(value)
        except OverflowError:
            edge = datetime.max if value.year > 1 else datetime.min
            return super().adapt_datetimefield_value(edge.replace(tzinfo=UTC))


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that waits for its turn before it begins a transaction.

    The methods are those that Django's backends override; its stubs do not know them.
    """

    ops_class = DatabaseOperations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn: threading.Lock | None = None

    def _start_transaction_under_autocommit(self) -> None:
        turn = _turns.of(str(self.settings_dict["NAME"]))
        if not turn.acquire(timeout=TIMEOUT_S):
            raise OperationalError("database is locked by another thread of this process")
        self._turn = turn
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.release()
