"""What reached runs from outside, in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from apps.runs.admin.show import admin_link, shown, tail
from apps.runs.models import RunSignal
from apps.workspaces.admin_filters import VisibleFilter
from apps.workspaces.scoped_admin import BigTableAdmin


@admin.register(RunSignal)
class RunSignalAdmin(BigTableAdmin):
    view_right = "run.view"
    list_display = ("kind", "run_link", "created_by", "created_at", "consumed_at", "workspace")
    list_select_related = ("created_by", "workspace")
    list_filter = (("kind", ChoicesDropdownFilter), ("workspace", VisibleFilter))
    fields = (
        ("kind", "run_link", "step_link"),
        ("attempt", "created_by"),
        ("created_at", "consumed_at"),
        "content",
    )
    readonly_fields = ("run_link", "step_link", "content")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunSignal]:
        rows: QuerySet[RunSignal] = super().get_queryset(request)
        return rows.defer("body")

    @display(description="run")
    def run_link(self, signal: RunSignal) -> SafeString | str:
        return admin_link("runs_run", signal.run_id, tail(signal.run_id))

    @display(description="step")
    def step_link(self, signal: RunSignal) -> SafeString | str:
        return admin_link("runs_steprun", signal.step_id)

    @display(description="content")
    def content(self, signal: RunSignal) -> SafeString | str:
        return shown(signal.body)
