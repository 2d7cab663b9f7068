"""A person consents from the admin, and comes back to the credential's page."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.credentials.edit import change_credential
from apps.credentials.grants import kept_tokens, store_tokens
from apps.credentials.models import Credential
from apps.credentials.vault import opened
from apps.nodes.outside.oauth2 import Tokens
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient
from tests.credentials.provider import Provider, told
from tests.factories import make_credential, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential(provider: Provider) -> Credential:
    return make_credential(type="oauth2_client", values=provider.values(), name="Shop")


@pytest.fixture
def person(credential: Credential) -> ApiClient:
    return ApiClient(make_user(credential.workspace, "editor", is_staff=True))


def button_of(credential: Credential) -> str:
    return reverse("admin:credentials_credential_authorize", args=[credential.pk])


def page_of(credential: Credential) -> str:
    return reverse("admin:credentials_credential_change", args=[credential.pk])


def authorize(client: ApiClient, credential: Credential, **options: Any) -> Any:
    """Answer the button's dialog, as its script does."""
    return client.django.post(button_of(credential), {"_form_submitted": "on"}, **options)


def there(client: ApiClient, credential: Credential) -> str:
    """Where the button sends the browser."""
    answer = authorize(client, credential, headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.content
    url: str = answer["HX-Redirect"]
    return url


def back(client: ApiClient, answer: dict[str, str]) -> str:
    """The page that the person comes to in the end."""
    came = client.django.get(f"/api/v1/oauth/callback?{urlencode(answer)}", follow=True)
    assert came.status_code == 200
    [(path, _)] = came.redirect_chain
    assert path.startswith(reverse("admin:credentials_credential_changelist"))
    page: str = came.content.decode()
    return page


def keep(credential: Credential, **fields: Any) -> None:
    tokens = Tokens("access-secret", **fields)
    store_tokens(credential, opened(credential).values, tokens)


def test_who_consents_comes_back_to_the_page_which_tells_until_when(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    before = person.get(page_of(credential)).content.decode()
    assert "none: authorize it" in before
    assert button_of(credential) in before
    page = back(person, provider.consented(there(person, credential)))
    assert "“Shop” is authorized." in page
    assert "renewed when needed" in page
    tokens = kept_tokens(credential, opened(credential).values).tokens
    assert tokens is not None
    assert tokens.access_token not in page
    assert tokens.refresh_token not in page
    assert AuditEntry.objects.filter(action="credential.authorize").count() == 1


def test_what_was_found_before_the_consent_is_forgotten(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    failed = {"last_tested_at": timezone.now(), "last_test_error": "It is not authorized."}
    Credential.objects.filter(pk=credential.pk).update(**failed)
    assert "fails: It is not" in person.get(page_of(credential)).content.decode()
    page = back(person, provider.consented(there(person, credential)))
    assert "fails" not in page
    assert "not tested" in page


def test_what_the_server_refuses_is_told_on_the_page(
    provider: Provider, credential: Credential, person: ApiClient
) -> None:
    answer = provider.consented(there(person, credential))
    provider.refusal = told({"error": "invalid_grant"}, 400)
    assert "invalid_grant" in back(person, answer)
    stale = provider.consented(there(person, credential))
    change_credential(credential, 1, name="Store", by=None)
    assert "changed meanwhile" in back(person, stale)


def test_a_superuser_may_authorize_what_no_workspace_of_theirs_has(
    provider: Provider, credential: Credential
) -> None:
    root = ApiClient(make_user(is_staff=True, is_superuser=True))
    assert "“Shop” is authorized." in back(root, provider.consented(there(root, credential)))


def test_who_lost_the_right_meanwhile_authorizes_nothing(
    provider: Provider, credential: Credential
) -> None:
    user = make_user(credential.workspace, "editor", is_staff=True)
    person = ApiClient(user)
    answer = provider.consented(there(person, credential))
    user.memberships.update(role="operator")
    assert person.get(f"oauth/callback?{urlencode(answer)}").status_code == 404
    assert provider.asked == []


def test_who_may_not_change_it_is_not_offered_to_authorize_it(credential: Credential) -> None:
    operator = ApiClient(make_user(credential.workspace, "operator", is_staff=True))
    page = operator.get(page_of(credential)).content.decode()
    assert "none: authorize it" in page
    assert button_of(credential) not in page
    assert authorize(operator, credential).status_code == 403
    stranger = ApiClient(make_user(is_staff=True))
    assert authorize(stranger, credential).status_code == 403


def test_looking_at_the_dialog_begins_nothing(credential: Credential, person: ApiClient) -> None:
    assert "address to come back to" in person.get(button_of(credential)).content.decode()
    assert "oauth_pending" not in person.django.session


@pytest.mark.parametrize("grant", ["client_credentials", None])
def test_where_nobody_consents_there_is_no_such_button(
    provider: Provider, credential: Credential, person: ApiClient, grant: str | None
) -> None:
    values = provider.values(grant) if grant else None
    type = "oauth2_client" if grant else "http_bearer"
    other = make_credential(credential.workspace, type, values)
    page = person.get(page_of(other)).content.decode()
    assert button_of(other) not in page
    assert "No person has to consent" in authorize(person, other, follow=True).content.decode()


def test_a_page_tells_what_will_become_of_the_tokens(
    credential: Credential, person: ApiClient
) -> None:
    soon = timezone.now() + timedelta(hours=1)
    keep(credential, expires_at=soon)
    assert "then authorize it again" in person.get(page_of(credential)).content.decode()
    keep(credential, expires_at=soon - timedelta(days=1), refresh_token="refresh-secret")
    assert "ended" in person.get(page_of(credential)).content.decode()
    keep(credential)
    page = person.get(page_of(credential)).content.decode()
    assert "there, without an end" in page
    assert "access-secret" not in page


def test_of_a_credential_that_does_not_open_the_page_says_why(
    credential: Credential, person: ApiClient
) -> None:
    keep(credential)
    Credential.objects.filter(pk=credential.pk).update(sealed="nothing")
    assert "damaged" in person.get(page_of(credential)).content.decode()
    assert "damaged" in authorize(person, credential, follow=True).content.decode()
