"""The audit trail: every change leaves an entry, in the transaction of the change."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db.models import Model

from apps.engine.events import write_time
from apps.workspaces.models import AuditEntry, Workspace
from apps.workspaces.origin import origin
from apps.workspaces.permissions import Principal

LONGEST_TOLD = 500
"""Characters of a text before and after its change."""

Changes = Mapping[str, tuple[Any, Any]]
"""Fields -> their values before and after."""


NOT_SHOWN = "not shown"
"""Stands for a value that nobody may read."""
UNSEEN = (NOT_SHOWN, "changed")
"""Before and after of such a value."""


def made(**values: Any) -> dict[str, tuple[Any, Any]]:
    """The changes of what was not there before."""
    return {field: (None, value) for field, value in values.items()}


def lost(**values: Any) -> dict[str, tuple[Any, Any]]:
    """The changes of what is not there any more."""
    return {field: (value, None) for field, value in values.items()}


def record(
    action: str,
    changed: Model,
    changes: Changes = MappingProxyType({}),
    /,
    *,
    by: Principal | None,
    **detail: Any,
) -> AuditEntry:
    """Write who did what to which row, from where, what it changed, and in short how. `by` None:
    FlowForge itself.

    All of it is shown to the workspace's admins: never a secret, never a payload. Of `changes` what
    is the same before and after is left out.
    """
    if told := {
        field: [_as_told(before), _as_told(after)]
        for field, (before, after) in changes.items()
        if before != after
    }:
        detail["changes"] = told
    return AuditEntry.objects.create(
        workspace_id=_workspace_id(changed),
        user=by.as_user if by else None,
        api_key=by.as_api_key if by else None,
        who=called(by),
        way=origin().way,
        address=origin().address,
        action=action,
        object_type=str(changed._meta.model_name),
        object_id=known_by(changed),
        object_name=str(changed),
        detail=detail,
    )


def known_by(row: Model) -> UUID:
    """The id by which the trail knows a row. Those of other makers have numbers for ids: of such a
    number one is made."""
    is_own = isinstance(row.pk, UUID)
    return row.pk if is_own else uuid5(NAMESPACE_OID, f"{row._meta.label_lower}:{row.pk}")


def called(by: Principal | None) -> str:
    """Who it is, for when their account or key is gone; empty: FlowForge itself."""
    if by is None:
        return ""
    return str(by.as_user or by.as_api_key.title)


def _as_told(value: Any) -> Any:
    if isinstance(value, datetime):
        return write_time(value)
    is_long = isinstance(value, str) and len(value) > LONGEST_TOLD
    return f"{value[:LONGEST_TOLD]}…" if is_long else value


def _workspace_id(changed: Model) -> UUID | None:
    if isinstance(changed, Workspace):
        return changed.pk
    return getattr(changed, "workspace_id", None)
