"""People, their sessions, and where they are members."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from apps.workspaces.models.workspaces import Identified, Workspace
from apps.workspaces.permissions import Role
from apps.workspaces.querysets import TenantQuerySet, UserQuerySet


# mypy knows no class that is made by a call.
class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users; finds them by e-mail address in any case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; without a password nobody can log in as them until one is set."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db, force_insert=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin, Identified):
    """A person, known by e-mail address."""

    email = models.EmailField("e-mail address", unique=True)
    is_active = models.BooleanField("active", default=True, help_text="May log in.")
    is_staff = models.BooleanField("staff", default=False, help_text="May open the admin.")
    disabled_reason = models.CharField(
        max_length=500, blank=True, default="", db_default="", editable=False
    )
    sign_outs = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="How often all sessions were ended."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "users"
        ordering = ("email",)
        constraints = [
            # So that uniqueness of the address does not depend on how somebody typed it.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="users_email_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        # Django's own mark of `set_password`, until it has saved it.
        has_new_password = getattr(self, "_password", None) and not self._state.adding
        super().save(*args, **kwargs)
        if has_new_password:  # then Django lets no earlier session go on
            self.sessions.all().delete()

    def clean(self) -> None:
        self.email = self.email.lower()

    def get_session_auth_hash(self) -> str:
        """What sessions must bear: another one after each new password, and each sign-out of all,
        so that also a session ends that is not in our list."""
        hash = super().get_session_auth_hash()
        return f"{hash}-{self.sign_outs}" if self.sign_outs else hash

    def role_in(self, workspace_id: UUID) -> Role | None:
        role = self.memberships.filter(workspace=workspace_id).values_list("role", flat=True)
        return Role(role[0]) if role else None

    def roles(self) -> dict[UUID, Role]:
        roles = self.memberships.values_list("workspace", "role")
        return {workspace_id: Role(role) for workspace_id, role in roles}

    def workspace_ids(self, least: Role = Role.VIEWER) -> models.QuerySet:
        return self.memberships.filter(role__in=least.and_above).values("workspace")

    @property
    def as_user(self) -> "User":
        return self

    @property
    def as_api_key(self) -> None:
        return None


class UserSession(Identified):
    """What people are told of a session of theirs in a browser. Without it the session lives on."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions", editable=False)
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    address = models.GenericIPAddressField(null=True, editable=False)
    browser = models.CharField(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "user_sessions"
        ordering = ("-seen_at",)

    def __str__(self) -> str:
        return f"session of {self.user}"


class Membership(Identified):
    """A user's role in a workspace."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", db_index=False)
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "memberships"
        ordering = ("id",)
        constraints = [
            # Serves: the workspaces and the role of a user, asked with every request.
            models.UniqueConstraint(fields=("user", "workspace"), name="memberships_once_a_user"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="memberships_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} in {self.workspace}"


class Invitation(Identified):
    """Somebody who may become a member, in a role, by the link that they were sent.

    Gone as soon as it is accepted or withdrawn. No link is kept: it is signed, and says by its
    number whether it is the last one.
    """

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="invitations", db_index=False
    )
    email = models.EmailField("e-mail address")
    role = models.CharField(max_length=16, choices=Role.choices)
    invited_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", editable=False, db_index=False
    )
    invited_with = models.ForeignKey(
        "workspaces.ApiKey",
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        db_index=False,
    )
    link_number = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    mailed_at = models.DateTimeField(
        null=True, editable=False, help_text="When the last link was sent to the address."
    )
    mail_error = models.CharField(
        max_length=500, blank=True, editable=False, help_text="Why the last link was not sent."
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "invitations"
        ordering = ("-id",)
        constraints = [
            # Serves: the invitations of a workspace.
            models.UniqueConstraint(
                fields=("workspace", "email"), name="invitations_once_an_address"
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="invitations_email_is_lower_case"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="invitations_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.role} in {self.workspace}"

    def clean(self) -> None:
        self.email = self.email.lower()

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()
