"""Databases of a PostgreSQL of our own, for what nodes read and write: never Django's."""

import os
import shutil
import uuid
from typing import Any
from urllib.parse import urlsplit

import psycopg

from apps.engine.items import Json
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.outside.postgres import PostgresSession
from tests.nodes.certificates import self_signed
from tests.services import Postgres, new_database, unprivileged


class Database:
    """A new, empty database, and what a credential for it says."""

    def __init__(self, server_url: str, set_up: str = "") -> None:
        self.url = new_database(server_url, f"nodes_{uuid.uuid4().hex}")
        parts = urlsplit(self.url)
        self.values: dict[str, Any] = {
            "host": parts.hostname,
            "port": parts.port,
            "database": parts.path[1:],
            "user": parts.username,
            "password": parts.password or "",
            "sslmode": "prefer",
        }
        self.policy = EgressPolicy([f"{parts.hostname}:{parts.port}"])
        self.execute(set_up or "SELECT")

    def execute(self, statements: str) -> list[tuple[Any, ...]]:
        """Run SQL past the nodes; the rows of the last statement."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statements)
            return cursor.fetchall() if cursor.description else []


def read(session: PostgresSession, sql: str, *values: Json) -> Json:
    """The only value that a statement gives."""
    with session.transaction(is_repeatable=True):
        rows = session.run(sql, values).rows
    assert rows is not None
    [row] = rows
    [value] = row.values()
    return value


SLEEPING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'"
)
LOCKED, PASSWORD = "locked", "correct horse battery"


class LockedPostgres(Postgres):
    """A server that speaks TLS as `db.test`, and has a user who needs a password and TLS."""

    def __init__(self) -> None:
        super().__init__()
        self.certificate = self_signed(self.folder, "db.test")
        self.certificate.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(self.certificate, *unprivileged())
        rules = self.folder / "pg_hba.conf"
        own = f"hostssl all {LOCKED} all scram-sha-256\nhost all {LOCKED} all reject\n"
        rules.write_text(own + rules.read_text())

    def command(self) -> list[str]:
        files = [f"ssl_cert_file={self.certificate}", f"ssl_key_file={self.certificate}"]
        words = [word for setting in ("ssl=on", *files) for word in ("-c", setting)]
        return [*super().command(), *words]
