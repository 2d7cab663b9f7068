"""Chooses the database of a test session before Django reads its settings.

Loaded by `-p tests.plugin` (pyproject.toml), for a conftest comes after the settings. What is
chosen goes through the environment, so that xdist's workers, and processes that tests start,
see the same.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.services import MissingBinaryError, Postgres

POSTGRES = pytest.StashKey[Postgres]()
VAR_DIR = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgres"], default="sqlite")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        take_services(early_config)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Have the garbage collector not look through what is collected, which all stays to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def take_services(config: pytest.Config) -> None:
    """Point the settings at files of this session and at the database asked for."""
    given_database = os.environ.pop("DATABASE_URL", "")
    if given_database.startswith("postgres"):
        os.environ["TEST_POSTGRES_URL"] = given_database
    if given_redis := os.environ.pop("REDIS_URL", ""):
        os.environ["TEST_REDIS_URL"] = given_redis
    folder = Path(tempfile.mkdtemp(prefix="flowforge-tests-"))
    config.stash[VAR_DIR] = folder
    os.environ["VAR_DIR"] = str(folder)
    if config.known_args_namespace.database == "postgres":
        if "TEST_POSTGRES_URL" not in os.environ:
            config.stash[POSTGRES] = start_postgres()
            os.environ["TEST_POSTGRES_URL"] = config.stash[POSTGRES].url
        os.environ["DATABASE_URL"] = os.environ["TEST_POSTGRES_URL"]


def start_postgres() -> Postgres:
    """Start this session's PostgreSQL; CI must have one."""
    try:
        return Postgres().start()
    except MissingBinaryError as missing:
        in_ci = os.environ.get("CI") == "true"
        pytest.exit(f"LEFT OUT: all tests on PostgreSQL: {missing}", returncode=1 if in_ci else 0)


def pytest_unconfigure(config: pytest.Config) -> None:
    if POSTGRES in config.stash:
        config.stash[POSTGRES].remove()
    if VAR_DIR in config.stash:
        shutil.rmtree(config.stash[VAR_DIR], ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = {
        str(report.longrepr[2]).removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    }
    for reason in sorted(reasons):
        if reason.startswith("LEFT OUT:"):
            terminalreporter.write_line(reason)
