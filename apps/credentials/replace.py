"""New secrets under the same name: tried on their service before they take the place of the old."""

from django.db import connection
from django.utils import timezone

from apps.credentials.edit import Values, change_credential, values_after
from apps.credentials.models import Credential
from apps.engine.errors import Fault, FaultsError, NodeError
from apps.engine.masking import revealed
from apps.nodes.context import services
from apps.nodes.credential_checks import check_credential
from apps.nodes.credential_types import CREDENTIAL_TYPES
from apps.nodes.vault import Credential as Revealed
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal


def replace_secrets(
    credential: Credential, revision: int, values: Values, *, url: str = "", by: Principal | None
) -> Credential:
    """Store new secrets of a credential, as it was seen at that revision; workflows go on with it.

    Where the type can be tried, of HTTP on the URL that is given, they are tried first: what the
    service does not take, or cannot be asked about, is not stored (ConflictError). Without a URL,
    those of HTTP are stored untried.
    """
    after = values_after(credential, values)
    known = CREDENTIAL_TYPES[credential.type]
    if not known.secret_names(values):
        raise FaultsError([Fault("values", "missing", "Enter the new secrets.")])
    if url and known.trial != "url":
        raise FaultsError([Fault("url", "unknown_key", "Its type says what it is tried on.")])
    is_tried = known.trial == "service" or bool(url)
    if is_tried:
        _try(Revealed(credential.type, known.model.model_validate(after).model_dump()), url)
    tried_at = timezone.now() if is_tried else None
    return change_credential(
        credential, revision, values=values, tried_at=tried_at, is_rotation=True, by=by
    )


def _try(new: Revealed, url: str) -> None:
    revealed.hide(new.secrets)
    if not connection.in_atomic_block:
        connection.close()  # others may have it while we wait for the service
    try:
        check_credential(new, services(), url)
    except NodeError as error:
        raise ConflictError(
            "not_taken",
            f"The new secrets were tried, and are not stored: {error.message}",
            "The old ones stay in use.",
        ) from None
