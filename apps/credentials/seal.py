"""Encrypts the values of credentials for their own row, and opens them again.

The keys are the setting CREDENTIAL_KEYS: the first seals, each of them opens.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from apps.credentials.models import Credential, OAuthGrant
from apps.engine.encoding import decode, encode
from apps.engine.errors import FlowForgeError

Sealed = Credential | OAuthGrant

_NO_KEYS = "This process has no keys for credentials: its CREDENTIAL_KEYS cannot be read."
_GIVE_KEYS = "Give it all the keys, as every other process has them, and start it again."


class UnreadableError(FlowForgeError):
    """A credential's values cannot be opened."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__("credential_unreadable", message, hint)


def seal(credential: Sealed, values: Mapping[str, Any]) -> None:
    """Put the values into the row, encrypted so that they open in this row alone. Saves nothing.

    Raises FlowForgeError no_credential_keys.
    """
    if not settings.CREDENTIAL_KEYS:
        raise FlowForgeError("no_credential_keys", _NO_KEYS, _GIVE_KEYS)
    text = encode({"bound_to": _bond(credential), "values": dict(values)})
    credential.sealed = _opener(tuple(settings.CREDENTIAL_KEYS)).encrypt(text).decode()
    credential.key_id = known_key_ids()[0]


def unseal(credential: Sealed) -> dict[str, Any]:
    """The values of a credential, as they were sealed. Raises UnreadableError."""
    if not settings.CREDENTIAL_KEYS:
        raise UnreadableError(_NO_KEYS, _GIVE_KEYS)
    try:
        text = _opener(tuple(settings.CREDENTIAL_KEYS)).decrypt(credential.sealed.encode())
    except InvalidToken:
        raise _unreadable(credential) from None
    content = decode(text)
    if content["bound_to"] != _bond(credential):
        raise UnreadableError(
            f"The credential “{credential}” holds what was sealed for another one.",
            "Rows were copied in the database. Enter its values anew.",
        )
    values: dict[str, Any] = content["values"]
    return values


def is_open(credential: Sealed) -> bool:
    """Whether its values can be read, also where the row calls its key by another name: as a key
    was written then."""
    try:
        unseal(credential)
    except UnreadableError:
        return False
    return True


def known_key_ids() -> list[str]:
    """What the keys of this process are called in rows: the beginnings of their hashes."""
    return [hashlib.sha256(key.encode()).hexdigest()[:8] for key in settings.CREDENTIAL_KEYS]


@lru_cache(maxsize=4)
def _opener(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _bond(credential: Sealed) -> list[str]:
    return [str(credential.workspace_id), str(credential.pk), credential.type]


def _unreadable(credential: Sealed) -> UnreadableError:
    if credential.key_id in known_key_ids():
        return UnreadableError(
            f"What is stored of the credential “{credential}” is damaged.", "Enter its values anew."
        )
    return UnreadableError(
        f"The credential “{credential}” was sealed with the key {credential.key_id}, which is none "
        "of this process's.",
        "Add that key to CREDENTIAL_KEYS, or enter the credential's values anew.",
    )
