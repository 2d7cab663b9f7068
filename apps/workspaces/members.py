"""Who is in a workspace. It always keeps an admin."""

from django.contrib.auth.hashers import make_password
from django.db import transaction

from apps.workspaces.audit import lost, made, record
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import Membership, User, Workspace
from apps.workspaces.permissions import Principal, Role


def add_member(workspace: Workspace, email: str, role: Role, *, by: Principal | None) -> Membership:
    """Let somebody in. Who has no account yet gets one, without a password: staff set the first.

    So the answer does not tell whether somebody else's workspace knows that address.
    """
    with transaction.atomic():
        user, _ = User.objects.get_or_create(
            email=email.lower(), defaults={"password": make_password(None)}
        )
        membership, is_new = Membership.objects.get_or_create(
            workspace=workspace, user=user, defaults={"role": role}
        )
        if not is_new:
            raise ConflictError("already_member", f"{email} is a member of this workspace already.")
        record("member.add", membership, made(role=role), by=by)
    return membership


def change_role(membership: Membership, role: Role, *, by: Principal | None) -> None:
    with transaction.atomic():
        before = keep_an_admin(membership, role)
        membership.role = role
        membership.save(update_fields=["role"])
        record("member.change_role", membership, {"role": (before, role)}, by=by)


def remove_member(membership: Membership, *, by: Principal | None) -> None:
    with transaction.atomic():
        keep_an_admin(membership, None)
        record("member.remove", membership, lost(role=membership.role), by=by)
        membership.delete()


def keep_an_admin(membership: Membership, role: Role | None) -> str:
    """Refuse to take the last admin; gives the role until now. Holds the workspace's row."""
    Workspace.objects.select_for_update().get(pk=membership.workspace_id)
    # By now it may be another role than the request saw, or the member may be gone.
    membership.refresh_from_db(fields=["role"])
    admins = Membership.objects.filter(workspace=membership.workspace_id, role=Role.ADMIN)
    is_last = not admins.exclude(pk=membership.pk).exists()
    if membership.role == Role.ADMIN and role != Role.ADMIN and is_last:
        raise ConflictError(
            "last_admin", "A workspace keeps at least one admin.", "Make somebody else admin first."
        )
    return membership.role
