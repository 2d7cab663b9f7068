"""Make and rename workspaces."""

from django.db import transaction

from apps.workspaces.audit import made, record
from apps.workspaces.models import Membership, User, Workspace
from apps.workspaces.permissions import Principal, Role


def create_workspace(name: str, owner: User) -> Workspace:
    """Make a workspace whose first admin is its owner."""
    with transaction.atomic():
        workspace = Workspace.objects.create(name=name)
        Membership.objects.create(workspace=workspace, user=owner, role=Role.ADMIN)
        record("workspace.create", workspace, made(name=workspace.name), by=owner)
    return workspace


def rename_workspace(workspace: Workspace, name: str, *, by: Principal) -> None:
    before, workspace.name = workspace.name, name
    with transaction.atomic():
        workspace.save(update_fields=["name"])
        record("workspace.rename", workspace, {"name": (before, name)}, by=by)
