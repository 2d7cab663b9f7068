"""A forgotten password is set anew by a link in a mail, and nobody is told who has an account."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.workspaces import password_reset
from apps.workspaces.models import AuditEntry, User
from apps.workspaces.password_reset import MOST_FOR_ACCOUNT
from tests.clients import ApiClient
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ADA = "ada@example.test"
OLD, NEW = "an old brown stone", "a quiet green lake"
ASK = "/account/password-reset"


class AtOnce:
    """A thread that has ended when it begins."""

    def __init__(self, target: Any, args: Any, daemon: bool) -> None:
        self.start = lambda: target(*args)


@pytest.fixture(autouse=True)
def mail_server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    settings.HAS_MAIL_SERVER = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    monkeypatch.setattr(password_reset, "Thread", AtOnce)


@pytest.fixture
def ada() -> User:
    return make_user(email=ADA, password=OLD)


@pytest.fixture
def boss() -> User:
    return make_user(email="boss@example.test", is_staff=True, is_superuser=True)


def ask(email: str = ADA) -> Any:
    return Client().post(ASK, {"email": email}, follow=True)


def mailed_link() -> str:
    [link] = re.findall(r"http\S+", mail.outbox[-1].body)
    return link[link.index("/account/") :]


def set_password(link: str, password: str = NEW) -> Any:
    browser = Client()
    form = browser.get(link, follow=True).request["PATH_INFO"]
    answer = {"new_password1": password, "new_password2": password}
    return browser.post(form, answer, follow=True)


def can_sign_in(password: str) -> bool:
    answer = ApiClient().post("auth/login", {"email": ADA, "password": password})
    return answer.status_code == 200


def test_who_has_forgotten_the_password_sets_a_new_one(ada: User) -> None:
    session = ApiClient(ada)
    ask()
    assert mail.outbox[0].to == [ADA]
    assert "Sign in again" in set_password(mailed_link()).content.decode()
    assert can_sign_in(NEW)
    assert not can_sign_in(OLD)
    assert session.get("me").status_code == 401
    entry = AuditEntry.objects.get(action="user.password")
    assert (entry.object_id, entry.user) == (ada.pk, ada)


def test_a_link_works_once(ada: User) -> None:
    ask()
    link = mailed_link()
    set_password(link)
    again = Client().get(link, follow=True)
    assert again.status_code == 404
    assert "was used already" in again.content.decode()


def test_a_weak_password_is_not_taken(ada: User) -> None:
    ask()
    assert "too common" in set_password(mailed_link(), "password").content.decode()
    assert can_sign_in(OLD)


def test_the_answer_is_the_same_whether_there_is_an_account(ada: User) -> None:
    make_user(email="gone@example.test", password=OLD, is_active=False)
    pages = {ask(email).content for email in (ADA, "nobody@example.test", "gone@example.test")}
    assert len(pages) == 1
    assert [sent.to for sent in mail.outbox] == [[ADA]]


def test_who_asks_too_often_waits(ada: User) -> None:
    for _ in range(MOST_FOR_ACCOUNT):
        ask()
    page = ask().content.decode()
    assert "Too many mails were asked for." in page
    assert len(mail.outbox) == MOST_FOR_ACCOUNT


def test_without_a_mail_server_it_says_who_helps(ada: User, settings: Settings) -> None:
    settings.HAS_MAIL_SERVER = False
    assert "Who runs this installation sets a new password" in Client().get(ASK).content.decode()
    ask()
    assert mail.outbox == []


def test_the_admins_sign_in_page_leads_there() -> None:
    assert f'href="{ASK}"' in Client().get("/admin/login/").content.decode()


def press(by: User, user: User) -> Any:
    path = reverse("admin:workspaces_user_send_reset_mail", args=[user.pk])
    return ApiClient(by).django.post(path, {"_form_submitted": "on"}, follow=True)


def test_a_superuser_sends_the_link(boss: User, ada: User) -> None:
    assert "1 mail sent" in press(boss, ada).content.decode()
    assert set_password(mailed_link()).status_code == 200
    assert can_sign_in(NEW)
    entry = AuditEntry.objects.get(action="user.send_reset_mail")
    assert (entry.user, entry.object_id) == (boss, ada.pk)


def test_so_somebody_without_a_password_gets_the_first_one(boss: User) -> None:
    user = make_user(email=ADA)
    press(boss, user)
    set_password(mailed_link())
    assert can_sign_in(NEW)


def test_nobody_who_is_disabled_gets_one(boss: User, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert "is disabled" in press(boss, ada).content.decode()
    assert mail.outbox == []


def test_other_staff_send_none(ada: User) -> None:
    assert press(make_user(is_staff=True), ada).status_code == 403
    assert mail.outbox == []
