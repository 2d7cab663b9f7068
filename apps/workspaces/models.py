"""Workspaces, who may enter them, and what is remembered of requests."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from uuid_utils.compat import uuid7

from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.origin import Way
from apps.workspaces.permissions import Role
from apps.workspaces.querysets import (
    ApiKeyQuerySet,
    AuditQuerySet,
    TenantQuerySet,
    UserQuerySet,
    WorkspaceQuerySet,
)

VARIABLE_NAME = r"^[A-Za-z_][A-Za-z0-9_]*\Z"
VARIABLE_NAME_RULE = "A name has letters, digits and “_” only, and does not begin with a digit."


class Identified(models.Model):
    """A row with a UUIDv7 key: ordered in time, made before the row is written."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class Workspace(Identified):
    """A tenant: all that its members build and run together."""

    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        db_table = "workspaces"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


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

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class ApiKey(Identified):
    """A program's way in: one workspace, one role. The key itself is not kept, only its hash."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=200, blank=True)
    prefix = models.CharField(
        max_length=8, unique=True, editable=False, help_text="How the key begins, to know it by."
    )
    hash = models.CharField(max_length=64, editable=False)
    role = models.CharField(max_length=16, choices=Role.choices)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        db_table = "api_keys"
        ordering = ("-id",)
        verbose_name = "API key"
        verbose_name_plural = "API keys"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="api_keys_role_is_known"
            ),
        ]

    is_authenticated = True
    """What Django REST framework asks of whoever makes a request."""

    def __str__(self) -> str:
        return f"ff_{self.prefix}…"

    @property
    def state(self) -> str:
        """Whether it opens anything: in use, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        has_expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return "expired" if has_expired else "good"

    @property
    def title(self) -> str:
        return f"API key {self.name} ({self})" if self.name else f"API key {self}"

    def role_in(self, workspace_id: UUID) -> Role | None:
        return Role(self.role) if workspace_id == self.workspace_id else None

    def roles(self) -> dict[UUID, Role]:
        return {self.workspace_id: Role(self.role)}

    def workspace_ids(self, least: Role = Role.VIEWER) -> list[UUID]:
        return [self.workspace_id] if Role(self.role).reaches(least) else []

    @property
    def as_user(self) -> None:
        return None

    @property
    def as_api_key(self) -> "ApiKey":
        return self


class Variable(Identified):
    """A value that all workflows of a workspace read as `$vars.name`. No secret: all see it."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="variables", db_index=False
    )
    name = models.CharField(
        max_length=50,
        validators=[RegexValidator(VARIABLE_NAME, VARIABLE_NAME_RULE)],
        help_text="Expressions read it as $vars.name.",
    )
    value = models.TextField(
        blank=True, max_length=4_000, help_text="Text, no secret: everybody here can read it."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "variables"
        ordering = ("name",)
        constraints = [
            # Serves: the variables of a workspace, for a run or by name.
            models.UniqueConstraint(fields=("workspace", "name"), name="variables_once_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(Identified):
    """The first answer to a request that bore an `Idempotency-Key`, for those that repeat it.

    Neither key nor answer is readable here: the answer may hold a secret that is shown once.
    """

    principal = models.UUIDField(editable=False, help_text="The user or API key that asked.")
    workspace = models.ForeignKey(
        Workspace, models.CASCADE, null=True, related_name="+", help_text="The API key's."
    )
    key_hash = models.CharField(max_length=64)
    request = models.CharField(max_length=300, help_text="Method and path.")
    request_hash = models.CharField(max_length=64, help_text="Of method, path and body.")
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.BinaryField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "idempotency_keys"
        ordering = ("-id",)
        constraints = [
            # Serves: has this principal used this key?
            models.UniqueConstraint(
                fields=("principal", "key_hash"), name="idempotency_keys_once_a_principal"
            ),
        ]
        indexes = [
            # Serves: delete what has expired.
            models.Index(fields=("expires_at",), name="idempotency_keys_expiry"),
        ]

    def __str__(self) -> str:
        return self.request


class AuditEntry(Identified):
    """Who changed what, when, from where. Written in the transaction of the change, never changed.

    Those of earlier versions of FlowForge do not tell from where.
    """

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, null=True, related_name="audit_entries", db_index=False
    )
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", help_text="Who, if a person."
    )
    api_key = models.ForeignKey(
        ApiKey, models.SET_NULL, null=True, related_name="+", help_text="Who, if a program."
    )
    who = models.TextField(  # noqa: DJ001 - null: not noted
        null=True, help_text="As they were called then; empty: FlowForge itself."
    )
    way = models.CharField(  # noqa: DJ001 - null: not known
        max_length=16, choices=Way.choices, null=True
    )
    address = models.GenericIPAddressField(null=True)
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.UUIDField(null=True)
    object_name = models.TextField(blank=True)
    detail = OrderedJSONField(default=dict)
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AuditQuerySet.as_manager()

    class Meta:
        db_table = "audit_entries"
        ordering = ("-id",)
        verbose_name_plural = "audit entries"
        indexes = [
            # Serves: the audit trail of a workspace, newest first.
            models.Index(fields=("workspace", "-id"), name="audit_entries_newest"),
            # Serves: what was done to one row, newest first.
            models.Index(fields=("object_id", "-id"), name="audit_entries_of_object"),
            # Serves: what was done of one kind, and which kinds there are.
            models.Index(fields=("action", "-id"), name="audit_entries_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_name}"

    @property
    def made_by(self) -> str:
        """Who it was: a person's e-mail address, an API key, or FlowForge itself."""
        by = self.who or self.user or (self.api_key and self.api_key.title)
        return str(by or "FlowForge")
