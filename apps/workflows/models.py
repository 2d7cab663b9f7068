"""A workflow and its draft. Its versions are rows of the app above (`apps.versions`)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.workflows.querysets import WorkflowQuerySet
from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import Identified, Workspace
from apps.workspaces.querysets import TenantQuerySet

LONGEST_TAG = 40


def empty_graph() -> dict[str, Any]:
    """The draft that a workflow begins with."""
    return {"schema": 1, "nodes": [], "edges": [], "settings": {}}


class Workflow(Identified):
    """What people edit, publish and activate."""

    class Status(models.TextChoices):
        # Published or not: what was active before is no less published than it was.
        DRAFT = "draft", "Not active"
        ACTIVE = "active"
        ARCHIVED = "archived"

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="workflows", db_index=False
    )
    name = models.CharField(max_length=200)
    name_folded = models.TextField(
        editable=False, help_text="The name for searching: both databases fold case differently."
    )
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.DRAFT)
    version = models.PositiveIntegerField(
        null=True, blank=True, help_text="Number of the published version."
    )
    draft_graph = OrderedJSONField(default=empty_graph)
    draft_revision = models.PositiveIntegerField(default=0)
    keep_completed_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="How long runs are kept that completed or were cancelled. "
        "Empty: as for all workflows; 0: for ever.",
    )
    keep_failed_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="How long failed runs are kept. Empty: as for all workflows; 0: for ever.",
    )
    keep_runs = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="How many runs are kept, the newest. Empty: as for all workflows; 0: all.",
    )
    max_kept_bytes = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        help_text="How much its runs may keep in all, in bytes: with more no run is made. "
        "Empty: as for all workflows; 0: without limit.",
    )
    kept_bytes = models.BigIntegerField(
        default=0, db_default=0, editable=False, help_text="What its runs keep, about."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WorkflowQuerySet.as_manager()

    class Meta:
        db_table = "workflows"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "active", "archived"]),
                name="workflows_status_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="active") | models.Q(version__isnull=False),
                name="workflows_active_is_published",
            ),
        ]
        indexes = [
            # Serves: the workflows of a workspace, newest first.
            models.Index(fields=("workspace", "-id"), name="workflows_newest"),
            # Serves: the active workflows of a workspace; how many are in each status.
            models.Index(fields=("workspace", "status", "-id"), name="workflows_by_status"),
            # Serves: which workflows keep as much as they may.
            models.Index(
                fields=("id",),
                condition=models.Q(max_kept_bytes__gt=0),
                name="workflows_capped",
            ),
            # Serves: the workflows of a workspace by name.
            models.Index(fields=("workspace", "name", "id"), name="workflows_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_folded = self.name.casefold()
        super().save(*args, **kwargs)

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

    @property
    def is_archived(self) -> bool:
        return self.status == self.Status.ARCHIVED


class WorkflowTag(Identified):
    """A word by which a workflow is found among others. In lower case: see `tags.py`."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="tags", db_index=False)
    name = models.CharField(max_length=LONGEST_TAG)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "workflow_tags"
        ordering = ("name",)
        constraints = [
            # Serves: the tags of a workflow.
            models.UniqueConstraint(fields=("workflow", "name"), name="workflow_tags_once"),
        ]
        indexes = [
            # Serves: the workflows of a tag; the tags of a workspace.
            models.Index(fields=("workspace", "name", "workflow"), name="workflow_tags_by_name"),
        ]

    def __str__(self) -> str:
        return self.name
