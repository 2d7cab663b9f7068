"""The vault as runs meet it: gives a credential out at the moment of use, and notes the use."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.models import Q
from django.utils import timezone
from pydantic import ValidationError

from apps.credentials.grants import access_token, kept_tokens
from apps.credentials.models import Credential
from apps.credentials.patience import patiently
from apps.credentials.seal import UnreadableError, unseal
from apps.engine import masking
from apps.engine.errors import NodeError
from apps.engine.faults import quoted
from apps.engine.items import Json
from apps.engine.ports import RunInfo
from apps.nodes.credential_types import CREDENTIAL_TYPES
from apps.nodes.vault import Check
from apps.nodes.vault import Credential as Revealed
from apps.workspaces.lent import database_lent

logger = logging.getLogger(__name__)

USE_IS_NOTED_EVERY = timedelta(minutes=1)
PATIENCE_S = 10.0
"""How long a step waits for a database that does not answer."""


class Vault:
    """The nodes' protocol `Credentials` on the database."""

    def reveal(
        self, run: RunInfo, id: str, types: Sequence[str], check: Check = lambda: None
    ) -> Revealed:
        return reveal_for(run.workspace, id, types, check=check)

    def renew(
        self,
        run: RunInfo,
        id: str,
        types: Sequence[str],
        refused: Revealed,
        check: Check = lambda: None,
    ) -> Revealed:
        return reveal_for(run.workspace, id, types, refused, check)


def reveal_for(
    workspace: UUID,
    id: str,
    types: Sequence[str],
    refused: Revealed | None = None,
    check: Check = lambda: None,
) -> Revealed:
    """Give a credential of the workspace, if it is of one of these types, as it is sent.

    Of OAuth2 with a token, another one than that of `refused`. Raises NodeError:
    credential_unavailable, and those of `grants.access_token`.
    """
    credential, revealed = open_for(workspace, id, types)
    token = refused.values.get("access_token") if refused else None
    return _with_token(credential, revealed, token, check)


def open_for(workspace: UUID, id: str, types: Sequence[str]) -> tuple[Credential, Revealed]:
    """A credential of the workspace, if it is of one of these types, and its values.

    Raises NodeError `credential_unavailable`.
    """
    with database_lent():
        credential = _found(workspace, id)
        if credential.type not in types:
            asked = " or ".join(CREDENTIAL_TYPES[type].label for type in types)
            raise unavailable(
                f"The credential “{credential}” is of the type {credential.label}; "
                f"this node takes {asked}."
            )
        revealed = opened(credential)
        _note_use(credential)
        return credential, revealed


def usable(credential: Credential) -> Revealed:
    """A credential's values as they are sent: of OAuth2 with a token, asked for where need be."""
    return _with_token(credential, opened(credential))


def _with_token(
    credential: Credential,
    revealed: Revealed,
    refused: str | None = None,
    check: Check = lambda: None,
) -> Revealed:
    if credential.type != "oauth2_client":
        return revealed
    with _answering():
        token = access_token(credential, revealed.values, refused=refused, check=check)
    return Revealed(revealed.type, {**revealed.values, "access_token": token})


def opened(credential: Credential) -> Revealed:
    """A credential's values, with every default; the process's log hides them from now on.

    Raises NodeError `credential_unavailable`.
    """
    known = CREDENTIAL_TYPES.get(credential.type)
    if known is None:
        raise unavailable(f"The credential “{credential}” is of a type that there is no more.")
    try:
        values = known.model.model_validate(unseal(credential))
    except UnreadableError as error:
        raise unavailable(error.message, error.hint) from None
    except ValidationError:
        raise unavailable(
            f"The credential “{credential}” lacks what its type wants by now.",
            "Open it and complete it.",
        ) from None
    given = Revealed(credential.type, values.model_dump())
    masking.revealed.hide(given.secrets)
    return given


def named_credentials(graph: Mapping[str, Json]) -> set[UUID]:
    """The ids of the credentials that the nodes of a graph document name."""
    named: set[UUID | None] = set()
    for node in graph.get("nodes", ()):
        try:
            named.add(credential_id(node["params"]["credential"]))
        except (KeyError, TypeError):
            continue
    return {id for id in named if id is not None}


def credential_id(written: Json) -> UUID | None:
    """The id that stands in a graph; None for what is none, also one in an unusual spelling."""
    try:
        id = UUID(str(written))
    except ValueError:
        return None
    return id if str(id) == written else None


def secret_values(workspace: UUID, ids: Collection[UUID]) -> set[str]:
    """The secret texts of these credentials of the workspace; of what does not open, none."""
    secrets: set[str] = set()
    for credential in Credential.objects.filter(workspace=workspace, pk__in=ids):
        try:
            revealed = opened(credential)
        except NodeError:
            continue
        secrets.update(CREDENTIAL_TYPES[credential.type].secrets_of(revealed.values))
        if credential.type == "oauth2_client":
            tokens = kept_tokens(credential, revealed.values).tokens
            secrets.update(
                filter(None, (tokens.access_token, tokens.refresh_token) if tokens else ())
            )
    return secrets


def unavailable(message: str, hint: str | None = None, *, retryable: bool = False) -> NodeError:
    return NodeError("credential_unavailable", message, hint, retryable=retryable)


def _found(workspace: UUID, id: str) -> Credential:
    """The credential of that workspace; waits for a database that is away for a moment."""
    known, credential = credential_id(id), None
    if known is not None:
        with _answering():
            credential = patiently(
                lambda: Credential.objects.filter(workspace=workspace, pk=known).first(), PATIENCE_S
            )
    if credential is None:
        raise unavailable(
            f"There is no credential {quoted(str(id))} in this workspace.",
            "Choose another one in the node.",
        )
    return credential


@contextmanager
def _answering() -> Iterator[None]:
    """Tell a step of a database that does not answer as what can be tried again."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise unavailable(
            "The database with the credentials does not answer.", retryable=True
        ) from error


def _note_use(credential: Credential) -> None:
    """Write down that it was used, at most once a minute: no use fails because it was not noted."""
    now = timezone.now()
    long_ago = now - USE_IS_NOTED_EVERY
    if credential.last_used_at is not None and credential.last_used_at > long_ago:
        return
    not_noted = Q(last_used_at=None) | Q(last_used_at__lt=long_ago)
    try:
        Credential.objects.filter(not_noted, pk=credential.pk).update(last_used_at=now)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("the use of a credential was not noted: %s", error)
