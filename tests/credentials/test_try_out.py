"""A stored credential is tried, and what came of it is remembered without a secret."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from apps.credentials.models import Credential
from apps.credentials.try_out import try_credential
from apps.engine.errors import NodeError
from apps.nodes.context import Services, bound
from apps.nodes.contract import Answer
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient, faults
from tests.factories import make_credential, make_user
from tests.nodes.twins import StubHttp

pytestmark = pytest.mark.django_db

SECRET = "s3cret-token"
URL = "https://api.test/me"


@contextmanager
def answering(answers: Sequence[Answer]) -> Iterator[StubHttp]:
    stub = StubHttp(answers)
    with bound(Services(transport=stub)):
        yield stub


@pytest.fixture
def credential() -> Credential:
    return make_credential(values={"token": SECRET})


@pytest.fixture
def client(credential: Credential) -> ApiClient:
    return ApiClient(make_user(credential.workspace, "editor"))


def tried(client: ApiClient, credential: Credential, **body: Any) -> Any:
    return client.post(f"credentials/{credential.pk}/test", body)


def test_what_came_of_it_is_told_and_remembered(client: ApiClient, credential: Credential) -> None:
    with answering([Answer(200), Answer(403)]):
        good, bad = (tried(client, credential, url=f"{URL}?q={SECRET}").json() for _ in range(2))
    assert (good["ok"], good["error"]) == (True, None)
    assert (bad["ok"], bad["error"]["code"]) == (False, "http_status")
    told = client.get(f"credentials/{credential.pk}").json()
    assert told["last_tested_at"] == bad["at"]
    assert told["last_test_error"] == bad["error"]["message"] == f"GET {URL} answered 403."
    details = [entry.detail for entry in AuditEntry.objects.filter(action="credential.test")]
    assert {"error": None, "url": URL} in details
    assert SECRET not in str(details)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([Answer(404)], "url_failed"),  # a mistyped path
        ([Answer(503)], "url_failed"),
        ([Answer(302, headers={"location": URL})] * 11, "too_many_redirects"),
    ],
    ids=["not-found", "unavailable", "redirects"],
)
def test_an_answer_that_says_nothing_of_the_secret_is_told_but_not_remembered(
    client: ApiClient, credential: Credential, answers: list[Answer], code: str
) -> None:
    with answering([Answer(200), *answers]):
        well, told = (tried(client, credential, url=URL).json() for _ in range(2))
    assert (told["ok"], told["error"]["code"]) == (False, code)
    kept = client.get(f"credentials/{credential.pk}").json()
    assert (kept["last_tested_at"], kept["last_test_error"]) == (well["at"], "")
    tries = AuditEntry.objects.filter(action="credential.test")
    assert {entry.detail["error"] for entry in tries} == {None, code}


@pytest.mark.parametrize(
    ("url", "code"),
    [("http://127.0.0.1:22/", "egress_refused"), ("nothing like it", "invalid_url")],
)
def test_a_url_that_nothing_was_sent_to_leaves_the_credential_untested(
    client: ApiClient, credential: Credential, url: str, code: str
) -> None:
    assert tried(client, credential, url=url).json()["error"]["code"] == code
    assert client.get(f"credentials/{credential.pk}").json()["last_tested_at"] is None


def test_a_service_that_is_not_reached_leaves_the_credential_untested(
    credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_silent(*args: Any) -> None:
        raise NodeError("timeout", "There was no answer.", retryable=True)

    monkeypatch.setattr("apps.credentials.try_out.check_credential", is_silent)
    assert try_credential(credential, url=URL, by=None).error is not None
    credential.refresh_from_db()
    assert credential.last_tested_at is None


def test_a_host_that_it_is_not_for_says_nothing_of_it() -> None:
    narrow = make_credential(values={"token": SECRET, "allowed_hosts": ["api.test"]})
    told = try_credential(narrow, url="https://evil.test/", by=None)
    narrow.refresh_from_db()
    assert told.error is not None
    assert (told.error.code, narrow.last_tested_at) == ("credential_refused", None)


def test_what_was_changed_since_counts_as_not_tried(
    client: ApiClient, credential: Credential
) -> None:
    with answering([Answer(200)]):
        tried(client, credential, url=URL)
    client.patch(f"credentials/{credential.pk}", {"revision": 1, "values": {"token": "other"}})
    assert client.get(f"credentials/{credential.pk}").json()["last_tested_at"] is None


def test_what_is_changed_meanwhile_is_not_marked(
    credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(*args: Any) -> None:
        Credential.objects.filter(pk=credential.pk).update(revision=2)

    monkeypatch.setattr("apps.credentials.try_out.check_credential", change)
    try_credential(credential, url=URL, by=None)
    credential.refresh_from_db()
    assert credential.last_tested_at is None


def test_no_service_has_a_secret_repeated(client: ApiClient, credential: Credential) -> None:
    with answering([Answer(302, headers={"location": f"https://evil.test/{SECRET}"})] * 11):
        told = tried(client, credential, url=URL).json()["error"]
    assert told["code"] == "too_many_redirects"
    assert SECRET not in str(told)


def test_what_does_not_open_is_told_as_such(client: ApiClient, credential: Credential) -> None:
    Credential.objects.filter(pk=credential.pk).update(sealed="nothing")
    assert tried(client, credential, url=URL).json()["error"]["code"] == "credential_unavailable"


@pytest.mark.parametrize(
    ("type", "values", "url", "fault"),
    [
        ("http_bearer", {"token": SECRET}, "", ("url", "missing")),
        ("generic", {"pairs": {"a": SECRET}}, "", ("", "cannot_be_tried")),
        ("slack", {"bot_token": SECRET}, URL, ("url", "unknown_key")),
    ],
)
def test_what_cannot_be_tried_is_a_fault(
    type: str, values: dict[str, Any], url: str, fault: tuple[str, str]
) -> None:
    credential = make_credential(type=type, values=values)
    client = ApiClient(make_user(credential.workspace, "editor"))
    answer = tried(client, credential, url=url)
    assert faults(answer) == [fault]
