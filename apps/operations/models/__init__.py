"""What operators work with."""

from apps.operations.models.jobs import BulkJob, BulkJobRun

__all__ = ["BulkJob", "BulkJobRun"]
