"""Failures of the same kind, counted together and for each workflow and day."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.workflows.models import Workflow
from apps.workspaces.models import Identified, Workspace
from apps.workspaces.querysets import TenantQuerySet

MESSAGE_CHARS = 500


class ErrorGroup(Identified):
    """The failures of a workspace that have the same fingerprint. Counts stay where runs go."""

    class Status(models.TextChoices):
        # In this order they stand in lists, which the words have by themselves.
        OPEN = "open"
        RESOLVED = "resolved"
        SNOOZED = "snoozed"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    error_code = models.CharField(max_length=64)
    node_type = models.CharField(
        max_length=64, blank=True, help_text="Of what failed; empty: the run itself."
    )
    message = models.CharField(max_length=MESSAGE_CHARS, blank=True, help_text="Of the first.")
    count = models.PositiveBigIntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    last_run = models.UUIDField(help_text="It may be deleted.")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.OPEN)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    snoozed_until = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True, help_text="The last time.")
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    came_back_at = models.DateTimeField(
        null=True, help_text="When it happened again after it was resolved."
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "error_groups"
        ordering = ("status", "-last_seen", "-id")
        constraints = [
            # Serves: the group of a failure.
            models.UniqueConstraint(fields=("workspace", "fingerprint"), name="error_groups_once"),
            models.CheckConstraint(
                condition=Q(status="snoozed", snoozed_until__isnull=False)
                | (~Q(status="snoozed") & Q(snoozed_until=None)),
                name="error_groups_snoozed_until_when",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("open", "resolved", "snoozed")),
                name="error_groups_status_is_known",
            ),
        ]
        indexes = [
            # Serves: the admin's list, open ones first; of a workspace, perhaps of one status.
            models.Index(fields=("status", "-last_seen", "-id"), name="error_groups_newest"),
            models.Index(
                fields=("workspace", "status", "-last_seen", "-id"), name="error_groups_by_status"
            ),
            # Serves: those of a workspace, newest first.
            models.Index(fields=("workspace", "-last_seen", "-id"), name="error_groups_last_seen"),
            # Serves: which is to wake.
            models.Index(
                fields=("snoozed_until",),
                condition=Q(status="snoozed"),
                name="error_groups_to_wake",
            ),
        ]

    def __str__(self) -> str:
        return self.told(80)

    def told(self, most: int) -> str:
        """What failed: its code, and so much of the message, where there are such."""
        found = [part for part in (self.error_code, self.message[:most]) if part]
        return ": ".join(found) or "without a code"


class ErrorGroupWorkflow(models.Model):
    """How often a workflow failed that way."""

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey(ErrorGroup, models.CASCADE, related_name="workflows", db_index=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="+")
    count = models.PositiveBigIntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        db_table = "error_group_workflows"
        ordering = ("-last_seen",)
        constraints = [
            # Serves: the workflows of a group.
            models.UniqueConstraint(
                fields=("group", "workflow"), name="error_group_workflows_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.workflow_id)


class ErrorGroupDay(models.Model):
    """How often it failed on a day, in UTC."""

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey(ErrorGroup, models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "error_group_days"
        ordering = ("day",)
        constraints = [
            # Serves: the days of a group.
            models.UniqueConstraint(fields=("group", "day"), name="error_group_days_once"),
        ]
        indexes = [
            # Serves: forgetting old ones.
            models.Index(fields=("day",), name="error_group_days_age"),
        ]

    def __str__(self) -> str:
        return str(self.day)
