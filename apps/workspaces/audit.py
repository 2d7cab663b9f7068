"""The audit trail: every change leaves an entry, in the transaction of the change."""

from typing import Any
from uuid import UUID

from django.db.models import Model

from apps.workspaces.models import AuditEntry, Workspace
from apps.workspaces.permissions import Principal


def record(action: str, changed: Model, *, by: Principal | None, **detail: Any) -> AuditEntry:
    """Write who did what to which row, and in short how. `by` None: FlowForge itself.

    The detail is shown to the workspace's admins: never a secret, never a payload.
    """
    return AuditEntry.objects.create(
        workspace_id=_workspace_id(changed),
        user=by.as_user if by else None,
        api_key=by.as_api_key if by else None,
        action=action,
        object_type=str(changed._meta.model_name),
        object_id=changed.pk,
        object_name=str(changed),
        detail=detail,
    )


def _workspace_id(changed: Model) -> UUID | None:
    if isinstance(changed, Workspace):
        return changed.pk
    return getattr(changed, "workspace_id", None)
