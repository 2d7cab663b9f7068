"""Invitations: a link that works once, for a week, for whom it was sent to."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.workspaces.accounts import delete_user, disable_user
from apps.workspaces.api_keys import revoke_api_key
from apps.workspaces.invitations import MOST_TO_ADDRESS, VALID_FOR
from apps.workspaces.members import change_role, remove_member
from apps.workspaces.models import AuditEntry, Invitation, Membership, User, Workspace
from apps.workspaces.permissions import Role
from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_user, make_workspace

pytestmark = pytest.mark.django_db
BOB = "bob@example.test"
PASSWORD = "a quiet green lake"


@pytest.fixture(autouse=True)
def without_earlier_counts(settings: Settings) -> None:
    cache.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace("Ops")


@pytest.fixture
def ada(workspace: Workspace) -> User:
    return make_user(workspace, email="ada@example.test")


def invite(by: User | str, workspace: Workspace, email: str = BOB, role: str = "editor") -> Any:
    return ApiClient(by).post(
        f"workspaces/{workspace.pk}/invitations", {"email": email, "role": role}
    )


def path_of(link: str) -> str:
    return link[link.index("/account/") :]


def first_password(link: str, password: str = PASSWORD) -> Any:
    form = {"new_password1": password, "new_password2": password}
    return Client().post(path_of(link), form)


def test_who_is_invited_sets_a_password_and_is_a_member(ada: User, workspace: Workspace) -> None:
    invited = invite(ada, workspace, "BOB@example.test")
    assert invited.status_code == 201
    link = invited.json()["link"]
    page = Client().get(path_of(link))
    assert "ada@example.test invites bob@example.test" in page.content.decode()
    assert not User.objects.filter(email=BOB).exists()  # to look changes nothing
    assert first_password(link).headers["Location"] == "/workflows"
    bob = User.objects.get(email=BOB)
    assert bob.role_in(workspace.pk) == "editor"
    assert ApiClient().post("auth/login", {"email": BOB, "password": PASSWORD}).status_code == 200
    added = AuditEntry.objects.get(action="member.add")
    assert (added.user, added.detail["invited_by"]) == (bob, "ada@example.test")


def test_a_link_works_once(ada: User, workspace: Workspace) -> None:
    link = invite(ada, workspace).json()["link"]
    first_password(link)
    again = first_password(link, "another good password")
    assert again.status_code == 404
    assert User.objects.get(email=BOB).check_password(PASSWORD)


def test_a_link_works_for_a_week(ada: User, workspace: Workspace) -> None:
    begin = datetime(2026, 11, 27, 12, tzinfo=UTC)
    with time_machine.travel(begin, tick=False):
        link = invite(ada, workspace).json()["link"]
    with time_machine.travel(begin + VALID_FOR - timedelta(seconds=1), tick=False):
        assert Client().get(path_of(link)).status_code == 200
    with time_machine.travel(begin + VALID_FOR, tick=False):
        assert Client().get(path_of(link)).status_code == 404
        assert first_password(link).status_code == 404


@pytest.mark.parametrize("spoilt", ["x", "x:y:z", ""])
def test_a_link_that_was_not_made_here_opens_nothing(spoilt: str) -> None:
    assert Client().get(f"/account/invitation/{spoilt}").status_code == 404


def test_a_weak_password_is_not_taken(ada: User, workspace: Workspace) -> None:
    link = invite(ada, workspace).json()["link"]
    page = first_password(link, "password")
    assert "This password is too common." in page.content.decode()
    assert not User.objects.filter(email=BOB).exists()


def test_who_has_an_account_joins_with_its_password(ada: User, workspace: Workspace) -> None:
    bob = make_user(email=BOB, password=PASSWORD)
    link = invite(ada, workspace).json()["link"]
    wrong = Client().post(path_of(link), {"password": "wrong"})
    assert "not the password" in wrong.content.decode()
    assert bob.role_in(workspace.pk) is None
    assert Client().post(path_of(link), {"password": PASSWORD}).status_code == 302
    assert bob.role_in(workspace.pk) == "editor"


def test_the_link_sets_no_password_of_an_account_that_has_one(
    ada: User, workspace: Workspace
) -> None:
    bob = make_user(email=BOB, password=PASSWORD)
    link = invite(ada, workspace).json()["link"]
    first_password(link, "another good password")
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)


def test_a_link_that_was_handed_over_takes_no_account_that_others_let_in(
    ada: User, workspace: Workspace
) -> None:
    """Who invites has seen it, and could use it."""
    bob = make_user(make_workspace("Other"), email=BOB)
    link = invite(ada, workspace).json()["link"]
    assert first_password(link).status_code == 404
    bob.refresh_from_db()
    assert not bob.has_usable_password()


def test_who_is_signed_in_joins_with_a_click(ada: User, workspace: Workspace) -> None:
    bob = make_user(email=BOB, password=PASSWORD)
    link = invite(ada, workspace).json()["link"]
    browser = Client()
    browser.force_login(bob)
    assert "Join" in browser.get(path_of(link)).content.decode()
    assert bob.role_in(workspace.pk) is None
    browser.post(path_of(link))
    assert bob.role_in(workspace.pk) == "editor"


def test_who_is_signed_in_as_somebody_else_joins_nothing(ada: User, workspace: Workspace) -> None:
    make_user(email=BOB, password=PASSWORD)
    eve = make_user(email="eve@example.test", password=PASSWORD)
    link = invite(ada, workspace).json()["link"]
    browser = Client()
    browser.force_login(eve)
    browser.post(path_of(link))
    assert eve.role_in(workspace.pk) is None


def test_with_a_mail_server_the_link_is_mailed_and_shown_to_nobody_else(
    ada: User, workspace: Workspace, settings: Settings, django_capture_on_commit_callbacks: Any
) -> None:
    settings.HAS_MAIL_SERVER = True
    with django_capture_on_commit_callbacks(execute=True):
        answer = invite(ada, workspace)
    assert answer.json()["link"] is None
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([BOB], "Invitation to “Ops” in FlowForge")
    [link] = re.findall(r"http\S+", sent.body)
    [listed] = ApiClient(ada).get(f"workspaces/{workspace.pk}/invitations").json()["results"]
    assert listed["mailed_at"] is not None
    token = link.rpartition("/")[2]
    assert token not in str(listed)
    assert token not in str(list(AuditEntry.objects.values()))
    assert first_password(link).status_code == 302


def test_a_mailed_link_gives_a_first_password_to_an_account_without_one(
    ada: User, workspace: Workspace, settings: Settings, django_capture_on_commit_callbacks: Any
) -> None:
    settings.HAS_MAIL_SERVER = True
    bob = make_user(make_workspace("Other"), email=BOB)
    with django_capture_on_commit_callbacks(execute=True):
        invite(ada, workspace)
    [link] = re.findall(r"http\S+", mail.outbox[0].body)
    assert first_password(link).status_code == 302
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)


def test_a_mail_that_does_not_go_out_is_told(
    ada: User,
    workspace: Workspace,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.HAS_MAIL_SERVER = True

    def refuse(*args: Any) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        assert invite(ada, workspace).status_code == 201
    [listed] = ApiClient(ada).get(f"workspaces/{workspace.pk}/invitations").json()["results"]
    assert listed["mailed_at"] is None
    assert "nobody listens" in listed["mail_error"]


def test_that_no_mail_goes_to_an_address_is_told(
    ada: User, workspace: Workspace, settings: Settings, django_capture_on_commit_callbacks: Any
) -> None:
    settings.HAS_MAIL_SERVER = True
    with django_capture_on_commit_callbacks(execute=True):
        answer = invite(ada, workspace, f"bob@{'ü' * 62}.test")
    assert answer.status_code == 201
    invitation = Invitation.objects.get()
    assert invitation.mailed_at is None
    assert "The mail was not sent" in invitation.mail_error


def test_sent_again_the_earlier_link_is_void(ada: User, workspace: Workspace) -> None:
    made = invite(ada, workspace).json()
    path = f"workspaces/{workspace.pk}/invitations/{made['id']}/send"
    again = ApiClient(ada).post(path).json()
    assert first_password(made["link"]).status_code == 404
    assert first_password(again["link"]).status_code == 302


@pytest.mark.parametrize("lost", ["removed", "lowered", "disabled", "deleted"])
def test_an_invitation_of_who_may_invite_no_more_opens_nothing(
    ada: User, workspace: Workspace, lost: str
) -> None:
    other = make_user(workspace)
    link = invite(ada, workspace, role="admin").json()["link"]
    membership = Membership.objects.get(user=ada)
    if lost == "removed":
        remove_member(membership, by=other)
    elif lost == "lowered":
        change_role(membership, Role.EDITOR, by=other)
    elif lost == "disabled":
        disable_user(ada, reason="Left.", by=other)
    else:
        delete_user(ada, by=other)
    assert "withdrawn" in Client().get(path_of(link)).content.decode()
    assert first_password(link).status_code == 404
    assert not User.objects.filter(email=BOB).exists()


def test_an_invitation_by_a_key_that_is_revoked_opens_nothing(workspace: Workspace) -> None:
    key, text = make_api_key(workspace)
    links = [invite(text, workspace, email).json()["link"] for email in (BOB, "cem@example.test")]
    assert first_password(links[0]).status_code == 302
    revoke_api_key(key)
    assert first_password(links[1]).status_code == 404


@pytest.mark.parametrize("by_key", [False, True])
def test_lists_tell_that_an_invitation_is_void_until_it_is_sent_again(
    ada: User, workspace: Workspace, by_key: bool
) -> None:
    other = make_user(workspace, is_staff=True)
    key, text = make_api_key(workspace)
    invite(text if by_key else ada, workspace)
    invitation = Invitation.objects.get()
    client, path = ApiClient(other), f"workspaces/{workspace.pk}/invitations"
    rows = (f"invitation/{invitation.pk}", f"workspace/{workspace.pk}")
    pages = ("invitation/", *(f"{row}/change/" for row in rows))

    def told_void() -> list[bool]:
        shown = [client.get(f"/admin/workspaces/{page}").content.decode() for page in pages]
        [listed] = client.get(path).json()["results"]
        return [listed["is_void"], *("void:" in page for page in shown)]

    assert told_void() == [False] * 4
    if by_key:
        revoke_api_key(key)
    else:
        change_role(Membership.objects.get(user=ada), Role.EDITOR, by=other)
    assert told_void() == [True] * 4
    assert client.post(f"{path}/{invitation.pk}/send", {}).json()["is_void"] is False
    assert told_void() == [False] * 4


def test_an_admin_who_sends_an_invitation_again_stands_for_it(
    ada: User, workspace: Workspace
) -> None:
    invite(ada, workspace)
    other = make_user(workspace)
    remove_member(Membership.objects.get(user=ada), by=other)
    path = f"workspaces/{workspace.pk}/invitations/{Invitation.objects.get().pk}/send"
    link = ApiClient(other).post(path).json()["link"]
    assert first_password(link).status_code == 302
    assert User.objects.get(email=BOB).role_in(workspace.pk) == "editor"


def test_a_withdrawn_invitation_opens_nothing(ada: User, workspace: Workspace) -> None:
    made = invite(ada, workspace).json()
    path = f"workspaces/{workspace.pk}/invitations/{made['id']}"
    assert ApiClient(ada).delete(path).status_code == 204
    assert first_password(made["link"]).status_code == 404
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["invitation.create", "invitation.withdraw"]


def test_nobody_is_invited_twice_nor_who_is_here(ada: User, workspace: Workspace) -> None:
    invite(ada, workspace)
    assert faults(invite(ada, workspace)) == [("", "already_invited")]
    assert faults(invite(ada, workspace, ada.email)) == [("", "already_member")]


def test_an_answer_does_not_tell_whether_there_is_an_account(
    ada: User, workspace: Workspace
) -> None:
    make_user(email=BOB, password=PASSWORD)
    known, unknown = invite(ada, workspace), invite(ada, workspace, "new@example.test")
    assert known.status_code == unknown.status_code == 201
    assert known.json().keys() == unknown.json().keys()


def test_an_address_gets_only_so_many(ada: User, workspace: Workspace) -> None:
    for _ in range(MOST_TO_ADDRESS):
        invite(ada, workspace)
    refused = invite(ada, workspace)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


@pytest.mark.parametrize("role", ["viewer", "operator", "editor"])
def test_only_admins_invite_and_see_who_is_invited(
    ada: User, workspace: Workspace, role: str
) -> None:
    made = invite(ada, workspace).json()
    user = make_user(workspace, role)
    client, path = ApiClient(user), f"workspaces/{workspace.pk}/invitations"
    assert invite(user, workspace, "new@example.test").status_code == 403
    assert client.get(path).status_code == 403
    assert client.delete(f"{path}/{made['id']}").status_code == 403
    assert client.post(f"{path}/{made['id']}/send").status_code == 403


def test_invitations_of_other_workspaces_are_not_there(ada: User, workspace: Workspace) -> None:
    made = invite(ada, workspace).json()
    other = make_workspace()
    client = ApiClient(make_user(other))
    assert client.get(f"workspaces/{workspace.pk}/invitations").status_code == 404
    path = f"workspaces/{other.pk}/invitations/{made['id']}"
    assert client.delete(path).status_code == 404
    assert client.post(f"{path}/send").status_code == 404
    assert Invitation.objects.count() == 1


ADMIN = "/admin/workspaces/invitation/"


def test_a_superuser_invites_into_any_workspace_in_the_admin(workspace: Workspace) -> None:
    boss = ApiClient(make_user(is_staff=True, is_superuser=True)).django
    form = {"workspace": workspace.pk, "email": "Bob@Example.test", "role": "operator"}
    page = boss.post(f"{ADMIN}add/", form, follow=True).content.decode()
    [link] = re.findall(r"http\S+/account/invitation/[\w:-]+", page)
    invitation = Invitation.objects.get()
    for path in (ADMIN, f"{ADMIN}{invitation.pk}/change/"):
        page = boss.get(path).content.decode()
        assert BOB in page
        assert link not in page
    assert first_password(link).status_code == 302


def again_path(invitation: Invitation) -> str:
    return reverse("admin:workspaces_invitation_again", args=[invitation.pk])


def test_an_invitation_is_sent_again_and_withdrawn_in_the_admin(
    ada: User, workspace: Workspace
) -> None:
    invite(ada, workspace)
    invitation = Invitation.objects.get()
    User.objects.filter(pk=ada.pk).update(is_staff=True)
    client = ApiClient(ada).django
    client.post(again_path(invitation), {"_form_submitted": "on"}, follow=True)
    invitation.refresh_from_db()
    assert invitation.link_number == 2
    client.post(f"{ADMIN}{invitation.pk}/delete/", {"post": "yes"})
    assert not Invitation.objects.exists()
    assert AuditEntry.objects.filter(action="invitation.withdraw").exists()


def test_an_operator_sees_no_invitation_in_the_admin(ada: User, workspace: Workspace) -> None:
    invite(ada, workspace)
    client = ApiClient(make_user(workspace, "operator", is_staff=True)).django
    assert client.get(ADMIN).status_code == 403
    invitation = Invitation.objects.get()
    assert client.get(f"{ADMIN}{invitation.pk}/change/").status_code == 403
    answer = client.post(again_path(invitation), {"_form_submitted": "on"})
    assert answer.status_code == 403
    assert Invitation.objects.get().link_number == 1


def test_an_admin_of_one_workspace_invites_into_no_other(ada: User, workspace: Workspace) -> None:
    User.objects.filter(pk=ada.pk).update(is_staff=True)
    form = {"workspace": make_workspace().pk, "email": BOB, "role": "admin"}
    ApiClient(ada).django.post(f"{ADMIN}add/", form)
    assert not Invitation.objects.exists()


def test_the_list_asks_as_much_for_many_as_for_one(
    ada: User, workspace: Workspace, django_assert_num_queries: Any
) -> None:
    boss = ApiClient(make_user(is_staff=True, is_superuser=True)).django
    for number in range(12):
        invite(ada, workspace, f"user{number}@invited.test")
    with django_assert_num_queries(6):
        boss.get(ADMIN)
