"""What is asked of runs and steps."""

from datetime import datetime
from typing import Self

from apps.runs.states import OPEN, RunStatus
from apps.workspaces.querysets import TenantQuerySet


class RunQuerySet(TenantQuerySet):
    def open(self) -> Self:
        """Not ended."""
        return self.filter(status__in=OPEN)

    def due(self, now: datetime) -> Self:
        """Waiting for a moment that has come."""
        return self.filter(status=RunStatus.WAITING, wake_at__lte=now)

    def without_payloads(self) -> Self:
        return self.defer("input_json", "marks")


class StepRunQuerySet(TenantQuerySet):
    def without_payloads(self) -> Self:
        return self.defer("input_json", "output_json")
