"""Where somebody is signed in is told, and ends when it is ended."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.workspaces.api_keys import verify
from apps.workspaces.models import AuditEntry, User, UserSession
from apps.workspaces.sessions import browser_of, end_all_sessions, forget_ended_sessions
from tests.clients import ApiClient
from tests.factories import make_api_key, make_user, make_workspace

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def ada() -> User:
    return make_user(make_workspace(), email="ada@example.test")


@pytest.fixture
def boss() -> User:
    return make_user(email="boss@example.test", is_staff=True, is_superuser=True)


def is_in(client: ApiClient) -> bool:
    return client.get("me").status_code == 200


def press(by: User, user: User, button: str, **form: Any) -> str:
    path = reverse(f"admin:workspaces_user_{button}", args=[user.pk])
    answer = ApiClient(by).django.post(path, {"_form_submitted": "on", **form}, follow=True)
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def test_one_sees_where_one_is_signed_in(ada: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    ada.set_password("a quiet green lake")
    ada.save()
    client = ApiClient()
    client.django.defaults |= {"HTTP_USER_AGENT": FIREFOX, "REMOTE_ADDR": "203.0.113.1"}
    client.post("auth/login", {"email": ada.email, "password": "a quiet green lake"})
    answer = client.get("me/sessions")
    [session] = answer.json()["results"]
    assert (session["browser"], session["address"]) == ("Firefox on Linux", "203.0.113.1")
    assert session["is_this"]
    assert Session.objects.get().session_key not in answer.content.decode()


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/1 Safari/1 Edg/1", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit Chrome/1 Safari/1", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17 Safari/1", "Safari on macOS"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "unknown"),
    ],
)
def test_a_browser_is_told_in_short(told: str, shown: str) -> None:
    assert browser_of(told) == shown


def test_one_browser_is_signed_out_and_the_others_stay(ada: User) -> None:
    here, there = ApiClient(ada), ApiClient(ada)
    others = [each for each in here.get("me/sessions").json()["results"] if not each["is_this"]]
    assert here.delete(f"me/sessions/{others[0]['id']}").status_code == 204
    assert is_in(here)
    assert not is_in(there)
    assert AuditEntry.objects.get(action="user.end_session").user == ada


def test_all_others_are_signed_out(ada: User) -> None:
    here, there = ApiClient(ada), ApiClient(ada)
    assert here.delete("me/sessions").status_code == 204
    assert is_in(here)
    assert not is_in(there)
    [session] = here.get("me/sessions").json()["results"]
    assert session["is_this"]


def test_the_sessions_of_others_are_not_there(ada: User) -> None:
    bob = make_user()
    of_bob = ApiClient(bob)
    session = UserSession.objects.get(user=bob)
    client = ApiClient(ada)
    client.delete(f"me/sessions/{session.pk}")
    assert is_in(of_bob)
    assert str(session.pk) not in client.get("me/sessions").content.decode()


def test_a_session_without_a_record_ends_too(ada: User) -> None:
    """Such as one from before there were records."""
    client = ApiClient(ada)
    UserSession.objects.all().delete()
    end_all_sessions(ada, by=None)
    assert not is_in(client)


def test_a_session_without_a_record_gets_one_when_it_is_used(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ApiClient(ada)
    UserSession.objects.all().delete()
    monkeypatch.setattr("apps.workspaces.sessions._noted", {})
    client.get("me")
    assert UserSession.objects.get().user == ada


def test_a_new_password_ends_what_is_listed(ada: User) -> None:
    ApiClient(ada)
    ada.set_password("a quiet green lake")
    ada.save()
    assert not UserSession.objects.exists()


def test_what_ended_is_forgotten(ada: User) -> None:
    ApiClient(ada)
    ApiClient(ada)
    Session.objects.first().delete()
    assert forget_ended_sessions(timezone.now()) == 1
    assert UserSession.objects.count() == 1


def test_disabling_ends_sessions_at_once_and_tells_why(boss: User, ada: User) -> None:
    client = ApiClient(ada)
    _, text = make_api_key(ada.memberships.get().workspace, by=ada)
    page = press(boss, ada, "disable", reason="left the company")
    assert "disabled: left the company" in page
    assert not is_in(client)
    assert verify(text) is not None
    entry = AuditEntry.objects.get(action="user.disable")
    told = {"reason": "left the company", "changes": {"is_active": [True, False]}}
    assert (entry.user, entry.detail) == (boss, told)


def test_with_the_account_its_api_keys_are_revoked_on_demand(boss: User, ada: User) -> None:
    _, text = make_api_key(ada.memberships.get().workspace, by=ada)
    _, of_others = make_api_key(ada.memberships.get().workspace, by=boss)
    press(boss, ada, "disable", reason="left the company", revoke_keys="on")
    assert verify(text) is None
    assert verify(of_others) is not None


def test_who_is_enabled_again_signs_in_anew(boss: User, ada: User) -> None:
    client = ApiClient(ada)
    press(boss, ada, "disable", reason="holiday")
    assert "active: may sign in" in press(boss, ada, "enable")
    assert not is_in(client)
    assert is_in(ApiClient(User.objects.get(pk=ada.pk)))


def test_a_reason_is_wanted(boss: User, ada: User) -> None:
    press(boss, ada, "disable", reason="")
    ada.refresh_from_db()
    assert ada.is_active


def test_the_last_superuser_is_not_disabled(boss: User) -> None:
    assert "keeps at least one active superuser" in press(
        boss, boss, "disable", reason="by mistake"
    )
    boss.refresh_from_db()
    assert boss.is_active


def test_a_superuser_sees_sessions_and_signs_somebody_out_everywhere(boss: User, ada: User) -> None:
    client = ApiClient(ada)
    UserSession.objects.filter(user=ada).update(browser=FIREFOX, address="203.0.113.7")
    page = ApiClient(boss).get(f"/admin/workspaces/user/{ada.pk}/change/").content.decode()
    assert "Firefox on Linux" in page
    assert "203.0.113.7" in page
    press(boss, ada, "sign_out")
    assert not is_in(client)


def test_other_staff_neither_see_sessions_nor_end_them(ada: User) -> None:
    client = ApiClient(ada)
    UserSession.objects.update(address="203.0.113.7")
    operator = make_user(ada.memberships.get().workspace, "operator", is_staff=True)
    page = ApiClient(operator).get(f"/admin/workspaces/user/{ada.pk}/change/").content.decode()
    assert ada.email in page
    assert "203.0.113.7" not in page
    for button in ("disable", "enable", "sign_out"):
        assert press(operator, ada, button, reason="why not") == "403"
    assert is_in(client)


def test_a_users_page_asks_little(
    boss: User, ada: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        Client().force_login(ada)
    client = ApiClient(boss)
    with django_assert_max_num_queries(10):
        client.get(f"/admin/workspaces/user/{ada.pk}/change/")
