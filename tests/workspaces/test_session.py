"""Logging in and out in the browser."""

import pytest
from django.conf import settings
from django.core.cache import cache

from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_user, make_workspace

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def no_failures_yet() -> None:
    cache.clear()


def test_login_begins_a_session_and_tells_who_one_is() -> None:
    workspace = make_workspace("Ops")
    user = make_user(workspace, "editor", email="Ada@example.test", password=PASSWORD)
    client = ApiClient()
    answer = client.post("auth/login", {"email": "ada@EXAMPLE.test", "password": PASSWORD})
    expected = {
        "id": str(user.pk),
        "email": "ada@example.test",
        "is_staff": False,
        "is_superuser": False,
        "hooks_url": settings.HOOKS_URL,
        "environment": "",
        "workspaces": [{"id": str(workspace.pk), "name": "Ops", "role": "editor"}],
    }
    assert (answer.status_code, answer.json()) == (200, expected)
    assert client.get("me").json() == expected


def test_logout_ends_the_session() -> None:
    client = ApiClient(make_user())
    assert client.post("auth/logout").status_code == 204
    assert client.get("me").status_code == 401


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.test", "wrong"),
        ("nobody@example.test", PASSWORD),
        ("gone@example.test", PASSWORD),  # not active any more
        ("ada@example.test", PASSWORD + " "),  # a password is not trimmed
    ],
)
def test_wrong_credentials_get_the_same_answer_whatever_is_wrong(email, password) -> None:
    make_user(email="ada@example.test", password=PASSWORD)
    make_user(email="gone@example.test", password=PASSWORD, is_active=False)
    answer = ApiClient().post("auth/login", {"email": email, "password": password})
    assert answer.status_code == 400
    assert faults(answer) == [("", "wrong_credentials")]


def test_an_unknown_address_costs_a_password_hash_too(monkeypatch) -> None:
    hashed = []
    monkeypatch.setattr(
        "django.contrib.auth.hashers.Argon2PasswordHasher.encode",
        lambda self, password, salt: hashed.append(password) or "argon2$x",
    )
    ApiClient().post("auth/login", {"email": "nobody@example.test", "password": "p"})
    assert hashed == ["p"]


def test_who_is_not_logged_in_gets_401_and_the_cookie_for_the_login() -> None:
    answer = ApiClient().get("me")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert "csrftoken" in answer.cookies


def test_a_session_cannot_write_without_the_csrf_token() -> None:
    client = ApiClient(make_user())
    client.django.handler.enforce_csrf_checks = True
    assert client.post("workspaces", {"name": "x"}).status_code == 403
    token = client.get("me").cookies["csrftoken"].value
    answer = client.post("workspaces", {"name": "x"}, headers={"X-CSRFToken": token})
    assert answer.status_code == 201


def test_a_key_says_which_workspace_it_opens() -> None:
    key, text = make_api_key(make_workspace("Ops"), "viewer")
    assert ApiClient(text).get("me").json() == {
        "id": str(key.pk),
        "email": None,
        "is_staff": False,
        "is_superuser": False,
        "hooks_url": settings.HOOKS_URL,
        "environment": "",
        "workspaces": [{"id": str(key.workspace_id), "name": "Ops", "role": "viewer"}],
    }


@pytest.mark.parametrize("header", ["Bearer", "Bearer ff_x", "Bearer \xff", "Bearer a b c"])
def test_a_bad_key_is_401(header: str) -> None:
    answer = ApiClient().get("me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert faults(answer) == [("", "authentication_failed")]
