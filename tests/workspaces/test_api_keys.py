"""API keys: shown once, stored hashed, usable until revoked or expired."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.workspaces.api_keys import revoke_api_key, verify
from apps.workspaces.models import ApiKey, AuditEntry
from tests.factories import make_api_key, make_workspace

pytestmark = pytest.mark.django_db


def test_a_key_opens_its_workspace_in_its_role() -> None:
    key, text = make_api_key(role="operator")
    found = verify(text)
    assert found == key
    assert found.roles() == {key.workspace_id: "operator"}


def test_the_text_of_a_key_is_not_stored() -> None:
    key, text = make_api_key()
    secret = text.split("_", 2)[2]  # may have such signs of its own
    stored = ApiKey.objects.filter(pk=key.pk).values()[0]
    assert secret not in str(stored)
    assert secret not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("a" if text[-1] != "a" else "b"),
        lambda text: text[3:],  # without its beginning
        lambda text: text.upper(),
        lambda text: text + "\0",
        lambda text: "ff_" + "é" * 8 + text[11:],
        lambda text: "",
    ],
)
def test_a_changed_key_opens_nothing(change) -> None:
    _, text = make_api_key()
    assert verify(change(text)) is None


def test_a_revoked_key_opens_nothing() -> None:
    key, text = make_api_key()
    revoke_api_key(key)
    assert verify(text) is None


def test_an_expired_key_opens_nothing() -> None:
    _, text = make_api_key(expires_at=timezone.now() - timedelta(seconds=1))
    assert verify(text) is None


def test_use_is_noted_once_a_minute() -> None:
    key, text = make_api_key()
    verify(text)
    key.refresh_from_db()
    first = key.last_used_at
    assert first is not None
    verify(text)
    key.refresh_from_db()
    assert key.last_used_at == first


def test_the_command_prints_a_key_that_works() -> None:
    workspace, out = make_workspace("Demo"), StringIO()
    call_command("create_api_key", "Demo", role="viewer", days=1, stdout=out)
    key = verify(out.getvalue().strip())
    assert key is not None
    assert (key.workspace, key.role) == (workspace, "viewer")
    assert key.expires_at is not None


def test_the_command_asks_which_workspace_where_there_are_two() -> None:
    make_workspace("One")
    make_workspace("Two")
    with pytest.raises(CommandError, match="Which workspace"):
        call_command("create_api_key")
