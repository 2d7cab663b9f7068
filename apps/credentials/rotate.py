"""Seals all credentials with the first key, so that older keys may go."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from apps.credentials.models import Credential, OAuthGrant
from apps.credentials.seal import UnreadableError, known_key_ids, seal, unseal
from apps.workspaces.audit import record

BATCH = 100


@dataclass
class Rotation:
    """What came of it."""

    sealed: int = 0
    closed: list[UnreadableError] = field(default_factory=list)
    """One for each credential that stays as it is, for it cannot be opened."""
    closed_tokens: list[UnreadableError] = field(default_factory=list)
    """One for each credential whose tokens cannot be: they are as none."""


def rotate_credentials() -> Rotation:
    """Seal anew what another key than the first has sealed.

    In small transactions: who is stopped begins again where they were, and credentials can be used
    and changed meanwhile. An audit entry tells of each. Tokens go along; those that do not open are
    left and counted: others are asked for, or a person consents again.
    """
    rotation = Rotation()
    behind: UUID | None = None
    while batch := _rotate_batch(behind, rotation):
        behind = batch[-1].pk
    _rotate_grants(rotation)
    return rotation


@transaction.atomic
def _rotate_batch(behind: UUID | None, rotation: Rotation) -> list[Credential]:
    others = Credential.objects.sealed_by_others_than(known_key_ids()[:1]).order_by("id")
    if behind is not None:
        others = others.filter(id__gt=behind)
    batch = list(others.select_for_update()[:BATCH])
    for credential in batch:
        before = credential.key_id
        try:
            seal(credential, unseal(credential))
        except UnreadableError as error:
            rotation.closed.append(error)
            continue
        credential.save(update_fields=["sealed", "key_id"])
        record("credential.rotate", credential, {"key": (before, credential.key_id)}, by=None)
        rotation.sealed += 1
    return batch


def _rotate_grants(rotation: Rotation) -> None:
    others = OAuthGrant.objects.sealed_by_others_than(known_key_ids()[:1]).exclude(sealed="")
    for grant in others.iterator(BATCH):
        try:
            seal(grant, unseal(grant))
        except UnreadableError as error:
            rotation.closed_tokens.append(error)
            continue
        # Not over tokens that were stored meanwhile.
        OAuthGrant.objects.filter(pk=grant.pk, generation=grant.generation).update(
            sealed=grant.sealed, key_id=grant.key_id
        )
