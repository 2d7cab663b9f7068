"""Migrations of large tables take longer than any statement of the application may."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_migrate

pytestmark = pytest.mark.django_db


def statement_timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


def test_a_migration_has_no_limit_of_time_and_what_comes_after_has() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no such limit")
    seen: list[str] = []

    def look(**kwargs: Any) -> None:
        seen.append(statement_timeout())

    pre_migrate.connect(look)
    call_command("migrate", verbosity=0)
    pre_migrate.disconnect(look)
    assert seen[-1] == "0"
    assert statement_timeout() == "30s"
