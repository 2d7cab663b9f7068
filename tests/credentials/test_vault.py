"""What the vault gives to runs, and what it refuses, whatever id it is asked for."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone
from pytest_django import Settings

from apps.credentials.models import Credential
from apps.credentials.seal import UnreadableError, seal, unseal
from apps.credentials.vault import Vault, named_credentials, secret_values
from apps.engine.errors import FlowForgeError, NodeError
from apps.engine.ports import RunInfo
from apps.workspaces.models import Workspace
from tests.factories import make_credential, make_workspace
from tests.nodes.twins import ID, NOW

pytestmark = pytest.mark.django_db

SECRET = "s3cret-token"


def run_in(workspace: Workspace) -> RunInfo:
    return RunInfo(ID, workspace.pk, ID, "Demo", 1, "manual", "UTC", NOW)


def refused(workspace: Workspace, id: Any, *types: str) -> NodeError:
    with pytest.raises(NodeError) as error:
        Vault().reveal(run_in(workspace), id, types or ("http_bearer",))
    assert error.value.code == "credential_unavailable"
    assert SECRET not in f"{error.value.message}{error.value.hint}"
    return error.value


def test_a_run_is_given_the_values_with_their_defaults() -> None:
    credential = make_credential(values={"token": SECRET})
    revealed = Vault().reveal(
        run_in(credential.workspace), str(credential.pk), ("http_basic", "http_bearer")
    )
    assert revealed.type == "http_bearer"
    assert revealed.values == {"token": SECRET, "allowed_hosts": []}
    assert SECRET not in f"{revealed} {revealed!r} {credential!r}"


def test_the_secret_stands_nowhere_in_the_row() -> None:
    credential = make_credential(values={"token": SECRET, "allowed_hosts": ["API.test"]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM credentials")
        assert SECRET not in str(cursor.fetchall())
    assert credential.public_values == {"allowed_hosts": ["api.test"]}
    assert credential.secret_names == ["token"]


@pytest.mark.parametrize("id", ["", "no id", "…", "0", str(UUID(int=1)), "%", None, 7])
def test_what_is_not_there_is_unavailable(id: Any) -> None:
    make_credential()
    refused(make_workspace(), id)


def test_a_credential_of_another_workspace_is_not_there() -> None:
    credential = make_credential()
    mine, nobodys = make_workspace(), str(uuid4())
    told = [refused(mine, id).message.replace(id, "…") for id in (str(credential.pk), nobodys)]
    assert told[0] == told[1]


def test_a_credential_of_another_type_is_refused_by_the_names_of_both() -> None:
    credential = make_credential(name="Mail bot")
    told = refused(credential.workspace, str(credential.pk), "smtp", "slack").message
    assert told == (
        "The credential “Mail bot” is of the type HTTP bearer token; this node takes SMTP or Slack."
    )


def test_a_row_that_was_copied_elsewhere_does_not_open() -> None:
    theirs = make_credential(values={"token": SECRET})
    mine = make_credential(values={"token": "my own"})
    Credential.objects.filter(pk=mine.pk).update(sealed=theirs.sealed)
    refused(mine.workspace, str(mine.pk))


def test_a_row_that_was_moved_or_renamed_in_its_type_does_not_open() -> None:
    credential = make_credential(type="http_header", values={"name": "X-Key", "value": SECRET})
    elsewhere = make_workspace()
    Credential.objects.filter(pk=credential.pk).update(workspace=elsewhere)
    refused(elsewhere, str(credential.pk), "http_header")
    Credential.objects.filter(pk=credential.pk).update(
        workspace=credential.workspace, type="http_query"
    )
    refused(credential.workspace, str(credential.pk), "http_query")


@pytest.mark.parametrize("end", ["AAAAAAAA=", "é", ""])
def test_a_damaged_row_says_so(end: str) -> None:
    credential = make_credential()
    Credential.objects.filter(pk=credential.pk).update(sealed=credential.sealed[:-9] + end)
    assert "damaged" in refused(credential.workspace, str(credential.pk)).message


def test_every_key_opens_and_the_first_seals(keys: list[str]) -> None:
    old = make_credential(values={"token": SECRET})
    keys.reverse()
    new = make_credential(old.workspace)
    assert old.key_id != new.key_id
    for credential in (old, new):
        Vault().reveal(run_in(old.workspace), str(credential.pk), ("http_bearer",))


def test_a_lost_key_is_named(keys: list[str], settings: Settings) -> None:
    credential = make_credential()
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    error = refused(credential.workspace, str(credential.pk))
    assert credential.key_id in error.message
    assert keys[0] not in error.message


def test_values_that_their_type_takes_no_more_are_unavailable() -> None:
    credential = make_credential()
    Credential.objects.filter(pk=credential.pk).update(type="gone")
    refused(credential.workspace, str(credential.pk), "http_bearer")


def test_a_use_is_noted_once_a_minute() -> None:
    credential = make_credential()

    def used_at() -> Any:
        Vault().reveal(run_in(credential.workspace), str(credential.pk), ("http_bearer",))
        credential.refresh_from_db()
        return credential.last_used_at

    first = used_at()
    assert first is not None
    assert used_at() == first
    long_ago = timezone.now() - timedelta(seconds=61)
    Credential.objects.filter(pk=credential.pk).update(last_used_at=long_ago)
    assert used_at() > first


def test_a_refused_use_is_not_noted() -> None:
    credential = make_credential()
    refused(credential.workspace, str(credential.pk), "smtp")
    credential.refresh_from_db()
    assert credential.last_used_at is None


def test_a_use_that_cannot_be_noted_is_a_use_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    credential = make_credential(values={"token": SECRET})

    def fails(*args: Any, **fields: Any) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr("apps.credentials.querysets.SealedQuerySet.update", fails)
    with caplog.at_level(logging.DEBUG):
        revealed = Vault().reveal(
            run_in(credential.workspace), str(credential.pk), ("http_bearer",)
        )
    assert revealed.values["token"] == SECRET
    assert "not noted" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_thread_that_had_no_connection_keeps_none() -> None:
    credential = make_credential(values={"token": SECRET})

    def revealed() -> tuple[str, bool]:
        id = str(credential.pk)
        given = Vault().reveal(run_in(credential.workspace), id, ("http_bearer",))
        return given.values["token"], connection.connection is None

    with ThreadPoolExecutor(1) as branch:
        assert branch.submit(revealed).result() == (SECRET, True)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_for_a_moment_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    credential = make_credential(values={"token": SECRET})
    outages = [OperationalError("away"), OperationalError("away")]
    find = Credential.objects.filter

    def filter(*conditions: Any, **lookup: Any) -> Any:
        if outages:
            raise outages.pop()
        return find(*conditions, **lookup)

    monkeypatch.setattr("apps.credentials.patience.RETRY_S", 0.0)
    monkeypatch.setattr(Credential.objects, "filter", filter)
    id, types = str(credential.pk), ("http_bearer",)
    assert Vault().reveal(run_in(credential.workspace), id, types).values["token"] == SECRET
    outages[:] = [OperationalError("away")] * 9
    monkeypatch.setattr("apps.credentials.vault.PATIENCE_S", -1.0)
    assert refused(credential.workspace, id).retryable


def test_a_graph_names_credentials_in_the_params_of_its_nodes() -> None:
    id = uuid4()
    nodes = [
        {"params": {"credential": str(id)}},
        {"params": {"credential": "no id"}},
        {"params": {"credential": ["x"]}},
        {"params": {"url": str(uuid4())}},
        {"params": None},
        {},
        None,
    ]
    assert named_credentials({"nodes": nodes}) == {id}
    assert named_credentials({}) == set()


def test_the_secrets_of_a_workspaces_credentials_are_told_and_no_others() -> None:
    basic = make_credential(type="http_basic", values={"username": "ada", "password": "pass-1"})
    generic = make_credential(basic.workspace, "generic", {"pairs": {"a": "pass-2", "b": "pass-3"}})
    unreadable = make_credential(basic.workspace)
    Credential.objects.filter(pk=unreadable.pk).update(sealed="nothing")
    theirs = make_credential()
    ids = [basic.pk, generic.pk, unreadable.pk, theirs.pk, uuid4()]
    assert secret_values(basic.workspace_id, ids) == {"pass-1", "pass-2", "pass-3"}


def test_without_a_key_nothing_is_sealed_and_nothing_opened(settings: Settings) -> None:
    credential = make_credential()
    settings.CREDENTIAL_KEYS = []
    with pytest.raises(FlowForgeError, match="CREDENTIAL_KEYS") as refused:
        seal(credential, {"token": "another-token"})
    assert refused.value.code == "no_credential_keys"
    with pytest.raises(UnreadableError, match="CREDENTIAL_KEYS"):
        unseal(credential)
