"""Questions asked about workflows."""

from typing import Self

from django.db.models import Max, OuterRef, Subquery

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

    def without_draft(self) -> Self:
        """Leave the draft's graph in the database: it may be megabytes."""
        return self.defer("draft_graph")
