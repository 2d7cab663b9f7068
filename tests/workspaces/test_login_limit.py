"""Too many wrong passwords have to wait, at every door, and only those who sent them."""

from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.http import HttpResponse
from pytest_django import Settings

from apps.workspaces.login_limit import MAX_FAILURES, MAX_FAILURES_OF_ADDRESS
from tests.clients import ApiClient
from tests.factories import make_user
from tests.services import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ada")]
ADA = "ada@example.test"
PASSWORD = "correct horse battery"


@pytest.fixture
def ada(settings: Settings) -> None:
    cache.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    make_user(email=ADA, password=PASSWORD, is_staff=True)


@pytest.fixture(autouse=True)
def time_stands_still() -> Any:
    with time_machine.travel("2026-11-24T12:00:20Z", tick=False):
        yield


def sign_in(
    password: str = PASSWORD, email: str = ADA, address: str = "203.0.113.1", forwarded: str = ""
) -> HttpResponse:
    client = ApiClient()
    client.django.defaults["REMOTE_ADDR"] = address
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client.post("auth/login", {"email": email, "password": password}, headers=headers)


def sign_in_to_the_admin(password: str = PASSWORD) -> HttpResponse:
    client = ApiClient().django
    client.defaults["REMOTE_ADDR"] = "203.0.113.1"
    return client.post("/admin/login/", {"username": ADA, "password": password})


def test_after_too_many_failures_the_account_waits_but_no_other() -> None:
    make_user(email="bob@example.test", password=PASSWORD)
    for _ in range(MAX_FAILURES):
        assert sign_in("guess").status_code == 400
    answer = sign_in()
    assert (answer.status_code, answer["Retry-After"]) == (429, "40")
    assert sign_in(email="bob@example.test").status_code == 200


def test_its_owner_elsewhere_is_not_locked_out() -> None:
    for _ in range(MAX_FAILURES):
        sign_in("guess")
    assert sign_in(address="203.0.113.2").status_code == 200


def test_who_guesses_at_many_accounts_waits_too() -> None:
    for number in range(MAX_FAILURES_OF_ADDRESS):
        sign_in("guess", email=f"user{number}@example.test")
    assert sign_in().status_code == 429


def test_the_admins_door_has_the_same_limit() -> None:
    for _ in range(MAX_FAILURES // 2):
        sign_in("guess")
        sign_in_to_the_admin("guess")
    assert sign_in().status_code == 429
    refused = sign_in_to_the_admin()
    assert refused.status_code == 200
    assert "Expected available in 40 seconds" in refused.content.decode()


def test_behind_a_trusted_proxy_each_client_has_its_own_limit(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    for _ in range(MAX_FAILURES):
        sign_in("guess", address="10.0.0.1", forwarded="203.0.113.1")
    assert sign_in(address="10.0.0.1", forwarded="203.0.113.1").status_code == 429
    assert sign_in(address="10.0.0.1", forwarded="203.0.113.7").status_code == 200


def test_who_has_a_whole_network_of_addresses_has_one_limit() -> None:
    """A household has 2^64 of the newer kind."""
    for number in range(MAX_FAILURES):
        sign_in("guess", address=f"2001:db8::{number}")
    assert sign_in(address="2001:db8::ffff").status_code == 429
    assert sign_in(address="2001:db8:0:1::1").status_code == 200


def test_while_redis_is_away_people_can_sign_in(settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "flowforge.redis_cache.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
    }
    assert sign_in("guess").status_code == 400
    assert sign_in().status_code == 200
