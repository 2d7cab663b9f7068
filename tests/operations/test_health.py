from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import Settings

from tests.services import free_port


def test_healthz_asks_nobody_else() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_is_ok_when_all_parts_answer() -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "broker": "ok"}


@pytest.mark.django_db
def test_readyz_names_the_part_that_does_not_answer(settings: Settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["broker"] == "Redis does not answer"


def test_readyz_survives_a_database_that_is_away() -> None:
    with patch.object(connection, "cursor", side_effect=DatabaseError):
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "the database does not answer"
