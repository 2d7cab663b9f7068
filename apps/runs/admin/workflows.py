"""The admin of workflows, with what is known of them here: pauses, limits, versions and uses."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from apps.runs.admin.holds import Pausing
from apps.runs.admin.limits import ChangingLimits
from apps.runs.admin.workflow_page import page_of
from apps.workflows.admin import WorkflowAdmin
from apps.workflows.models import Workflow
from apps.workspaces.scoped_admin import is_allowed

# `WorkflowAdmin` stands below versions and runs, and knows of neither.
admin.site.unregister(Workflow)


@admin.register(Workflow)
class WholeWorkflowAdmin(ChangingLimits, Pausing, WorkflowAdmin):
    hold_right = "workflow.hold"
    actions_detail: Any = (*WorkflowAdmin.actions_detail, "pause", "resume", "change_limits")
    change_form_outer_after_template = "runs_admin/workflow.html"

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            may_publish = is_allowed(request, "workflow.publish", obj)
            may_limit = self.may_change_limits(request, obj)
            context |= page_of(obj, may_publish=may_publish, may_limit=may_limit)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)
