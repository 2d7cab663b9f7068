"""One queue for all who write to SQLite in this process."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.db.backends.sqlite3 import base as sqlite3
from django.db.transaction import Atomic
from django.db.utils import ConnectionHandler

from flowforge.sqlite import base

pytestmark = pytest.mark.django_db(transaction=True)

OPTIONS = {"transaction_mode": "IMMEDIATE", "timeout": 20}


@pytest.fixture
def connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ConnectionHandler]:
    handler = ConnectionHandler(
        {
            "default": {
                "ENGINE": "flowforge.sqlite",
                "NAME": str(tmp_path / "test.sqlite3"),
                "OPTIONS": OPTIONS,
            }
        }
    )
    handler["default"].cursor().execute("CREATE TABLE seen (who text)")
    monkeypatch.setattr("django.db.transaction.connections", handler)
    yield handler
    handler["default"].close()


def writing(connections: ConnectionHandler) -> Atomic:
    return Atomic("default", savepoint=True, durable=False)


def in_thread(connections: ConnectionHandler, work: Any) -> threading.Thread:
    def call() -> None:
        try:
            work()
        finally:
            connections["default"].close()

    thread = threading.Thread(target=call)
    thread.start()
    return thread


def test_sqlite_is_reached_through_the_backend_with_turns() -> None:
    if settings.IS_SQLITE:
        assert settings.DATABASES["default"]["ENGINE"] == "flowforge.sqlite"


def test_who_waits_asks_sqlite_only_once_the_other_has_ended(
    connections: ConnectionHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whom SQLite itself lets wait sleeps, and looks again, and sleeps longer.
    asked = threading.Event()
    begin = sqlite3.DatabaseWrapper._start_transaction_under_autocommit

    def noticed(self: Any) -> None:
        asked.set()
        begin(self)

    def second() -> None:
        with writing(connections):
            pass

    with writing(connections):
        monkeypatch.setattr(sqlite3.DatabaseWrapper, "_start_transaction_under_autocommit", noticed)
        thread = in_thread(connections, second)
        assert not asked.wait(0.3)
    thread.join()
    assert asked.is_set()


@pytest.mark.parametrize("how", ["commit", "error", "close"])
def test_a_turn_ends_with_its_transaction(connections: ConnectionHandler, how: str) -> None:
    try:
        with writing(connections):
            if how == "error":
                raise ValueError
            if how == "close":
                connections["default"].close()
    except ValueError:
        pass
    done: list[str] = []

    def other() -> None:
        with writing(connections):
            done.append("written")

    in_thread(connections, other).join(timeout=5)
    assert done == ["written"]


def test_a_turn_that_does_not_come_is_the_error_of_a_locked_database(
    connections: ConnectionHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "TIMEOUT_S", 0.05)
    errors: list[Exception] = []

    def second() -> None:
        try:
            with writing(connections):
                pass
        except OperationalError as error:
            errors.append(error)

    with writing(connections):
        in_thread(connections, second).join()
    assert "locked" in str(errors[0])
