"""Who listens to rows of an operator's models."""

from django.db import models

from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import Identified, Workspace
from apps.workspaces.querysets import TenantQuerySet


class ModelListener(Identified):
    """A model event node of an active workflow: made by activating and publishing, and deleted."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    workflow = models.ForeignKey(
        Workflow, models.CASCADE, related_name="model_listeners", db_index=False
    )
    version = models.ForeignKey(WorkflowVersion, models.CASCADE, related_name="+")
    node_id = models.CharField(max_length=64)
    model = models.CharField(max_length=200, help_text="Its label, in lower case.")
    events = OrderedJSONField(help_text="To which it listens.")

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "model_listeners"
        ordering = ("model", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("workflow", "node_id"), name="model_listeners_one_a_node"
            ),
        ]
        indexes = [
            # Serves: who is to hear of a row of this model?
            models.Index(fields=("model", "id"), name="model_listeners_of_model"),
        ]

    def __str__(self) -> str:
        return f"{self.model}: {', '.join(self.events)}"
