"""Accounts: made, changed, disabled and deleted. Who is no member anywhere has one all the same."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.workspaces.api_keys import revoke_api_key
from apps.workspaces.audit import lost, made, record
from apps.workspaces.errors import ConflictError
from apps.workspaces.invitations import withdraw
from apps.workspaces.members import keep_an_admin
from apps.workspaces.models import ApiKey, Invitation, User
from apps.workspaces.permissions import Principal
from apps.workspaces.sessions import end_all_sessions

ACTIVE_SUPERUSER = Q(is_superuser=True, is_active=True)
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
        before, supers = _locked(user)
        if not (user.is_superuser and user.is_active):
            _keep_a_superuser(user, supers)
        user.save(update_fields=list(fields))
        changes = {field: (getattr(before, field), getattr(user, field)) for field in fields}
        record("user.change", user, changes, by=by)


def disable_user(
    user: User, *, reason: str, revoke_keys: bool = False, by: Principal | None
) -> None:
    """Let somebody in no more: their sessions end at once, and on demand the API keys that they
    made. Raises ConflictError for the last active superuser."""
    with transaction.atomic():
        locked, supers = _locked(user)
        if not locked.is_active:
            return
        _keep_a_superuser(locked, supers)
        locked.is_active, locked.disabled_reason = False, reason
        locked.save(update_fields=["is_active", "disabled_reason"])
        record("user.disable", locked, {"is_active": (True, False)}, by=by, reason=reason)
        end_all_sessions(locked, by=by)
        if revoke_keys:
            for key in ApiKey.objects.filter(created_by=locked, revoked_at=None):
                revoke_api_key(key, by=by)


def enable_user(user: User, *, by: Principal | None) -> None:
    """Let somebody in again; what ended stays ended."""
    with transaction.atomic():
        locked, _ = _locked(user)
        if locked.is_active:
            return
        locked.is_active, locked.disabled_reason = True, ""
        locked.save(update_fields=["is_active", "disabled_reason"])
        record("user.enable", locked, {"is_active": (False, True)}, by=by)


def delete_user(user: User, *, by: Principal | None) -> None:
    """Delete an account, and with it its memberships. Raises ConflictError where a workspace would
    be left without an admin, or the installation without an active superuser."""
    with transaction.atomic():
        _, supers = _locked(user)
        _keep_a_superuser(user, supers)
        # In one order for all: each holds a workspace.
        for membership in user.memberships.order_by("workspace"):
            keep_an_admin(membership, None)
        # Nobody could tell any more whose they are.
        for invitation in Invitation.objects.filter(invited_by=user):
            withdraw(invitation, by=by)
        record("user.delete", user, lost(**_fields(user)), by=by)
        user.delete()


def note_new_password(user: User, *, by: Principal) -> None:
    """Note that somebody set the password of an account; its sessions have ended with that."""
    record("user.password", user, by=by)


def _fields(user: User) -> dict[str, Any]:
    return {field: getattr(user, field) for field in FIELDS}


def _locked(user: User) -> tuple[User, list[object]]:
    """The account as it is by now, and all active superusers, held: two of them cannot take each
    other's right at once."""
    rows = User.objects.select_for_update().order_by("pk")
    found = {each.pk: each for each in rows.filter(Q(pk=user.pk) | ACTIVE_SUPERUSER)}
    supers = [id for id, each in found.items() if each.is_superuser and each.is_active]
    return found[user.pk], supers


def _keep_a_superuser(user: User, supers: Collection[object]) -> None:
    if set(supers) == {user.pk}:
        raise ConflictError(
            "last_superuser",
            "FlowForge keeps at least one active superuser.",
            "Make somebody else superuser first.",
        )
