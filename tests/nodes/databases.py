"""Databases of a PostgreSQL of our own, for what nodes read and write: never Django's."""

import uuid
from typing import Any
from urllib.parse import urlsplit

import psycopg

from apps.nodes.egress import EgressPolicy
from tests.services import new_database


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
