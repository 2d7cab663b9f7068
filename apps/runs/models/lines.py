"""What keeps pending runs from being claimed: holds, and the lines in which they wait."""

from uuid import UUID, uuid5

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.workflows.models import Workflow
from apps.workspaces.models import Workspace
from apps.workspaces.querysets import TenantQuerySet

EVERYTHING = UUID(int=0)
"""The key of the hold of everything."""


class Hold(models.Model):
    """Somebody's word that runs are to wait: of a workflow, of a workspace, or all there are."""

    id = models.UUIDField(
        primary_key=True, editable=False, help_text="The id of what is held; 0: everything."
    )
    workspace = models.ForeignKey(
        Workspace, models.CASCADE, null=True, related_name="+", editable=False
    )
    workflow = models.OneToOneField(
        Workflow, models.CASCADE, null=True, related_name="+", editable=False
    )
    reason = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "holds"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return str(self.workflow or self.workspace or "everything")

    @property
    def what(self) -> str:
        """What is held: a workflow, a workspace, or everything."""
        if self.workflow_id:
            return "workflow"
        return "workspace" if self.workspace_id else "everything"


class Line(models.Model):
    """Pending runs of a workflow that wait for the same thing. The claim does not read them."""

    class Kind(models.TextChoices):
        HOLD = "hold"
        SLOT = "slot"
        RATE = "rate"

    id = models.UUIDField(
        primary_key=True, editable=False, help_text="Made of workflow, kind and key."
    )
    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="+", db_index=False, editable=False
    )
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="+", editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key = models.CharField(max_length=128, blank=True)
    look_at = models.DateTimeField(help_text="When its first runs may perhaps be let go.")

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "run_lines"
        indexes = [
            # Serves: the lines that are to be looked at.
            models.Index(fields=("look_at",), name="run_lines_to_look_at"),
            # Serves: the lines of a workspace, or all, that a hold made.
            models.Index(fields=("kind", "workspace"), name="run_lines_of_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}".rstrip()

    @staticmethod
    def id_of(workflow: UUID, kind: "Line.Kind", key: str = "") -> UUID:
        """The same for all who look for it: nobody need ask first whether the line is there."""
        return uuid5(workflow, f"{kind} {key}")
