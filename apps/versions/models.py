"""A workflow's versions: what runs are bound to."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.versions.querysets import WorkflowVersionQuerySet
from apps.workflows.models import Workflow
from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import Identified, Workspace


class ImmutableVersionError(Exception):
    """A version never changes: save the graph as another one."""


class WorkflowVersion(Identified):
    """A graph that was valid when it was saved, and never changes.

    Triggers of the database refuse every change of a column but `published_at`, `created_by`, and a
    `note` where there was none.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="versions", db_index=False)
    version = models.PositiveIntegerField(help_text="Number in the workflow, from 1.")
    graph_json = OrderedJSONField()
    content_hash = models.CharField(max_length=64, help_text="SHA-256 of the graph as stored.")
    note = models.TextField(blank=True, help_text="Why it was saved.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last made the workflow's published version."
    )

    objects = WorkflowVersionQuerySet.as_manager()

    class Meta:
        db_table = "workflow_versions"
        ordering = ("-version",)
        constraints = [
            # Serves: a version by its number; the versions of a workflow, newest first.
            models.UniqueConstraint(
                fields=("workflow", "version"), name="workflow_versions_number_once"
            ),
            # Serves: is there a version with this content already?
            models.UniqueConstraint(
                fields=("workflow", "content_hash"), name="workflow_versions_content_once"
            ),
            models.CheckConstraint(
                condition=models.Q(version__gte=1), name="workflow_versions_number_from_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workflow} v{self.version}"

    @property
    def is_published(self) -> bool:
        """Whether it is or was the published one."""
        return self.published_at is not None

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ImmutableVersionError(f"Version {self.version} of a workflow cannot be changed.")
        super().save(*args, **kwargs)
