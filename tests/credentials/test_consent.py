"""A person consents at a real authorization server, and comes back."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from django.utils import timezone

from apps.credentials.consent import PENDING_FOR_S, redirect_uri
from apps.credentials.edit import change_credential, delete_credential
from apps.credentials.grants import access_token, kept_tokens
from apps.credentials.models import Credential
from apps.credentials.vault import opened
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient, faults
from tests.credentials.provider import SECRET, Provider, told
from tests.factories import make_api_key, make_credential, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential(provider: Provider) -> Credential:
    return make_credential(type="oauth2_client", values=provider.values(), name="<b>Shop</b>")


@pytest.fixture
def person(credential: Credential) -> ApiClient:
    return ApiClient(make_user(credential.workspace, "editor"))


def url_for(client: ApiClient, credential: Credential) -> str:
    answer = client.post(f"credentials/{credential.pk}/authorize")
    assert answer.status_code == 200, answer.content
    url: str = answer.json()["url"]
    return url


def back(client: ApiClient, answer: dict[str, str]) -> str:
    """The page that the person comes to."""
    page = client.get(f"oauth/callback?{urlencode(answer)}")
    assert page.status_code == 200
    assert page["Content-Type"].startswith("text/html")
    assert page["Cache-Control"] == "no-store"
    return page.content.decode()


def has_tokens(credential: Credential) -> bool:
    credential.refresh_from_db()
    return kept_tokens(credential, opened(credential).values).tokens is not None


def test_who_consents_and_comes_back_has_authorized_the_credential(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    assert person.get("credentials").json()["results"][0]["authorized_at"] is None
    page = back(person, provider.consented(url_for(person, credential)))
    assert "“&lt;b&gt;Shop&lt;/b&gt;” is authorized" in page
    assert person.get(f"credentials/{credential.pk}").json()["authorized_at"]
    [asked] = provider.asked
    assert asked["grant_type"] == "authorization_code"
    assert access_token(credential, opened(credential).values) in provider.access
    entry = AuditEntry.objects.get(action="credential.authorize")
    assert str(entry.object_id) == str(credential.pk)


def test_it_is_told_where_consent_is_needed_and_what_to_register_with_the_service(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    by_itself = make_credential(
        credential.workspace, "oauth2_client", provider.values(grant="client_credentials")
    )
    assert person.get(f"credentials/{credential.pk}").json()["needs_consent"] is True
    assert person.get(f"credentials/{by_itself.pk}").json()["needs_consent"] is False
    types = person.get("credential-types").json()["results"]
    told = {type["type"]: type["redirect_uri"] for type in types if type["redirect_uri"]}
    assert told == {"oauth2_client": redirect_uri()}


def test_a_client_without_secret_proves_itself_by_its_challenge_alone(
    provider: Provider, person: ApiClient, credential: Credential
) -> None:
    public = make_credential(
        credential.workspace, "oauth2_client", provider.values(client_secret="")
    )
    url = url_for(person, public)
    assert len(parse_qs(urlsplit(url).query)["code_challenge"][0]) == 43
    provider.refusal = told({"access_token": "public-token", "token_type": "bearer"})
    assert "is authorized" in back(person, provider.consented(url))
    [asked] = provider.asked
    assert asked["client_id"] == "the-client"
    assert "client_secret" not in asked
    assert has_tokens(public)


def test_the_answer_works_only_in_the_session_that_waits_for_it(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    answer = provider.consented(url_for(person, credential))
    other = ApiClient(make_user(credential.workspace, "editor"))
    assert "not authorized" in back(other, answer)
    url_for(other, credential)
    assert "not authorized" in back(other, answer)
    assert ApiClient().get(f"oauth/callback?{urlencode(answer)}").status_code == 401
    assert provider.asked == []
    assert "is authorized" in back(person, answer)


def test_the_answer_works_once(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    answer = provider.consented(url_for(person, credential))
    assert "is authorized" in back(person, answer)
    assert "not authorized" in back(person, answer)
    assert len(provider.asked) == 1


@pytest.mark.parametrize("change", [{"state": "guessed"}, {"state": ""}, {"state": "\ud83d"}])
def test_a_state_that_nobody_gave_out_is_refused(
    provider: Provider, credential: Credential, person: ApiClient, change: dict[str, str]
) -> None:
    answer = provider.consented(url_for(person, credential)) | change
    encoded = urlencode(answer, errors="surrogatepass")
    assert "not authorized" in person.get(f"oauth/callback?{encoded}").content.decode()
    assert "not authorized" in person.get("oauth/callback").content.decode()
    assert provider.asked == []


def test_an_answer_that_comes_too_late_is_refused(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    answer = provider.consented(url_for(person, credential))
    with time_machine.travel(timezone.now().timestamp() + PENDING_FOR_S + 1):
        assert "not authorized" in back(person, answer)
    assert provider.asked == []


def test_a_credential_that_was_changed_meanwhile_is_not_authorized(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    answer = provider.consented(url_for(person, credential))
    change_credential(credential, 1, name="Renamed", by=None)
    assert "changed meanwhile" in back(person, answer)
    assert not has_tokens(credential)


def test_a_credential_that_is_gone_or_no_longer_ones_own_is_not_found(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    answer = provider.consented(url_for(person, credential))
    delete_credential(credential, by=None)
    assert person.get(f"oauth/callback?{urlencode(answer)}").status_code == 404
    assert provider.asked == []


def test_what_the_server_says_against_it_is_told_and_not_believed(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    answer = provider.consented(url_for(person, credential))
    page = back(person, {"state": answer["state"], "error": "access_denied<script>"})
    assert "access_deniedscript" in page
    assert "<script" not in page
    answer = provider.consented(url_for(person, credential))
    assert "no consent" in back(person, {"state": answer["state"]})


def test_a_code_that_the_server_refuses_tells_its_reason_and_no_secret(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    answer = provider.consented(url_for(person, credential))
    code = answer["code"]
    said = f"{code} with {SECRET}"
    provider.refusal = told({"error": "invalid_grant", "error_description": said}, 400)
    page = back(person, answer)
    assert "invalid_grant" in page
    assert code not in page
    assert SECRET not in page


def test_a_program_cannot_consent(credential: Credential) -> None:
    program = ApiClient(make_api_key(credential.workspace, "editor")[1])
    answer = program.post(f"credentials/{credential.pk}/authorize")
    assert (answer.status_code, faults(answer)) == (409, [("", "needs_a_person")])


def test_what_needs_no_consent_is_told(provider: Provider, credential: Credential) -> None:
    person = ApiClient(make_user(credential.workspace, "editor"))
    others = [
        make_credential(credential.workspace),
        make_credential(
            credential.workspace, "oauth2_client", provider.values("client_credentials")
        ),
    ]
    for other in others:
        answer = person.post(f"credentials/{other.pk}/authorize")
        assert (answer.status_code, faults(answer)) == (409, [("", "needs_no_consent")])


def test_a_session_waits_for_a_few_answers_at_most(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    answers: list[dict[str, Any]] = [
        provider.consented(url_for(person, credential)) for _ in range(7)
    ]
    assert "not authorized" in back(person, answers[0])
    assert "is authorized" in back(person, answers[2])
    assert "is authorized" in back(person, answers[6])
    assert person.django.session["oauth_pending"]
