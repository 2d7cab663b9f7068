"""What people write down about a run or a workflow."""

from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.runs.models import Run
from apps.workflows.models import Workflow
from apps.workspaces.models import Identified, Workspace
from apps.workspaces.querysets import TenantQuerySet


class Note(Identified):
    """A text about a run or a workflow, which goes with it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, null=True, related_name="+", db_index=False)
    workflow = models.ForeignKey(
        Workflow, models.CASCADE, null=True, related_name="+", db_index=False
    )
    text = models.TextField()
    author = models.UUIDField(help_text="The user or API key; it may be gone.")
    author_name = models.TextField(help_text="As they were called then.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "notes"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(run=None, workflow__isnull=False) | Q(run__isnull=False, workflow=None),
                name="notes_about_one_thing",
            ),
        ]
        indexes = [
            # Serves: those of a workspace, newest first.
            models.Index(fields=("workspace", "-id"), name="notes_newest"),
            # Serves: those of a run, whether it has any, and their end with it.
            models.Index(
                fields=("run", "-id"), condition=Q(run__isnull=False), name="notes_of_run"
            ),
            # Serves: those of a workflow, and their end with it.
            models.Index(
                fields=("workflow", "-id"),
                condition=Q(workflow__isnull=False),
                name="notes_of_workflow",
            ),
        ]

    def __str__(self) -> str:
        first = self.text.split("\n", 1)[0]
        return first if len(first) <= 80 else f"{first[:80]}…"

    @property
    def about_id(self) -> UUID:
        """The run or the workflow."""
        found = self.run_id or self.workflow_id
        assert found is not None, "notes_about_one_thing"
        return found
