"""Lists are planned for what they are asked for, however often they are."""

import pytest
from django.db import connection

from tests.clients import ApiClient
from tests.factories import make_user, make_workspace

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans each by itself."),
]
OFTEN = 12
"""A statement is prepared from its sixth time on, and planned for all values five times later."""


def prepared() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [row[0] for row in cursor.fetchall()]


def test_a_list_that_is_asked_for_often_is_planned_for_its_values_each_time() -> None:
    client = ApiClient(make_user(make_workspace(), is_staff=True, is_superuser=True))
    before = prepared()

    for address in ("/api/v1/runs?search=Ada", "/admin/runs/steprun/?status__exact=running"):
        for _ in range(OFTEN):
            assert client.get(address).status_code == 200

    assert [each for each in prepared() if "step_runs" in each and each not in before] == []


def test_what_workers_do_again_and_again_is_prepared() -> None:
    for _ in range(OFTEN):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int + 1", [1])

    assert any(each.startswith("SELECT $1::int + 1") for each in prepared())
