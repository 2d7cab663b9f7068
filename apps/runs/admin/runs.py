"""Runs in the admin: what is stuck, since when, why; cancelled, retried, started."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from apps.runs.admin.filters import PARAMETERS, NotesFilter, TrialFilter
from apps.runs.admin.forms import StartForm
from apps.runs.admin.run_deeds import RunDeeds
from apps.runs.admin.run_pages import RunPages
from apps.runs.admin.show import (
    admin_link,
    ago,
    badge,
    cut,
    link,
    sentence,
    shown,
    tail,
    waits_for,
)
from apps.runs.admin.timeline import names_of, timeline_of
from apps.runs.kin import kin_of
from apps.runs.models import EVERYTHING, Hold, Run
from apps.runs.querysets import has_notes
from apps.runs.search import bearing
from apps.runs.start import StartRequest, start_run
from apps.runs.states import Priority, RunStatus
from apps.runs.waits import since, wait_of
from apps.workflows.models import Workflow
from apps.workspaces.admin_filters import TypedFilter, VisibleFilter
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import ONE_BUTTON, BigTableAdmin, back_to, noted, seen_by

HEX_DIGITS = re.compile("[0-9a-f]{8,32}")
"""Lists show eight of an id: what is shorter is a text, such as a number of an order."""
SEARCHED_ENDS = 10_000
"""Among how many runs one is looked for by the end of its id: no index knows ends."""
HELD = "a pause or hold to be lifted"
KEEPS_BACK = Q(pk=EVERYTHING) | Q(pk=OuterRef("workspace_id")) | Q(pk=OuterRef("workflow_id"))
"""The holds that are about a run."""

KIN = (("retry_of_link", "retries"), ("parent_link", "children"), ("failed_link", "error_runs"))


@admin.register(Run)
class RunAdmin(RunPages, RunDeeds, BigTableAdmin):
    view_right = "run.view"
    add_right = "run.start"
    form = StartForm
    autocomplete_fields = ("workflow",)
    list_display = (
        "short_id",
        "state",
        "since",
        "workflow_name",
        "why",
        "version_number",
        "trigger",
        "workspace",
    )
    list_select_related = ("workspace",)
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("workflow", TypedFilter),
        ("trigger", ChoicesDropdownFilter),
        ("workspace", VisibleFilter),
        NotesFilter,
        TrialFilter,
        *PARAMETERS,
    )
    search_fields = ("id",)
    search_help_text = "An id, or text of errors, kept values, and what recent steps took and gave"
    list_before_template = "runs_admin/bulk.html"
    change_form_outer_after_template = "runs_admin/timeline.html"

    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("state", "since"),
                    ("workflow_link", "version_link"),
                    ("waiting_in_line", "page"),
                    ("error_code", "failures_like_it"),
                    "error_message",
                    ("trigger", "triggered_by"),
                    "workspace",
                )
            },
        ),
        (
            "Times",
            {
                "classes": ("tab",),
                "fields": (
                    ("created_at", "wake_at"),
                    ("started_at", "deadline_at"),
                    "finished_at",
                ),
            },
        ),
        (
            "Cancel",
            {
                "classes": ("tab",),
                "fields": (
                    ("cancel_requested_at", "cancel_requested_by"),
                    ("cancel_acknowledged_at", "cancel_forced_at"),
                ),
            },
        ),
        ("Kin", {"classes": ("tab",), "fields": KIN}),
        (
            "Execution",
            {
                "classes": ("tab",),
                "fields": (
                    ("worker", "queue"),
                    ("fence", "crashes"),
                    ("priority_name", "sent_at"),
                    ("slots", "slot"),
                    ("limit_key", "signals"),
                    ("seq", "kept"),
                ),
            },
        ),
        ("Input", {"classes": ("tab",), "fields": ("trigger_node", "input")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        rows: QuerySet[Run] = super().get_queryset(request).without_payloads()
        return rows.annotate(
            workflow_title=F("workflow__name"),
            version_no=F("version__version"),
            parent_run=F("parent_step__run_id"),
            has_notes=has_notes(),
            is_held=Exists(Hold.objects.filter(KEEPS_BACK)),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Run], search_term: str
    ) -> tuple[QuerySet[Run], bool]:
        """Find runs by the beginning of their id, the newest also by its end, as lists show it;
        where there are none, by a text that they bear.

        A beginning is a range of the primary key; to look for it as text would read the whole
        table.
        """
        text = search_term.strip()
        if not text:
            return queryset, False
        by_id = self.search_ids(queryset, text.lower().lstrip("…").replace("-", ""))
        if by_id is not None and by_id.exists():
            return by_id, False
        found, looked = bearing(queryset, text)
        if looked is not None:
            newest = f"newest {looked.runs:,} runs" if looked.runs > 1 else "newest run"
            told = f"“{text}” was looked for in the {newest} of this list."
            self.message_user(request, told, messages.INFO)
        return found, False

    def search_ids(self, rows: QuerySet[Run], asked: str) -> QuerySet[Run] | None:
        if not HEX_DIGITS.fullmatch(asked):
            return None
        beginning = Q(pk__range=(UUID(asked.ljust(32, "0")), UUID(asked.ljust(32, "f"))))
        newest = rows.order_by("-pk").values_list("pk", flat=True)[:SEARCHED_ENDS]
        ends = [id for id in newest if id.hex.endswith(asked)]
        return rows.filter(beginning | Q(pk__in=ends))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return []
        return [name for _, part in self.fieldsets for row in part["fields"] for name in _flat(row)]

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "workflow" and field is not None:
            rows = Workflow.objects.without_draft()
            field.queryset = seen_by(request, rows, "run.start")
        return field

    # --- To start -----------------------------------------------------------------------------

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = self._start_form(request)
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None:
            return super().get_fieldsets(request, obj)
        workflow = self._chosen(request)
        if workflow is None:
            return ((None, {"fields": ("workflow",)}),)
        another = link(request.path, "Another workflow")
        if why := why_not_run(workflow):
            page = admin_link("workflows_workflow", workflow.pk, workflow)
            told = format_html("{} cannot be run: {} {}", page, why, another)
            return ((None, {"fields": (), "description": told}),)
        told = format_html(
            "The published version of <strong>{}</strong> is run. {}", workflow, another
        )
        fields = (*self._start_form(request).given, "input", "priority")
        return ((None, {"fields": fields, "description": told}),)

    def _start_form(self, request: HttpRequest) -> type[StartForm]:
        """The form that asks for what the chosen workflow does."""
        page: Any = request
        if not hasattr(page, "start_form"):
            workflow = self._chosen(request)
            page.start_form = StartForm.for_workflow(workflow) if workflow else StartForm
        form: type[StartForm] = page.start_form
        return form

    def _chosen(self, request: HttpRequest) -> Workflow | None:
        """The workflow that the address names, if whoever asks may start it."""
        page: Any = request
        if not hasattr(page, "chosen_workflow"):
            page.chosen_workflow = self._startable(request, request.GET.get("workflow"))
        workflow: Workflow | None = page.chosen_workflow
        return workflow

    def _startable(self, request: HttpRequest, id: str | None) -> Workflow | None:
        rows: Any = seen_by(request, Workflow.objects.without_draft(), "run.start")
        try:
            return rows.filter(pk=id).first() if id else None
        except ValidationError:
            return None

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """First a workflow is chosen; what its trigger asks for stands on the next page."""
        if request.method == "POST" and self._chosen(request) is None:
            workflow = self._startable(request, request.POST.get("workflow"))
            if workflow is not None:
                return back_to(request, f"{request.path}?workflow={workflow.pk}")
        workflow = self._chosen(request)
        shown = ONE_BUTTON | {
            "submits": "Run" if workflow else "Next",
            "show_save": workflow is None or not why_not_run(workflow),
        }
        return super().add_view(request, form_url, shown | (extra_context or {}))

    def save_model(self, request: HttpRequest, obj: Run, form: Any, change: bool) -> None:
        workflow = self._chosen(request)
        assert workflow is not None
        priority = form.cleaned_data["priority"]
        asked = StartRequest(
            input=form.cleaned_data["input"],
            priority=Priority.named(priority) if priority else None,
        )
        obj.pk = start_run(workflow, asked, by=principal_of(request)).pk

    def response_post_save_add(self, request: HttpRequest, obj: Run) -> HttpResponse:
        return back_to(request, reverse("admin:runs_run_change", args=[obj.pk]))

    # --- What is shown ------------------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            # Read here once: a page asks for a field's value again and again.
            obj.node_names = names_of(obj.version_id)
            context["timeline"] = timeline_of(obj, obj.node_names)
            obj.kin = kin_of(obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @display(description="run")
    def short_id(self, run: Any) -> SafeString:
        return noted(tail(run.pk)) if run.has_notes else tail(run.pk)

    @display(description="status")
    def state(self, run: Run) -> SafeString:
        return badge(run.status)

    @display(description="workflow")
    def workflow_name(self, run: Any) -> SafeString:
        return sentence(run.workflow_title, 9)

    @display(description="version")
    def version_number(self, run: Any) -> int:
        return int(run.version_no)

    @display(description="waiting for")
    def waiting_in_line(self, run: Any) -> SafeString | str:
        """With a link to the steps that wait: there they are decided."""
        wait = wait_of(run)
        told = wait.told if wait else waits_for(run, run.node_names) or "–"
        if run.status != RunStatus.WAITING:
            return told
        steps = reverse("admin:runs_steprun_changelist")
        that_wait = f"{steps}?run__id__exact={run.pk}&status__exact=waiting"
        return format_html("{}; {}", told, link(that_wait, "what waits"))

    @display(description="since")
    def since(self, run: Run) -> SafeString | str:
        return ago(since(run))

    @display(description="why")
    def why(self, run: Any) -> SafeString | str:
        """Of an open run what it waits for, of a failed one the error."""
        error = f"{run.error_code}: {cut(run.error_message, 80)}" if run.error_code else ""
        is_kept_back = run.is_held and run.status == RunStatus.PENDING
        told = HELD if is_kept_back and not run.cancel_requested_at else waits_for(run) or error
        return sentence(told, 9) if told else "–"

    @display(description="workflow")
    def workflow_link(self, run: Any) -> SafeString | str:
        return admin_link("workflows_workflow", run.workflow_id, run.workflow_title)

    @display(description="version")
    def version_link(self, run: Any) -> SafeString | str:
        return admin_link("versions_workflowversion", run.version_id, run.version_no)

    @display(description="failures like it")
    def failures_like_it(self, run: Run) -> SafeString | str:
        return admin_link("operations_errorgroup", run.error_group, "since when, where, how often")

    @display(description="priority")
    def priority_name(self, run: Run) -> str:
        return str(Priority.of(run.priority).label)

    @display(description="live page")
    def page(self, run: Run) -> SafeString:
        return link(f"/runs/{run.pk}", "Console, timeline and graph")

    @display(description="retry of")
    def retry_of_link(self, run: Run) -> SafeString | str:
        return admin_link("runs_run", run.retry_of_id)

    @display(description="retried by")
    def retries(self, run: Any) -> SafeString | str:
        return links(run.kin.retries)

    @display(description="started by its steps")
    def children(self, run: Any) -> SafeString | str:
        return links(run.kin.children)

    @display(description="tells of the failure of")
    def failed_link(self, run: Any) -> SafeString | str:
        return links(run.kin.failed)

    @display(description="its failure told by")
    def error_runs(self, run: Any) -> SafeString | str:
        return links(run.kin.error_runs)

    @display(description="parent run")
    def parent_link(self, run: Any) -> SafeString | str:
        return admin_link("runs_run", run.parent_run)

    @display(description="keeps")
    def kept(self, run: Run) -> str:
        return filesizeformat(run.output_bytes)

    @display(description="input")
    def input(self, run: Run) -> SafeString | str:
        if run.input_payload_id:
            return admin_link("runs_payload", run.input_payload_id, "stored apart: it is large")
        return shown(run.input_json)


def why_not_run(workflow: Workflow) -> str:
    """What there is to say of a workflow that is not started by hand; nothing of one that may
    be."""
    if workflow.is_archived:
        return "it is archived."
    return "" if workflow.version else "nothing of it is published yet."


def links(runs: Iterable[UUID]) -> SafeString | str:
    return format_html_join(" ", "{}", ((admin_link("runs_run", id),) for id in runs)) or "–"


def _flat(row: Any) -> tuple[str, ...]:
    return (row,) if isinstance(row, str) else row
