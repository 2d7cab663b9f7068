"""Invitations: sent with a link that works once and for a week, sent again, withdrawn, accepted."""

from datetime import timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from apps.workspaces.audit import lost, made, record
from apps.workspaces.counted import Counter, count_within
from apps.workspaces.errors import ConflictError
from apps.workspaces.mail import send_mail
from apps.workspaces.models import ApiKey, Invitation, Membership, User, Workspace
from apps.workspaces.permissions import RIGHTS, Principal, Role

VALID_FOR = timedelta(days=7)
HOUR_S = 3_600
MOST_AN_HOUR = 50
"""Links that one person or program may have sent."""
MOST_TO_ADDRESS = 5
"""Links that one address gets in an hour, from whichever workspace."""
_SALT = "flowforge.invitation"


def invite(
    workspace: Workspace, email: str, role: Role, *, by: Principal
) -> tuple[Invitation, str | None]:
    """Invite an address to a workspace, known here or not: that is not told.

    The link goes out by mail as soon as this is committed. Where no mail server is set, it is given
    back instead, this once, for who invites to hand it over.
    """
    email = email.lower()
    _require_rate(email, by)
    if Membership.objects.filter(workspace=workspace, user__email=email).exists():
        raise ConflictError("already_member", f"{email} is a member of this workspace already.")
    invitation = Invitation(workspace=workspace, email=email, role=role)
    _stand_for(invitation, by)
    with transaction.atomic():
        link = _renew(invitation)
        try:
            with transaction.atomic():
                invitation.save(force_insert=True)
        except IntegrityError:
            raise ConflictError(
                "already_invited", f"{email} is invited already.", "Send the invitation again."
            ) from None
        record("invitation.create", invitation, made(email=email, role=role), by=by)
        return invitation, _deliver(invitation, link)


def send_again(invitation: Invitation, *, by: Principal) -> str | None:
    """Send a new link, good for a week again; those before are void. Who sends it stands for it
    from then on. Gives what `invite` does."""
    _require_rate(invitation.email, by)
    with transaction.atomic():
        locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
        link = _renew(locked)
        _stand_for(locked, by)
        renewed = ("link_number", "expires_at", "mailed_at", "mail_error")
        locked.save(update_fields=[*renewed, "invited_by", "invited_with"])
        record("invitation.send_again", locked, by=by)
        return _deliver(locked, link)


def withdraw(invitation: Invitation, *, by: Principal | None) -> None:
    """Take an invitation back: its link works no more."""
    with transaction.atomic():
        locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
        told = lost(email=locked.email, role=locked.role)
        record("invitation.withdraw", locked, told, by=by)
        locked.delete()


def invitation_of(token: str) -> Invitation | None:
    """The invitation whose last link has this token, if it can still be accepted."""
    try:
        id, number = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    rows = Invitation.objects.select_related("workspace", "invited_by")
    found = with_standing(rows).filter(pk=UUID(id), link_number=number).first()
    return found if found and _is_good(found) else None


def with_standing(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """With `stands`: whether who sent an invitation might do so now. The link of others is void."""
    keys = ApiKey.objects.usable(timezone.now()).filter(pk=OuterRef("invited_with"))
    admins = Membership.objects.filter(
        workspace=OuterRef("workspace"),
        user=OuterRef("invited_by"),
        user__is_active=True,
        role__in=RIGHTS["member.manage"].and_above,
    )
    superusers = User.objects.filter(pk=OuterRef("invited_by"), is_active=True, is_superuser=True)
    by_person = Q(invited_by=None) | Exists(admins) | Exists(superusers)
    stands = Q(invited_with=None) & by_person | Exists(keys)
    return invitations.annotate(stands=ExpressionWrapper(stands, BooleanField()))


def is_void(invitation: Invitation) -> bool:
    """Whether its link works no more because of who sent it; lists ask for all `with_standing`."""
    if not hasattr(invitation, "stands"):
        [invitation] = with_standing(Invitation.objects.filter(pk=invitation.pk))
    return not cast(Any, invitation).stands


def needs_password(invitation: Invitation) -> bool:
    """Whether who accepts sets the first password of the account: it has none, or is not there."""
    user = User.objects.filter(email=invitation.email).first()
    return user is None or not user.has_usable_password()


def accept(invitation: Invitation, user: User) -> Membership:
    """Make the invited account a member. Raises ConflictError where the invitation is no more."""
    with transaction.atomic():
        return _join(_taken(invitation), user)


def accept_with_password(invitation: Invitation, password: str) -> User:
    """Make an account with that password, or give it to one without, and make it a member."""
    with transaction.atomic():
        taken = _taken(invitation)
        user = User.objects.select_for_update().filter(email=taken.email).first()
        if user is None:
            user = User(email=taken.email)
        elif user.has_usable_password():
            raise ConflictError("has_password", "This account has a password: sign in with it.")
        elif taken.mailed_at is None or not user.is_active:
            # Who invites has seen the link: it proves nothing to an account that others let in.
            raise ConflictError(
                "not_proven",
                f"There is an account of {user} without a password.",
                "Who runs this installation sets its first one in the admin.",
            )
        is_new = user._state.adding
        user.set_password(password)
        user.save()
        if is_new:
            record("user.create", user, made(email=user.email), by=user, way="invitation")
        else:
            record("user.password", user, by=user, way="invitation")
        _join(taken, user)
    return user


def _taken(invitation: Invitation) -> Invitation:
    """The invitation, which nobody else accepts from now on."""
    last = {"pk": invitation.pk, "link_number": invitation.link_number}
    taken = Invitation.objects.select_for_update().filter(**last).first()
    if taken is None or not _is_good(taken):
        raise ConflictError("link_is_void", "This invitation was withdrawn, used or has expired.")
    return taken


def _is_good(invitation: Invitation) -> bool:
    """Whether it can be accepted: for a week, and while who sent it might invite."""
    return not invitation.has_expired and not is_void(invitation)


def _stand_for(invitation: Invitation, by: Principal) -> None:
    invitation.invited_by, invitation.invited_with = by.as_user, by.as_api_key


def _join(invitation: Invitation, user: User) -> Membership:
    membership, is_new = Membership.objects.get_or_create(
        workspace=invitation.workspace, user=user, defaults={"role": invitation.role}
    )
    if is_new:
        invited_by = str(invitation.invited_by or "")
        told = made(role=membership.role)
        record("member.add", membership, told, by=user, invited_by=invited_by)
    invitation.delete()
    return membership


def _renew(invitation: Invitation) -> str:
    """A new link, instead of all before."""
    invitation.link_number += 1
    invitation.expires_at = timezone.now() + VALID_FOR
    invitation.mailed_at, invitation.mail_error = None, ""
    token = signing.dumps([invitation.pk.hex, invitation.link_number], salt=_SALT)
    return f"{settings.PUBLIC_URL}{reverse('invitation', args=[token])}"


def _deliver(invitation: Invitation, link: str) -> str | None:
    if not settings.HAS_MAIL_SERVER:
        return link
    transaction.on_commit(partial(_mail, invitation, link))
    return None


def _mail(invitation: Invitation, link: str) -> None:
    name, who = invitation.workspace.name, invitation.invited_by
    until = date_format(timezone.localtime(invitation.expires_at), "j F Y, H:i")
    text = (
        f"{who or 'Somebody'} invites you to the workspace “{name}” of FlowForge, "
        f"in the role {invitation.role}.\n\n"
        f"Accept it here:\n{link}\n\n"
        f"The link works once, until {until} UTC. If you expected no invitation, do nothing.\n"
    )
    error = send_mail(invitation.email, f"Invitation to “{name}” in FlowForge", text)
    invitation.mailed_at, invitation.mail_error = None if error else timezone.now(), error
    # Meanwhile it may have been sent again, or be gone.
    Invitation.objects.filter(pk=invitation.pk, link_number=invitation.link_number).update(
        mailed_at=invitation.mailed_at, mail_error=error
    )


def _require_rate(email: str, by: Principal) -> None:
    limits = [
        (Counter(HOUR_S, "invitations by", str(by.pk)), MOST_AN_HOUR),
        (Counter(HOUR_S, "invitations to", email), MOST_TO_ADDRESS),
    ]
    count_within(limits, "too_many_invitations", "{most} invitations an hour are enough.")
