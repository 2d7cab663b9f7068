"""Make, change and delete credentials."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.credentials.models import Credential
from apps.credentials.seal import UnreadableError, seal, unseal
from apps.credentials.uses import credential_deleting, uses_of
from apps.engine.errors import Fault, FaultsError
from apps.engine.faults import quoted
from apps.engine.items import Json
from apps.engine.masking import revealed
from apps.engine.suggest import did_you_mean
from apps.nodes.credential_types import CREDENTIAL_TYPES, CredentialType
from apps.workspaces.audit import NOT_SHOWN, UNSEEN, lost, made, record
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import Principal

Values = Mapping[str, Json]


def create_credential(
    workspace: Workspace, name: str, type: str, values: Values, *, by: Principal | None
) -> Credential:
    """Store a secret. Raises FaultsError with all that is wrong with its values."""
    require_good(type, values)
    who = by.as_user if by else None
    credential = Credential(
        workspace=workspace, name=name, type=type, created_by=who, updated_by=who
    )
    _fill(credential, values)
    with transaction.atomic():
        _save(credential)
        told = made(name=name, type=type)
        told |= {f"values.{value}": (None, NOT_SHOWN) for value in sorted(values)}
        record("credential.create", credential, told, by=by)
    return credential


def change_credential(
    credential: Credential,
    revision: int,
    *,
    name: str | None = None,
    values: Values | None = None,
    tried_at: datetime | None = None,
    is_rotation: bool = False,
    by: Principal | None,
) -> Credential:
    """Rename a credential, or change some of its values, as it was seen at that revision.

    Values are merged (RFC 7396): what is not named stays, null takes away. What says where the
    secrets go changes only together with the secrets: who does not know them cannot have them sent
    elsewhere. `tried_at`: when the new values were found to work. `is_rotation`: the trail tells it
    as what it was.
    """
    with transaction.atomic():
        locked = Credential.objects.select_for_update().get(pk=credential.pk)
        if locked.revision != revision:
            raise ConflictError(
                "stale_revision",
                f"The credential was changed meanwhile: it is at revision {locked.revision}.",
                current={"revision": locked.revision},
            )
        changes: dict[str, tuple[Any, Any]] = {}
        if name is not None and name != locked.name:
            changes["name"] = (locked.name, name)
            locked.name = name
        if values:
            for value in sorted(values):
                is_gone = values[value] is None
                changes[f"values.{value}"] = (NOT_SHOWN, None) if is_gone else UNSEEN
            _fill(locked, values_after(locked, values))
            locked.last_tested_at, locked.last_test_error = tried_at, ""
        if not changes:
            return locked
        locked.revision += 1
        locked.updated_at = timezone.now()
        locked.updated_by = by.as_user if by else None
        _save(locked)
        tried = {"tried": True} if tried_at else {}
        record(
            "credential.rotate" if is_rotation else "credential.change",
            locked,
            changes,
            by=by,
            **tried,
        )
    return locked


def delete_credential(
    credential: Credential, *, by: Principal | None, even_if_used: bool = False
) -> None:
    """Delete a credential for good; one that workflows name only where that is asked for, and one
    that alert rules tell by never."""
    with transaction.atomic():
        locked = Credential.objects.select_for_update().get(pk=credential.pk)
        used_by = [use.as_dict() for use in uses_of([locked])[locked.pk]]
        if used_by and not even_if_used:
            names = sorted({use["name"] for use in used_by})
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            raise ConflictError(
                "credential_in_use",
                f"It is used by {', '.join(map(quoted, names[:5]))}{more}.",
                "Choose another one there first; the API deletes it all the same with ?force=true.",
                current={"used_by": used_by},
            )
        credential_deleting.send(Credential, credential=locked)
        told = lost(name=locked.name, type=locked.type)
        record("credential.delete", locked, told, by=by, used_by=len(used_by))
        locked.delete()


def values_after(credential: Credential, change: Values) -> dict[str, Json]:
    """The values of a credential after a change. Raises FaultsError where it may not be made."""
    try:
        before: dict[str, Json] = unseal(credential)
    except UnreadableError:
        # All secrets are to be entered anew; the rest can still be read.
        before = dict(credential.public_values)
    known = require_good(credential.type, merged(before, change))
    after = known.model.model_validate(merged(before, change)).model_dump(exclude_unset=True)
    _require_secrets(known, before, after, change)
    return after


def require_good(type: str, values: Values) -> CredentialType:
    """Refuse values that are not as their type wants them. Raises FaultsError."""
    known = CREDENTIAL_TYPES.get(type)
    if known is None:
        told = f"There is no type {quoted(type)}.{did_you_mean(type, CREDENTIAL_TYPES)}"
        raise FaultsError([Fault("type", "unknown", told)])
    if faults := known.faults(values):
        told_faults = [
            Fault(f"values.{fault.path}".rstrip("."), fault.code, fault.message) for fault in faults
        ]
        raise FaultsError(told_faults)
    return known


def _require_secrets(known: CredentialType, before: Values, after: Values, change: Values) -> None:
    """Refuse to send secrets elsewhere that are not given anew."""
    if known.destination(before) == known.destination(after):
        return
    given = known.secret_names(change)
    faults = [
        Fault(f"values.{name}", "needed_again", "Enter it anew: it would be sent elsewhere.")
        for name in known.secret_names(after)
        if name not in given
    ]
    if faults:
        raise FaultsError(faults)


def _fill(credential: Credential, values: Values) -> None:
    """Put good values into a row."""
    known = CREDENTIAL_TYPES[credential.type]
    values = known.model.model_validate(values).model_dump(exclude_unset=True)
    revealed.hide(known.secrets_of(values))
    credential.public_values = known.public_part(values)
    credential.secret_names = known.secret_names(values)
    seal(credential, values)


def _save(credential: Credential) -> None:
    try:
        with transaction.atomic():
            credential.save()
    except IntegrityError:
        raise ConflictError(
            "name_taken",
            f"The workspace has a credential {quoted(credential.name)} already.",
            "Take another name.",
        ) from None


def merged(before: Values, change: Values) -> dict[str, Json]:
    """A JSON merge patch (RFC 7396): null takes away, objects are merged, all else replaces."""
    after = dict(before)
    for name, value in change.items():
        if value is None:
            after.pop(name, None)
        elif isinstance(value, dict):
            inner = after.get(name)
            after[name] = merged(inner if isinstance(inner, dict) else {}, value)
        else:
            after[name] = value
    return after
