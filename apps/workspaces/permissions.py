"""Who may do what: the one table of rights, and the questions that are asked of it."""

from typing import Any, Protocol, cast
from uuid import UUID

from django.db.models import QuerySet, TextChoices
from django.http import HttpRequest
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request


class Role(TextChoices):
    """What a member or a key may do in a workspace; each role may all that those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    EDITOR = "editor"
    ADMIN = "admin"

    def reaches(self, least: "Role") -> bool:
        return _RANK[self] >= _RANK[least]

    @property
    def and_above(self) -> list["Role"]:
        return [role for role in Role if role.reaches(self)]


_RANK = {role: rank for rank, role in enumerate(Role)}

RIGHTS: dict[str, Role] = {
    "workspace.view": Role.VIEWER,
    "workspace.edit": Role.ADMIN,
    "member.view": Role.VIEWER,
    "member.manage": Role.ADMIN,
    "api_key.view": Role.ADMIN,
    "api_key.manage": Role.ADMIN,
    "variable.view": Role.VIEWER,
    "variable.edit": Role.EDITOR,
    "audit.view": Role.ADMIN,
    "credential.view": Role.VIEWER,
    "credential.use": Role.EDITOR,
    "credential.edit": Role.EDITOR,
    "workspace.hold": Role.ADMIN,
    "workflow.view": Role.VIEWER,
    "workflow.hold": Role.OPERATOR,
    "workflow.edit": Role.EDITOR,
    "workflow.publish": Role.EDITOR,
    "workflow.activate": Role.EDITOR,
    "workflow.budget": Role.ADMIN,
    "version.view": Role.VIEWER,
    "version.save": Role.EDITOR,
    "expression.evaluate": Role.EDITOR,
    "run.view": Role.VIEWER,
    "run.start": Role.OPERATOR,
    "run.partial": Role.EDITOR,
    "run.cancel": Role.OPERATOR,
    "run.retry": Role.OPERATOR,
    "run.decide": Role.OPERATOR,
    "run.delete": Role.ADMIN,
    "group.manage": Role.OPERATOR,
    "note.write": Role.OPERATOR,
    "note.manage": Role.ADMIN,
    "trigger.view": Role.VIEWER,
    "trigger.replay": Role.OPERATOR,
    "trigger.listen": Role.EDITOR,
    "trigger.pause": Role.OPERATOR,
    "alert.view": Role.VIEWER,
    "alert.edit": Role.EDITOR,
    "alert.silence": Role.OPERATOR,
    "alert.send": Role.OPERATOR,
}
"""Each action and the least role that may do it."""


class Principal(Protocol):
    """Who asks: a User, by memberships, or an ApiKey, in its one workspace and role."""

    pk: Any

    def role_in(self, workspace_id: UUID) -> Role | None:
        """The role in that workspace; None where the principal is a stranger."""

    def roles(self) -> "dict[UUID, Role]":
        """The role in each of the principal's workspaces."""

    def workspace_ids(self, least: Role = Role.VIEWER) -> "QuerySet[Any] | list[UUID]":
        """The workspaces in which the principal has at least that role, for `workspace__in`."""

    @property
    def as_user(self) -> Any:
        """The User, where it is one, else None: for `created_by` and the like."""

    @property
    def as_api_key(self) -> Any:
        """The ApiKey, where it is one, else None."""


def principal_of(request: HttpRequest | Request) -> Principal:
    """Who makes an authenticated request: a User or an ApiKey."""
    return cast(Principal, request.user)


def may(principal: Principal, action: str, workspace_id: UUID) -> bool:
    """Say whether the principal may do this in the workspace."""
    role = principal.role_in(workspace_id)
    return role is not None and role.reaches(RIGHTS[action])


def require(principal: Principal, action: str, workspace_id: UUID) -> None:
    """Refuse what the principal may not do: 404 to a stranger, 403 where the role is too low."""
    role = principal.role_in(workspace_id)
    if role is None:
        raise NotFound
    least = RIGHTS[action]
    if not role.reaches(least):
        raise PermissionDenied(
            f"This takes the role {least} in the workspace; yours is {role}.", code="role_too_low"
        )
