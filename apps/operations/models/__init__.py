"""What operators work with."""

from apps.operations.models.alerts import Alert, AlertDelivery, AlertRule
from apps.operations.models.groups import ErrorGroup, ErrorGroupDay, ErrorGroupWorkflow
from apps.operations.models.jobs import BulkJob, BulkJobRun
from apps.operations.models.notes import Note
from apps.operations.models.stats import RunStat, RunStatProgress

__all__ = [
    "Alert",
    "AlertDelivery",
    "AlertRule",
    "BulkJob",
    "BulkJobRun",
    "ErrorGroup",
    "ErrorGroupDay",
    "ErrorGroupWorkflow",
    "Note",
    "RunStat",
    "RunStatProgress",
]
