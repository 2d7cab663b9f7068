"""The keys of programs."""

from uuid import UUID

from django.db import models
from django.utils import timezone

from apps.workspaces.models.people import User
from apps.workspaces.models.workspaces import Identified, Workspace
from apps.workspaces.permissions import Role
from apps.workspaces.querysets import ApiKeyQuerySet


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
