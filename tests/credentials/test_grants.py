"""The tokens of OAuth2 credentials, from a real authorization server."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from apps.credentials import grants
from apps.credentials.edit import change_credential
from apps.credentials.grants import access_token, kept_tokens, store_tokens
from apps.credentials.models import Credential, OAuthGrant
from apps.credentials.rotate import rotate_credentials
from apps.credentials.vault import Vault, opened, secret_values, usable
from apps.engine.errors import FaultsError, NodeError, RevokedError
from apps.engine.masking import MASK
from apps.engine.ports import RunInfo
from apps.nodes.context import bound, services
from apps.nodes.outside.oauth2 import Tokens
from tests.credentials.provider import SECRET, Provider, providing, reaching, told
from tests.factories import make_credential
from tests.nodes.twins import ID, NOW, MemoryAttempt

pytestmark = pytest.mark.django_db


def make(provider: Provider, grant: str = "client_credentials", **more: Any) -> Credential:
    return make_credential(type="oauth2_client", values=provider.values(grant, **more))


def make_authorized(provider: Provider, **tokens: Any) -> Credential:
    """A credential to whose use a person has consented, whose token is soon to end."""
    credential = make(provider, "authorization_code")
    provider.refresh.add("refresh-first")
    provider.access.add("access-first")
    keep(credential, **tokens)
    return credential


def keep(credential: Credential, *, access: str = "access-first", **tokens: Any) -> None:
    given = {"refresh_token": "refresh-first", "expires_at": None, "renew_at": NOW, **tokens}
    store_tokens(credential, opened(credential).values, Tokens(access, **given))


def token_of(credential: Credential, refused: str | None = None) -> str:
    return access_token(credential, opened(credential).values, refused=refused)


def kept(credential: Credential) -> Tokens | None:
    return kept_tokens(credential, opened(credential).values).tokens


def run_in(credential: Credential) -> RunInfo:
    return RunInfo(ID, credential.workspace_id, ID, "Demo", 1, "manual", "UTC", NOW)


@pytest.mark.parametrize("client_auth", ["header", "body"])
def test_a_program_asks_in_its_own_name_and_once(provider: Provider, client_auth: str) -> None:
    credential = make(provider, client_auth=client_auth)
    assert token_of(credential) == token_of(credential)
    [asked] = provider.asked
    assert (asked["grant_type"], asked["scope"]) == ("client_credentials", "read write")
    assert ("client_secret" in asked) == (client_auth == "body")


def test_the_vault_gives_the_token_along_and_it_is_a_secret(provider: Provider) -> None:
    credential = make(provider)
    revealed = Vault().reveal(run_in(credential), str(credential.pk), ("oauth2_client",))
    token = revealed.values["access_token"]
    assert token in provider.access
    assert {token, SECRET} <= set(revealed.secrets)
    assert token not in repr(revealed)
    assert {token, SECRET} <= secret_values(credential.workspace_id, [credential.pk])


def test_tokens_stand_in_no_row_as_they_are(provider: Provider) -> None:
    credential = make_authorized(provider)
    token = token_of(credential)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM oauth_grants")
        row = str(cursor.fetchall())
    assert all(secret not in row for secret in (token, *provider.refresh))


def test_a_token_is_renewed_a_while_before_its_end(provider: Provider) -> None:
    credential = make(provider)
    first = token_of(credential)
    tokens = kept(credential)
    assert tokens is not None
    assert tokens.expires_at is not None
    assert tokens.renew_at == tokens.expires_at - timedelta(minutes=1)
    keep(credential, access=first, renew_at=timezone.now() - timedelta(seconds=1))
    assert token_of(credential) != first


def test_of_a_short_life_most_is_used() -> None:
    with providing(lifetime_s=10) as provider, bound(reaching(provider)):
        credential = make(provider)
        assert token_of(credential) == token_of(credential)
    tokens = kept(credential)
    assert tokens is not None
    assert tokens.expires_at is not None
    assert tokens.renew_at == tokens.expires_at - timedelta(seconds=2)


def test_a_refresh_token_that_turns_is_kept(provider: Provider) -> None:
    credential = make_authorized(provider)
    first = token_of(credential)
    keep_refresh = kept(credential)
    assert keep_refresh is not None
    assert {keep_refresh.refresh_token} == provider.refresh
    assert token_of(credential, refused=first) != first
    assert [asked["grant_type"] for asked in provider.asked] == ["refresh_token"] * 2


def test_a_refresh_token_that_does_not_turn_stays() -> None:
    with providing(rotates=False) as provider, bound(reaching(provider)):
        credential = make_authorized(provider)
        token_of(credential)
        tokens = kept(credential)
    assert tokens is not None
    assert tokens.refresh_token == "refresh-first"


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_renews_and_all_are_given_the_same(provider: Provider) -> None:
    credential = make_authorized(provider, expires_at=NOW)
    everybody = threading.Barrier(6, timeout=20)
    bound_services = services()

    def ask() -> str:
        everybody.wait()
        try:
            return token_of(credential)
        finally:
            connection.close()

    provider.before_token = lambda: threading.Event().wait(0.3)
    with bound(bound_services), ThreadPoolExecutor(6) as pool:
        tokens = {future.result() for future in [pool.submit(ask) for _ in range(6)]}
    assert len(tokens) == 1
    assert len(provider.asked) == 1


def test_a_token_that_was_refused_is_renewed_only_by_the_first_who_says_so(
    provider: Provider,
) -> None:
    credential = make_authorized(provider, renew_at=None)
    old = token_of(credential)
    new = token_of(credential, refused=old)
    assert old == "access-first" != new
    assert token_of(credential, refused=old) == new
    assert len(provider.asked) == 1


def test_a_turn_that_nobody_ends_is_over_after_a_while(provider: Provider) -> None:
    credential = make_authorized(provider)
    OAuthGrant.objects.update(
        renewing_by=uuid4(), renewing_until=timezone.now() - timedelta(seconds=1)
    )
    assert token_of(credential) in provider.access


def test_nobody_waits_for_a_turn_for_ever(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grants, "WAIT_S", 0)
    credential = make_authorized(provider, expires_at=NOW)
    in_a_minute = timezone.now() + timedelta(minutes=1)
    OAuthGrant.objects.update(renewing_by=uuid4(), renewing_until=in_a_minute)
    with pytest.raises(NodeError) as failure:
        token_of(credential)
    assert (failure.value.code, failure.value.retryable) == ("oauth_busy", True)
    assert provider.asked == []


def test_an_attempt_that_is_over_waits_for_no_turn(provider: Provider) -> None:
    credential = make_authorized(provider, expires_at=NOW)
    in_a_minute = timezone.now() + timedelta(minutes=1)
    OAuthGrant.objects.update(renewing_by=uuid4(), renewing_until=in_a_minute)
    attempt = MemoryAttempt()
    attempt.revoke()
    with pytest.raises(RevokedError):
        Vault().reveal(
            run_in(credential), str(credential.pk), ("oauth2_client",), check=attempt.check
        )
    assert provider.asked == []


def test_while_another_renews_a_token_that_is_good_for_a_moment_more_is_used(
    provider: Provider,
) -> None:
    credential = make_authorized(provider, expires_at=timezone.now() + timedelta(seconds=30))
    OAuthGrant.objects.update(
        renewing_by=uuid4(), renewing_until=timezone.now() + timedelta(minutes=1)
    )
    assert token_of(credential) == "access-first"


def test_a_server_that_is_away_costs_nothing_while_the_token_is_good(provider: Provider) -> None:
    provider.refusal = told({}, 503)
    credential = make_authorized(provider, expires_at=timezone.now() + timedelta(seconds=30))
    assert token_of(credential) == "access-first"
    keep(credential, expires_at=NOW)
    with pytest.raises(NodeError) as failure:
        token_of(credential)
    assert (failure.value.code, failure.value.retryable) == ("oauth_refused", True)


def test_who_has_not_consented_is_told_what_to_do(provider: Provider) -> None:
    credential = make(provider, "authorization_code")
    with pytest.raises(NodeError) as failure:
        token_of(credential)
    assert failure.value.code == "oauth_not_authorized"
    keep(credential, refresh_token="", expires_at=NOW)
    with pytest.raises(NodeError, match="no longer") as failure:
        token_of(credential)
    assert provider.asked == []


def test_a_refusal_tells_the_reason_and_no_secret(provider: Provider) -> None:
    credential = make_authorized(provider)
    said = f"refresh-first of {SECRET} is\nrevoked"
    provider.refusal = told({"error": "invalid_grant", "error_description": said}, 400)
    with pytest.raises(NodeError) as failure:
        token_of(credential)
    assert (failure.value.code, failure.value.retryable) == ("oauth_refused", False)
    assert f"(invalid_grant: {MASK} of {MASK} is revoked)" in failure.value.message
    assert "again" in str(failure.value.hint)
    assert kept(credential) is not None
    grant = OAuthGrant.objects.get()
    assert (grant.renewing_by, grant.renewing_until) == (None, None)


def test_tokens_count_only_for_the_values_that_they_were_given_for(provider: Provider) -> None:
    credential = make_authorized(provider, renew_at=None)
    change_credential(credential, 1, values={"scope": "more"}, by=None)
    credential.refresh_from_db()
    with pytest.raises(NodeError) as failure:
        token_of(credential)
    assert failure.value.code == "oauth_not_authorized"


def test_new_tokens_that_cannot_be_stored_serve_this_once(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    credential = make_authorized(provider)

    def fail(*arguments: Any, **named: Any) -> bool:
        raise OperationalError("the database is away")

    monkeypatch.setattr(grants, "store_tokens", fail)
    token = token_of(credential)
    assert token in provider.access
    assert "could not be stored" in caplog.text
    assert all(secret not in caplog.text for secret in (token, *provider.refresh))


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_for_a_moment_fails_no_step(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    credential = make(provider)
    outages = [OperationalError("away"), OperationalError("away")]
    find = OAuthGrant.objects.filter

    def filter(*conditions: Any, **lookup: Any) -> Any:
        if outages:
            raise outages.pop()
        return find(*conditions, **lookup)

    monkeypatch.setattr("apps.credentials.patience.RETRY_S", 0.0)
    monkeypatch.setattr(OAuthGrant.objects, "filter", filter)
    assert token_of(credential) in provider.access
    outages[:] = [OperationalError("away")] * 9
    monkeypatch.setattr(grants, "READ_WITHIN_S", -1.0)
    with pytest.raises(NodeError) as failure:
        usable(credential)
    assert (failure.value.code, failure.value.retryable) == ("credential_unavailable", True)


def test_what_another_has_stored_meanwhile_is_not_written_over(provider: Provider) -> None:
    credential = make_authorized(provider)
    values = opened(credential).values
    generation = kept_tokens(credential, values).generation
    assert store_tokens(credential, values, Tokens("newer"), generation=generation)
    assert not store_tokens(credential, values, Tokens("late"), generation=generation)
    tokens = kept(credential)
    assert tokens is not None
    assert tokens.access_token == "newer"


def test_no_token_is_asked_for_at_a_private_address() -> None:
    with providing() as provider:
        credential = make(provider)
        with pytest.raises(NodeError) as failure:
            token_of(credential)
        assert failure.value.code == "egress_refused"
        assert provider.asked == []


def test_tokens_are_sealed_anew_with_their_credentials(provider: Provider, keys: list[str]) -> None:
    credential = make_authorized(provider, renew_at=None)
    keys.reverse()
    rotate_credentials()
    del keys[1:]
    credential.refresh_from_db()
    assert token_of(credential) == "access-first"


def test_tokens_that_no_key_opens_are_as_none(provider: Provider, keys: list[str]) -> None:
    credential = make_authorized(provider, renew_at=None)
    values = opened(credential).values
    del keys[0]
    assert kept_tokens(credential, values).tokens is None


def test_a_rotation_tells_of_tokens_that_no_key_opens(provider: Provider, keys: list[str]) -> None:
    make_authorized(provider)
    keys.reverse()
    OAuthGrant.objects.update(sealed="nothing")
    err = StringIO()
    call_command("rotate_credentials", stdout=StringIO(), stderr=err)
    assert "The tokens of 1 OAuth2 credentials" in err.getvalue()


@pytest.mark.parametrize("name", ["authorize_url", "token_url"])
def test_people_and_secrets_are_sent_elsewhere_only_with_the_secret(
    provider: Provider, name: str
) -> None:
    credential = make(provider, "authorization_code")
    with pytest.raises(FaultsError) as refused:
        change_credential(credential, 1, values={name: "https://evil.test/x"}, by=None)
    assert [fault.path for fault in refused.value.faults] == ["values.client_secret"]


@pytest.mark.django_db(transaction=True)
def test_tokens_of_a_credential_that_was_deleted_meanwhile_are_not_asked_for(
    provider: Provider,
) -> None:
    credential = make(provider)
    values = opened(credential).values
    Credential.objects.filter(pk=credential.pk).delete()
    with pytest.raises(NodeError, match="deleted") as refusal:
        access_token(credential, values)
    assert refusal.value.code == "credential_unavailable"
    assert provider.asked == []
    with pytest.raises(NodeError, match="deleted"):
        store_tokens(credential, values, Tokens("access-late"))
