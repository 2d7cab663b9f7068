"""Accounts: made, changed, disabled and deleted. Who is no member anywhere has one all the same."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from apps.workspaces.audit import lost, made, record
from apps.workspaces.errors import ConflictError
from apps.workspaces.members import keep_an_admin
from apps.workspaces.models import User
from apps.workspaces.permissions import Principal

FIELDS = ("email", "is_active", "is_staff", "is_superuser")


def create_user(user: User, *, by: Principal) -> None:
    """Store a new account."""
    with transaction.atomic():
        user.save()
        record("user.create", user, made(**_fields(user)), by=by)


def change_user(user: User, fields: Collection[str], *, by: Principal) -> None:
    """Store these fields of an account, as the object has them. Who is not active any more is let
    in nowhere from the next request on.

    Raises ConflictError where no active superuser would be left.
    """
    with transaction.atomic():
        # All that there are, so that two of them cannot take each other's right at once.
        supers = list(
            User.objects.select_for_update()
            .filter(is_superuser=True, is_active=True)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        before = User.objects.get(pk=user.pk)
        if not (user.is_superuser and user.is_active):
            _keep_a_superuser(user, supers)
        user.save(update_fields=list(fields))
        changes = {field: (getattr(before, field), getattr(user, field)) for field in fields}
        record("user.change", user, changes, by=by)


def delete_user(user: User, *, by: Principal | None) -> None:
    """Delete an account, and with it its memberships. Raises ConflictError where a workspace would
    be left without an admin, or the installation without an active superuser."""
    with transaction.atomic():
        supers = User.objects.select_for_update().filter(is_superuser=True, is_active=True)
        _keep_a_superuser(user, list(supers.order_by("pk").values_list("pk", flat=True)))
        # In one order for all: each holds a workspace.
        for membership in user.memberships.order_by("workspace"):
            keep_an_admin(membership, None)
        record("user.delete", user, lost(**_fields(user)), by=by)
        user.delete()


def note_new_password(user: User, *, by: Principal) -> None:
    """Note that somebody set the password of an account; its sessions have ended with that."""
    record("user.password", user, by=by)


def _fields(user: User) -> dict[str, Any]:
    return {field: getattr(user, field) for field in FIELDS}


def _keep_a_superuser(user: User, supers: Collection[object]) -> None:
    if set(supers) == {user.pk}:
        raise ConflictError(
            "last_superuser",
            "FlowForge keeps at least one active superuser.",
            "Make somebody else superuser first.",
        )
