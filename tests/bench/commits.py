"""How many transactions a database has committed; a difference of two is what lies between."""

import struct
from pathlib import Path

import psycopg

from tests.installation import Installation


def commits(installation: Installation) -> int:
    url = installation.environment["DATABASE_URL"]
    return _of_postgres(url) if url else _of_sqlite(installation)


def _of_sqlite(installation: Installation) -> int:
    """SQLite counts them at the head of the write-ahead log's index (walformat, "iChange")."""
    index = Path(installation.environment["VAR_DIR"]) / "flowforge.sqlite3-shm"
    with index.open("rb") as file:
        return int(struct.unpack("=I", file.read(12)[8:])[0])


def _of_postgres(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])
