"""What is asked of runs and steps."""

from datetime import timedelta
from typing import Self

from django.apps import apps
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.engine.parse_node import DAY_S
from apps.runs.states import RunStatus
from apps.workspaces.constants import Constant
from apps.workspaces.querysets import TenantQuerySet

LONGEST_WINDOW = timedelta(seconds=DAY_S)
"""Of a rate."""


def has_notes() -> Exists:
    """Whether people wrote notes on a run: one look into an index for each of a page. By its name,
    for the model lies on a floor above."""
    notes = apps.get_model("operations.Note")._default_manager
    return Exists(notes.filter(run=OuterRef("pk")))


class RunQuerySet(TenantQuerySet):
    def without_payloads(self) -> Self:
        return self.defer("input_json", "pins")

    def unneeded(self) -> Self:
        """Runs that no open run needs: none is their parent, their child, or retries them."""
        are_open = self.model._default_manager.filter(finished_at=None)
        return self.filter(
            ~Exists(are_open.filter(steps=OuterRef("parent_step"))),
            ~Exists(are_open.filter(parent_step__run=OuterRef("pk"))),
            ~Exists(are_open.filter(retry_of=OuterRef("pk"))),
        )

    def deletable(self) -> Self:
        """Ended runs that no open run needs, whose failure is told, and whose start no rate still
        counts."""
        is_counted_no_more = Q(start_no=None) | Q(started_at__lte=timezone.now() - LONGEST_WINDOW)
        ended = self.unneeded().filter(finished_at__isnull=False, failure_due_at=None)
        return ended.filter(is_counted_no_more)

    def pending(self) -> Self:
        return self.filter(status=Constant(RunStatus.PENDING))

    def ready(self) -> Self:
        """Pending, and nothing is known for which they must wait."""
        return self.pending().filter(line=None)


class StepRunQuerySet(TenantQuerySet):
    def without_payloads(self) -> Self:
        return self.defer("input_json", "output_json")
