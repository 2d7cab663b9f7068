"""Questions asked about workflows."""

from typing import Any, Self

from django.apps import apps
from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery

from apps.workspaces.querysets import TenantQuerySet


class WorkflowQuerySet(TenantQuerySet):
    def named_like(self, words: str) -> Self:
        """Workflows whose name contains the words, in any case."""
        return self.filter(name_folded__contains=words.casefold())

    def with_latest_version(self) -> Self:
        """Add `latest_version`: the highest version number, or None."""
        latest = (
            self.model._default_manager.filter(pk=OuterRef("pk"))
            .values("pk")
            .annotate(latest=Max("versions__version"))
            .values("latest")
        )
        return self.annotate(latest_version=Subquery(latest))

    def tagged(self, name: str) -> Self:
        """Workflows that have this tag, as `tags.as_tag` writes it."""
        own = _rows("workflows.WorkflowTag")
        return self.filter(Exists(own.filter(workflow=OuterRef("pk"), name=name)))

    def with_standing(self) -> Self:
        """Add the last run (`last_run_id`, `last_run_status`, `last_run_at`), `next_run_at` of the
        schedules that fire, and `is_held`.

        Each is one look into an index for each row of a page, however many runs there are.
        """
        runs = _rows("runs.Run")
        newest = runs.filter(workflow=OuterRef("pk")).order_by("-id").values("id")[:1]
        # By its id: asked for anything else of the newest, PostgreSQL reads all runs until it meets
        # one of the workflow.
        last = runs.filter(pk=OuterRef("last_run_id"))
        fires = _rows("triggers.Schedule").filter(
            workflow=OuterRef("pk"), is_live=True, paused_at=None, next_run_at__isnull=False
        )
        return self.annotate(
            last_run_id=Subquery(newest),
            last_run_status=Subquery(last.values("status")),
            last_run_at=Subquery(last.values("created_at")),
            next_run_at=Subquery(fires.order_by("next_run_at").values("next_run_at")[:1]),
            is_held=Exists(_rows("runs.Hold").filter(workflow=OuterRef("pk"))),
        )

    def with_notes(self) -> Self:
        """Add `has_notes`: whether people wrote any on it."""
        return self.annotate(
            has_notes=Exists(_rows("operations.Note").filter(workflow=OuterRef("pk")))
        )

    def without_draft(self) -> Self:
        """Leave the draft's graph in the database: it may be megabytes."""
        return self.defer("draft_graph")


def _rows(model: str) -> QuerySet[Any]:
    """Rows of a model by its name, for this module imports none: floors above are not imported,
    and models import it."""
    return apps.get_model(model)._default_manager.all()
