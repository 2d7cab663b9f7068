"""Filters of the lists of runs and of what starts them."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.views.main import ChangeList
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from apps.workflows.models import Workflow
from apps.workspaces.scoped_admin import seen_by


class WorkflowFilter(AutocompleteSelectFilter):
    """Finds a workflow by typing; names only what the asker may see."""

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        for choice in super().choices(changelist):
            rows = Workflow.objects.without_draft()
            field = choice["form"].fields[self.lookup_kwarg]
            field.queryset = seen_by(self.request, rows, "workflow.view")
            yield choice
