"""What runs keep beside their steps: large values, files, values to find them by, answers, keys."""

from django.db import models
from django.utils import timezone

from apps.runs.models.runs import Run
from apps.workflows.models import Workflow
from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import Identified, Workspace
from apps.workspaces.querysets import TenantQuerySet


class Payload(Identified):
    """A large value or binary data, stored once a workspace; the file is written before the row."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=255, default="application/octet-stream")
    file = models.CharField(max_length=255, help_text="Its name in the storage.")
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(
        default=timezone.now, help_text="When it was last stored again or referred to."
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "payloads"
        constraints = [
            # Serves: is this content stored already?
            models.UniqueConstraint(fields=("workspace", "sha256"), name="payloads_content_once"),
        ]
        indexes = [
            # Serves: the clean-up, which takes only what has been untouched for long.
            models.Index(fields=("touched_at",), name="payloads_untouched"),
        ]

    def __str__(self) -> str:
        return self.sha256


class RunFile(Identified):
    """A payload that a run may open by reference: its steps made it, or it was given it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="files", db_index=False)
    payload = models.ForeignKey(Payload, models.RESTRICT, related_name="runs")

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "run_files"
        constraints = [
            # Serves: may the run open it?
            models.UniqueConstraint(fields=("run", "payload"), name="run_files_once"),
        ]

    def __str__(self) -> str:
        return f"{self.payload_id} of {self.run_id}"


class RunValue(Identified):
    """A value that a step kept with its run, by which the run can be found."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="values", db_index=False)
    name = models.CharField(max_length=50)
    value = models.CharField(max_length=512)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "run_values"
        constraints = [
            # Serves: the values of a run.
            models.UniqueConstraint(fields=("run", "name"), name="run_values_once_a_name"),
        ]
        indexes = [
            # Serves: the runs of a workspace that have a value, newest first.
            models.Index(fields=("workspace", "name", "value", "-run"), name="run_values_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class RunAnswer(models.Model):
    """What a run's webhook is to answer, as a step of it says."""

    run = models.OneToOneField(Run, models.CASCADE, primary_key=True, related_name="answer")
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    status = models.PositiveSmallIntegerField()
    headers = OrderedJSONField(default=dict)
    body = models.BinaryField(default=bytes)
    payload = models.ForeignKey(
        Payload, models.RESTRICT, null=True, related_name="+", help_text="The body where large."
    )
    made_at = models.DateTimeField(default=timezone.now)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "run_answers"

    def __str__(self) -> str:
        return f"{self.status} for {self.run_id}"


class EarlyAnswer(Identified):
    """What came for a step before it waited; the step takes it when it begins to."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="early_answers", db_index=False)
    node_id = models.CharField(max_length=64)
    iteration = models.PositiveIntegerField()
    body = OrderedJSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "early_answers"
        constraints = [
            # Serves: was this step answered already?
            models.UniqueConstraint(
                fields=("run", "node_id", "iteration"), name="early_answers_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.node_id}[{self.iteration}]"


class SeenKey(models.Model):
    """What a step took as new: `key` is a hash of it."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="+", db_index=False)
    scope = models.CharField(max_length=128, help_text="The node, or a name that several share.")
    key = models.BinaryField(max_length=32)
    run = models.UUIDField(help_text="The run that took it; it may be gone.")
    node_id = models.CharField(max_length=64)
    iteration = models.PositiveIntegerField()
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "seen_keys"
        constraints = [
            # Serves: was it seen?
            models.UniqueConstraint(fields=("workflow", "scope", "key"), name="seen_keys_once"),
        ]
        indexes = [
            # Serves: forgetting the oldest of a scope.
            models.Index(fields=("workflow", "scope", "-id"), name="seen_keys_newest"),
        ]

    def __str__(self) -> str:
        return self.scope
