"""What is asked of runs and steps."""

from typing import Self

from apps.workspaces.querysets import TenantQuerySet


class RunQuerySet(TenantQuerySet):
    def without_payloads(self) -> Self:
        return self.defer("input_json", "pins")


class StepRunQuerySet(TenantQuerySet):
    def without_payloads(self) -> Self:
        return self.defer("input_json", "output_json")
