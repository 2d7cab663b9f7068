"""Jobs over many runs, and what became of each of these."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import ApiKey, Identified, Workspace
from apps.workspaces.querysets import TenantQuerySet


class BulkJob(Identified):
    """A deed that is done to all runs that a filter found when it was asked for."""

    class Deed(models.TextChoices):
        CANCEL = "cancel"
        RETRY = "retry"
        MARK_FAILED = "mark_failed"
        DELETE = "delete"

    TITLES = {
        Deed.CANCEL: "Cancel many runs",
        Deed.RETRY: "Retry many runs",
        Deed.MARK_FAILED: "Mark many runs failed",
        Deed.DELETE: "Delete many runs",
    }

    class Status(models.TextChoices):
        RUNNING = "running"
        STOPPED = "stopped"
        DONE = "done"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    deed = models.CharField(max_length=16, choices=Deed.choices)
    start = models.CharField(max_length=16, blank=True, help_text="Where retries begin.")
    version = models.CharField(max_length=16, blank=True, help_text="On which they do.")
    note = models.CharField(
        max_length=500, blank=True, default="", db_default="", help_text="Why, of what is marked."
    )
    filter = OrderedJSONField(default=dict, help_text="What the runs were found by.")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.RUNNING)
    stopped_because = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    api_key = models.ForeignKey(
        ApiKey,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name="API key",
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    counts = OrderedJSONField(
        null=True, help_text="Runs by outcome, once none of these changes any more."
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "bulk_jobs"
        ordering = ("-id",)
        indexes = [
            # Serves: the jobs of a workspace, newest first.
            models.Index(fields=("workspace", "-id"), name="bulk_jobs_newest"),
            # Serves: which job is to go on.
            models.Index(fields=("id",), condition=Q(status="running"), name="bulk_jobs_running"),
        ]

    def __str__(self) -> str:
        return self.TITLES[self.Deed(self.deed)]


class BulkJobRun(models.Model):
    """A run of a job. It, and the run that its retry made, may be deleted before the job is."""

    class Outcome(models.TextChoices):
        TO_DO = "to_do"
        DONE = "done"
        REFUSED = "refused"

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="runs", db_index=False)
    run = models.UUIDField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.TO_DO)
    made = models.UUIDField(null=True, help_text="The run that retries it.")
    error = models.CharField(max_length=500, blank=True, help_text="Why it was refused.")

    class Meta:
        db_table = "bulk_job_runs"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("job", "run"), name="bulk_job_runs_once"),
        ]
        indexes = [
            # Serves: what is next to do, and how much of which outcome there is.
            models.Index(fields=("job", "outcome", "id"), name="bulk_job_runs_by_outcome"),
        ]

    def __str__(self) -> str:
        return str(self.run)
