"""Pages of runs beside Django's own: the timeline that renews itself, the events, and the grid."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from apps.runs.admin.grid import grid_of
from apps.runs.admin.timeline import names_of, timeline_of
from apps.runs.events import read_events
from apps.runs.models import Run
from apps.runs.states import RunStatus, StepStatus
from apps.workflows.models import Workflow
from apps.workspaces.scoped_admin import ScopedAdmin, is_allowed, seen_by

STATUSES = (*RunStatus.values, StepStatus.SKIPPED.value, "stopped")
"""Of runs and steps, as the grid's colours know them."""


class RunPages(ScopedAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<uuid:id>/timeline/", view(self.timeline_view), name="runs_run_timeline"),
            path("<uuid:id>/events/", view(self.events_view), name="runs_run_events"),
            path("grid/<uuid:id>/", view(self.grid_view), name="runs_run_grid"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = {"may_begin_job": is_allowed(request, "run.retry")}
        return super().changelist_view(request, may | (extra_context or {}))

    def timeline_view(self, request: HttpRequest, id: UUID) -> HttpResponse:
        """The timeline alone; where the run's status is another than the page shows, the page is
        to be loaded again, for its buttons and fields are others."""
        run = self.shown_run(request, id)
        if run.status != request.GET.get("status"):
            return HttpResponse(headers={"HX-Refresh": "true"})
        timeline = timeline_of(run, names_of(run.version_id))
        context = {"original": run, "timeline": timeline}
        return render(request, "runs_admin/timeline.html", context)

    def events_view(self, request: HttpRequest, id: UUID) -> HttpResponse:
        run = self.shown_run(request, id)
        after = request.GET.get("after", "0")
        page = read_events(run.pk, int(after) if after.isdecimal() and len(after) < 16 else 0)
        names = names_of(run.version_id)
        events = [
            {**each, "step": names.get(node := str(each.get("node", "")), node)}
            for each in page.events
        ]
        context: dict[str, Any] = {"run": run, "events": events}
        if page.upto < run.seq:
            context["next"] = page.upto
        return self.own_page(request, "runs_admin/events.html", f"Events of {run}", **context)

    def grid_view(self, request: HttpRequest, id: UUID) -> HttpResponse:
        workflows: Any = Workflow.objects.without_draft()
        workflow = seen_by(request, workflows, self.view_right).filter(pk=id).first()
        if workflow is None:
            raise Http404
        runs = self.get_queryset(request).filter(workflow=workflow)
        if status := request.GET.get("status"):
            runs = runs.filter(status=status)
        context = {"workflow": workflow, "grid": grid_of(runs), "statuses": STATUSES}
        title = f"Runs of {workflow} by steps"
        return self.own_page(request, "runs_admin/grid.html", title, **context)

    def own_page(
        self, request: HttpRequest, template: str, title: str, **context: Any
    ) -> HttpResponse:
        frame = self.admin_site.each_context(request) | {"title": title, "opts": self.opts}
        return TemplateResponse(request, template, frame | context)

    def shown_run(self, request: HttpRequest, id: UUID) -> Run:
        run: Run | None = self.get_object(request, str(id))
        if run is None:
            raise Http404
        return run
