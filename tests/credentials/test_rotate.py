"""Rotation: old keys may go, and what no key opens is told."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.credentials import rotate
from apps.credentials.models import Credential
from apps.credentials.rotate import rotate_credentials
from apps.credentials.seal import known_key_ids, unseal
from apps.workspaces.models import AuditEntry
from tests.factories import make_credential

pytestmark = pytest.mark.django_db


def test_old_keys_may_go_after_a_rotation(
    keys: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotate, "BATCH", 2)
    stored = [make_credential(values={"token": f"token-{n}"}) for n in range(5)]
    keys.reverse()
    assert rotate_credentials().sealed == 5
    settings.CREDENTIAL_KEYS = keys[:1]
    for n, credential in enumerate(stored):
        credential.refresh_from_db()
        assert unseal(credential) == {"token": f"token-{n}"}
        assert credential.revision == 1


def test_a_second_rotation_has_nothing_to_do(keys: list[str]) -> None:
    make_credential()
    keys.reverse()
    assert [rotate_credentials().sealed for _ in range(2)] == [1, 0]


def test_a_rotation_that_was_stopped_goes_on_where_it_was(
    keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotate, "BATCH", 2)
    for _ in range(3):
        make_credential()
    keys.reverse()
    first, batches = rotate._rotate_batch, iter([True])

    def stopped(*args: object) -> object:
        if not next(batches, False):
            raise KeyboardInterrupt
        return first(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(rotate, "_rotate_batch", stopped)
    with pytest.raises(KeyboardInterrupt):
        rotate_credentials()
    monkeypatch.setattr(rotate, "_rotate_batch", first)
    assert Credential.objects.filter(key_id=known_key_ids()[0]).count() == 2
    assert rotate_credentials().sealed == 1


def test_what_no_key_opens_is_told_and_stays(keys: list[str], settings: Settings) -> None:
    lost = make_credential(name="Lost")
    keys.reverse()
    make_credential()
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode(), keys[0]]
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match="1 stay as they are"):
        call_command("rotate_credentials", stdout=out, stderr=err)
    assert out.getvalue().startswith("1 sealed anew")
    assert "“Lost”" in err.getvalue()
    sealed = lost.sealed
    lost.refresh_from_db()
    assert lost.sealed == sealed


def test_a_rotation_leaves_an_audit_entry_for_each(keys: list[str]) -> None:
    credential = make_credential()
    before = credential.key_id
    keys.reverse()
    rotate_credentials()
    entry = AuditEntry.objects.get(action="credential.rotate")
    assert (entry.object_id, entry.workspace_id) == (credential.pk, credential.workspace_id)
    assert entry.detail == {"changes": {"key": [before, known_key_ids()[0]]}}
