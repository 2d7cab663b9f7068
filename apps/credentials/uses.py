"""Where credentials are used: asked of the apps above, which own what names them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.dispatch import Signal

from apps.credentials.models import Credential

credential_uses_asked = Signal()
"""Sent with `credentials`; a receiver answers with the `Use`s of them that it knows."""

credential_deleting = Signal()
"""Sent with `credential`, held, before one is deleted, however it was asked for; a receiver that
needs it refuses by raising ConflictError."""


@dataclass(frozen=True, slots=True)
class Use:
    """A workflow that names a credential, in its draft or in its published version."""

    credential: UUID
    workflow: UUID
    name: str
    where: Literal["draft", "published"]

    def as_dict(self) -> dict[str, str]:
        return {"workflow": str(self.workflow), "name": self.name, "where": self.where}


def uses_of(credentials: Collection[Credential]) -> dict[UUID, list[Use]]:
    """The uses of each of these credentials."""
    uses: dict[UUID, list[Use]] = {credential.pk: [] for credential in credentials}
    if credentials:
        found: list[tuple[Any, Any]] = credential_uses_asked.send(
            Credential, credentials=credentials
        )
        for use in (use for _, told in found for use in told):
            uses[use.credential].append(use)
    return uses
