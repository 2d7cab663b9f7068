"""Tries a stored credential on its service, and remembers what came of it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from apps.credentials.models import Credential
from apps.credentials.vault import usable
from apps.engine.errors import Fault, FaultsError, NodeError
from apps.nodes.context import services
from apps.nodes.credential_checks import check_credential, tells_of_credential
from apps.nodes.credential_types import CREDENTIAL_TYPES
from apps.nodes.outside.egress import told_url
from apps.workspaces.audit import record
from apps.workspaces.permissions import Principal


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it: all well where there is no error."""

    at: datetime
    error: NodeError | None


def try_credential(credential: Credential, *, url: str = "", by: Principal | None) -> Tried:
    """Try a credential, of HTTP on a URL of the asker's; within some seconds.

    Where its service was not reached, or did not say whether it takes the credential, what an
    earlier try found stays.

    Raises FaultsError where its type cannot be tried, or the URL is missing.
    """
    _require_trial(credential, url)
    if not connection.in_atomic_block:
        connection.close()  # others may have it while we wait for the service
    error = _error(credential, url)
    at = timezone.now()
    with transaction.atomic():
        if error is None or tells_of_credential(error):
            # What was changed meanwhile has not been tried.
            Credential.objects.filter(pk=credential.pk, revision=credential.revision).update(
                last_tested_at=at, last_test_error=error.message if error else ""
            )
        detail = {"url": told_url(url)} if url else {}
        record("credential.test", credential, by=by, error=error.code if error else None, **detail)
    return Tried(at, error)


def _require_trial(credential: Credential, url: str) -> None:
    known = CREDENTIAL_TYPES.get(credential.type)
    if known is None or known.trial == "none":
        told = f"There is no service on which the type {credential.label} could be tried."
        raise FaultsError([Fault("", "cannot_be_tried", told)])
    if known.trial == "url" and not url:
        raise FaultsError([Fault("url", "missing", "Say which URL is to be read with it.")])
    if known.trial == "service" and url:
        raise FaultsError([Fault("url", "unknown_key", "Its type says what it is tried on.")])


def _error(credential: Credential, url: str) -> NodeError | None:
    try:
        check_credential(usable(credential), services(), url)
    except NodeError as error:
        return error
    return None
