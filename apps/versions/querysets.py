"""Questions asked about versions."""

from typing import Self

from apps.workspaces.querysets import TenantQuerySet


class WorkflowVersionQuerySet(TenantQuerySet):
    def without_graph(self) -> Self:
        """Leave the graph in the database: it may be megabytes."""
        return self.defer("graph_json").select_related("created_by")
