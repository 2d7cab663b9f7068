"""Workspaces, who may enter them, and what is remembered of requests."""

from apps.workspaces.models.keys import ApiKey
from apps.workspaces.models.people import Invitation, Membership, User, UserSession
from apps.workspaces.models.remembered import AuditEntry, IdempotencyKey
from apps.workspaces.models.workspaces import (
    VARIABLE_NAME,
    VARIABLE_NAME_RULE,
    Identified,
    Variable,
    Workspace,
)

__all__ = [
    "VARIABLE_NAME",
    "VARIABLE_NAME_RULE",
    "ApiKey",
    "AuditEntry",
    "IdempotencyKey",
    "Identified",
    "Invitation",
    "Membership",
    "User",
    "UserSession",
    "Variable",
    "Workspace",
]
