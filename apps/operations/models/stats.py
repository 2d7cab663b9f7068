"""How runs ended, counted in short spans of time, for the graphs of the status board."""

from django.db import models

from apps.runs.states import RunStatus
from apps.workspaces.models import Workspace


class RunStat(models.Model):
    """How many runs of a workspace ended in a span of time, the same way and after about as long.

    Without trials of drafts. Counted once the span is over: runs that are deleted later stay
    counted.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    starts_at = models.DateTimeField(help_text="The beginning of the span.")
    status = models.CharField(max_length=16, choices=RunStatus.choices)
    took = models.PositiveSmallIntegerField(
        help_text="n: at most the root of 2^n in milliseconds; 0: they never started."
    )
    count = models.PositiveIntegerField()

    class Meta:
        db_table = "run_stats"
        constraints = [
            # Serves: what a workspace's runs came to within a day.
            models.UniqueConstraint(
                fields=("workspace", "starts_at", "status", "took"), name="run_stats_once"
            ),
        ]
        indexes = [
            # Serves: a span that is counted anew, and forgetting old ones.
            models.Index(fields=("starts_at",), name="run_stats_span"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} {self.status}"


class RunStatProgress(models.Model):
    """One row: how far runs that ended are counted. Who counts holds it."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    counted_until = models.DateTimeField()

    class Meta:
        db_table = "run_stat_progress"

    def __str__(self) -> str:
        return f"until {self.counted_until:%Y-%m-%d %H:%M}"
