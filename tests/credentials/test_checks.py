"""What is told at start of keys that are missing."""

import pytest
from cryptography.fernet import Fernet
from django.core.checks import CheckMessage, run_checks
from pytest_django import Settings

from tests.factories import make_credential

pytestmark = pytest.mark.django_db


def told(id: str) -> list[CheckMessage]:
    return [message for message in run_checks(databases=["default"]) if message.id == id]


def test_a_cluster_whose_keys_lie_in_a_folder_is_warned_of(settings: Settings) -> None:
    assert told("flowforge.W004") == []
    settings.REDIS_URL = "redis://localhost"
    assert len(told("flowforge.W004")) == 1
    settings.CREDENTIAL_KEYS_ARE_GIVEN = True
    assert told("flowforge.W004") == []


def test_credentials_that_no_key_opens_are_warned_of(keys: list[str], settings: Settings) -> None:
    lost = [make_credential() for _ in range(2)]
    keys.reverse()
    make_credential()
    assert told("flowforge.W005") == []
    settings.CREDENTIAL_KEYS = [keys[0], Fernet.generate_key().decode()]
    [warning] = told("flowforge.W005")
    assert warning.msg.startswith("2 stored credentials")
    assert lost[0].key_id in warning.msg


def test_a_key_that_was_written_otherwise_then_still_opens(keys: list[str]) -> None:
    credential = make_credential()
    credential.key_id = "01234567"
    credential.save(update_fields=["key_id"])
    assert told("flowforge.W005") == []
