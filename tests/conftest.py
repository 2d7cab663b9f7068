"""What all tests share: the test database, and servers started when a test asks for them."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import TransactionTestCase

from tests.emptying import empty_tables
from tests.migrated import migrated_postgres, migrated_sqlite
from tests.moves import watch_moves
from tests.services import MissingBinaryError, Postgres, Redis, leave_out, new_database


@pytest.fixture(scope="session", autouse=True)
def static_files_are_sought_when_asked_for() -> None:
    """Each client of a test would read the folders of all static files anew."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def workers_that_do_not_beat_are_alive() -> None:
    """Most tests of workers have no heartbeat, and a busy machine takes its time: what waits for
    the next beat would wait for ever."""
    settings.SILENT_AFTER_S = 50.0


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """Give the SQLite tests a file: a live server's threads cannot share a database in memory.

    It need outlive no loss of power, so no commit waits for the disk.
    """
    if settings.IS_SQLITE:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        database = settings.DATABASES["default"]
        database["TEST"]["NAME"] = f"{settings.VAR_DIR}/{worker}.sqlite3"
        database["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
    else:
        request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let the test database refuse moves of a run's status that the table has not.

    Between tests that commit, it is emptied in our own way.
    """
    TransactionTestCase._fixture_teardown = empty_tables
    with django_db_blocker.unblock():
        watch_moves()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server; databases are made beside the one it names."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
        return
    try:
        server = Postgres().start()
    except MissingBinaryError as missing:
        leave_out(str(missing))
    yield server.url
    server.remove()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a Redis that only tests use."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    try:
        server = Redis().start()
    except MissingBinaryError as missing:
        leave_out(str(missing))
    yield server.url
    server.remove()


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database for processes that the test starts; the test runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/flowforge.sqlite3"
    url = request.getfixturevalue("postgres_url")
    return new_database(url, f"test_{uuid.uuid4().hex}")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database that is migrated already; the test runs on both kinds."""
    if request.param == "sqlite":
        return migrated_sqlite(tmp_path)
    return migrated_postgres(request.getfixturevalue("postgres_url"))


@pytest.fixture
def figures(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Callable[[str], None]:
    """Takes what a case has measured, to be told at the end of the session."""
    return lambda told: record_property("figures", f"{request.node.name}: {told}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told = [
        value
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        for name, value in report.user_properties
        if name == "figures"
    ]
    if told:
        terminalreporter.section("what was measured")
        for line in told:
            terminalreporter.write_line(line)
