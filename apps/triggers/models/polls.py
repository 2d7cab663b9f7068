"""The sources that triggers look at, and how far each has looked."""

from django.db import models
from django.db.models import Q

from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import Identified, Workspace
from apps.workspaces.querysets import TenantQuerySet


class Poll(Identified):
    """The source of a trigger that looks for what is new: updated by publishing, never replaced."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="polls", db_index=False)
    version = models.ForeignKey(WorkflowVersion, models.CASCADE, related_name="+")
    node_id = models.CharField(max_length=64)
    type = models.CharField(max_length=64, help_text="Of the node.")
    params = OrderedJSONField(help_text="Of the node.")
    is_live = models.BooleanField(default=False, help_text="Its workflow is active.")
    cursor = OrderedJSONField(null=True, help_text="How far it has looked; null: not yet.")
    due_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, help_text="When a look last succeeded.")
    error = models.TextField(blank=True, help_text="Why the last look failed.")
    failures = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Looks that failed, one after the other, up to now."
    )
    held_by = models.UUIDField(null=True, help_text="The look that is under way.")

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "polls"
        ordering = ("due_at",)
        constraints = [
            models.UniqueConstraint(fields=("workflow", "node_id"), name="polls_one_a_node"),
        ]
        indexes = [
            # Serves: what is to be looked at?
            models.Index(fields=("due_at",), condition=Q(is_live=True), name="polls_due"),
            # Serves: the polls of a workspace.
            models.Index(fields=("workspace", "due_at"), name="polls_of_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.workflow} {self.node_id}"
