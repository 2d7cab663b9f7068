"""What is remembered of requests and deeds."""

from django.db import models
from django.utils import timezone

from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models.keys import ApiKey
from apps.workspaces.models.people import User
from apps.workspaces.models.workspaces import Identified, Workspace
from apps.workspaces.origin import Way
from apps.workspaces.querysets import AuditQuerySet, TenantQuerySet


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
        ApiKey,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="API key",
        help_text="Who, if a program.",
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
            # Serves: what somebody did, newest first, and who did anything.
            models.Index(fields=("who", "-id"), name="audit_entries_by_whom"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_name}"

    @property
    def made_by(self) -> str:
        """Who it was: a person's e-mail address, an API key, or FlowForge itself."""
        by = self.who or self.user or (self.api_key and self.api_key.title)
        return str(by or "FlowForge")
