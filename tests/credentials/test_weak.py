"""Secrets that masking cannot hide well are told to who enters them, and to nobody else."""

from typing import Any

import pytest
from django.urls import reverse

from apps.credentials.weak import weak_secrets
from apps.workspaces.models import Workspace
from tests.clients import ApiClient
from tests.factories import make_credential, make_user, make_workspace

SHORT = "hunter2"


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        (SHORT, "secret_short"),
        ("  1234567  ", "secret_short"),  # the masker looks for it without its margins
        ("12345678", "secret_digits"),
        ("dragonfly", "secret_word"),
        ("Dragonfly", "secret_word"),
        ("DRAGONFLY", "secret_word"),
        ("Türschloss", "secret_word"),
    ],
)
def test_each_weakness_has_a_code(secret: str, code: str) -> None:
    [weak] = weak_secrets("http_bearer", {"token": secret})
    assert (weak.path, weak.code) == ("values.token", code)
    assert secret not in weak.message


@pytest.mark.parametrize(
    "secret",
    [
        "hunter-two",
        "1234-5678",
        "dragonfly7",
        "dRaGoNfLy",
        "two words",
        "q" * 25,  # longer than words are
    ],
)
def test_what_masking_hides_well_is_not_warned_of(secret: str) -> None:
    assert weak_secrets("http_bearer", {"token": secret}) == []


def test_of_pairs_each_is_judged_by_name() -> None:
    pairs = {"a": SHORT, "b": "s3cret-enough", "c": "", "d": None}
    told = weak_secrets("generic", {"pairs": pairs})
    assert [weak.path for weak in told] == ["values.pairs.a"]


def test_values_that_are_no_secret_are_not_judged() -> None:
    assert weak_secrets("smtp", {"host": "mail", "username": "ada", "port": 25}) == []


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(warning["path"], warning["code"]) for warning in answer.json()["warnings"]]


@pytest.mark.django_db
def test_the_api_warns_who_enters_a_secret_and_not_who_changes_the_rest(
    workspace: Workspace,
) -> None:
    client = ApiClient(make_user(workspace, "editor"))
    values = {"host": "mail.test", "password": SHORT}
    made = client.post("credentials", {"name": "Mail", "type": "smtp", "values": values})
    assert (made.status_code, codes(made)) == (201, [("values.password", "secret_short")])
    path = f"credentials/{made.json()['id']}"
    assert codes(client.patch(path, {"revision": 1, "values": {"username": "ada"}})) == []
    assert codes(client.patch(path, {"revision": 2, "name": "Post"})) == []
    digits = client.patch(path, {"revision": 3, "values": {"password": "12345678"}})
    assert codes(digits) == [("values.password", "secret_digits")]
    good = client.patch(path, {"revision": 4, "values": {"password": "correct-horse"}})
    assert codes(good) == []
    assert "warnings" not in client.get(path).json()


@pytest.mark.django_db
def test_the_admin_warns_who_enters_a_secret(workspace: Workspace) -> None:
    client = ApiClient(make_user(workspace, "editor", is_staff=True))
    add = f"{reverse('admin:credentials_credential_add')}?type=generic"
    assert "8 characters or more" in client.get(add).content.decode()
    form = {"workspace": workspace.pk, "name": "Mine", "value_pairs": f"a={SHORT}\nb=dragonfly"}
    page = client.django.post(add, form, follow=True).content.decode()
    assert "pairs.a: With fewer than 8 characters" in page
    assert "pairs.b: It is one plain word" in page
    assert SHORT not in page


@pytest.mark.django_db
def test_the_admin_does_not_warn_of_what_is_stored(workspace: Workspace) -> None:
    client = ApiClient(make_user(workspace, "editor", is_staff=True))
    credential = make_credential(workspace, values={"token": SHORT})
    page = reverse("admin:credentials_credential_change", args=[credential.pk])
    form = {"name": "Renamed", "seen_revision": credential.revision}
    answer = client.django.post(page, form, follow=True).content.decode()
    assert "Renamed" in answer
    assert "it is not masked" not in answer
