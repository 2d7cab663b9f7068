"""Accounts in the admin: who changed whose rights is told, and somebody is always left."""

from typing import Any

import pytest

from apps.workspaces.models import AuditEntry, User
from tests.clients import ApiClient
from tests.factories import make_user

pytestmark = pytest.mark.django_db
USERS = "/admin/workspaces/user/"


@pytest.fixture
def boss() -> User:
    return make_user(is_staff=True, is_superuser=True)


def change(by: User, user: User, **rights: bool) -> Any:
    """Send the form of an account with these rights alone."""
    ticked = {name: "on" for name, value in rights.items() if value}
    form = {"email": user.email, **ticked}
    client = ApiClient(by).django
    return client.post(f"{USERS}{user.pk}/change/", form, follow=True).content.decode()


def test_who_changes_the_rights_of_an_account_is_told_with_what_they_were(boss: User) -> None:
    user = make_user()
    change(boss, user, is_staff=True)
    entry = AuditEntry.objects.get(action="user.change")
    assert (entry.user, entry.object_id) == (boss, user.pk)
    assert entry.detail["changes"] == {"is_staff": [False, True]}


def test_the_last_active_superuser_stays_one(boss: User) -> None:
    make_user(is_staff=True, is_superuser=True, is_active=False)
    page = change(boss, boss, is_staff=True, is_superuser=False)
    assert "FlowForge keeps at least one active superuser." in page
    client = ApiClient(boss).django
    page = client.post(f"{USERS}{boss.pk}/delete/", {"post": "yes"}, follow=True).content.decode()
    assert "FlowForge keeps at least one active superuser." in page
    assert User.objects.get(pk=boss.pk).is_superuser


def test_a_new_account_and_a_new_password_are_told_without_the_password(boss: User) -> None:
    client = ApiClient(boss).django
    password = "a-Long-One-17-29"
    new = {"usable_password": "true", "password1": password, "password2": password}
    client.post(f"{USERS}add/", {"email": "new@example.org", **new})
    user = User.objects.get(email="new@example.org")
    client.post(f"{USERS}{user.pk}/password/", new)
    actions = AuditEntry.objects.filter(object_id=user.pk).order_by("pk")
    assert [entry.action for entry in actions] == ["user.create", "user.password"]
    assert password not in str([entry.detail for entry in actions])


def test_who_sets_their_own_password_is_told() -> None:
    ada = make_user(is_staff=True)
    ada.set_password("a quiet green lake")
    ada.save()
    client = ApiClient(ada).django
    form = {"old_password": "a wrong one", "new_password1": "a loud", "new_password2": "a loud"}
    client.post("/admin/password_change/", form)
    assert not AuditEntry.objects.exists()
    new = {"new_password1": "a loud red lake", "new_password2": "a loud red lake"}
    client.post("/admin/password_change/", {"old_password": "a quiet green lake", **new})
    ada.refresh_from_db()
    assert ada.check_password("a loud red lake")
    [entry] = AuditEntry.objects.filter(action="user.password")
    assert (entry.user, entry.object_id) == (ada, ada.pk)
