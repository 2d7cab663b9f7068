"""Steps in the admin: what each took and gave, and the decision about one that was in flight."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from apps.engine.items import Json
from apps.runs.admin.forms import DecisionForm, VerdictForm
from apps.runs.admin.show import (
    admin_link,
    ago,
    badge,
    cut,
    duration,
    sentence,
    status_of,
    tail,
    until,
    written,
)
from apps.runs.create import items_of
from apps.runs.decide import Choice, Verdict, decide_step, judge_step
from apps.runs.models import StepRun
from apps.runs.resume import is_awaited
from apps.runs.shown import with_payloads
from apps.workspaces.admin_dialogs import asking_action, asking_of_chosen
from apps.workspaces.admin_filters import VisibleFilter
from apps.workspaces.permissions import Principal
from apps.workspaces.scoped_admin import BigTableAdmin, back_to, is_allowed

SHOWN_LINES = 1_001
LOST = "Whether it took effect outside is not known."


def in_a_line(step: Any) -> SafeString:
    told = "{}[{}] of the run {} of {}, {}"
    return format_html(
        told, step.node_id, step.iteration, tail(step.run_id), step.workflow_title, status_of(step)
    )


@admin.register(StepRun)
class StepRunAdmin(BigTableAdmin):
    view_right = "run.view"
    list_display = (
        "place",
        "state",
        "workflow_name",
        "run_link",
        "began",
        "took",
        "retry_count",
        "why",
    )
    list_display_links = ("place",)
    list_filter = (("status", ChoicesDropdownFilter), ("workspace", VisibleFilter))
    actions = ("run_again", "let_fail")
    actions_detail = ("decide", "judge")
    change_form_outer_after_template = "runs_admin/step.html"
    readonly_fields = (
        "state",
        "run_link",
        "took",
        "waiting",
        "counts",
        "taken_from",
        "copied_from_link",
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("state", "waiting"),
                    ("run_link", "node_id"),
                    ("iteration", "retry_count"),
                    ("started_at", "finished_at"),
                    ("took", "error_code"),
                    ("error", "error_hint"),
                    ("counts", "taken_from"),
                    ("copied_from_link", "seq_started"),
                    ("seq_finished", "seq"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[StepRun]:
        rows: QuerySet[StepRun] = super().get_queryset(request).without_payloads().defer("log")
        return rows.annotate(workflow_title=F("run__workflow__name"))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """The steps of one run in their order, of all runs the newest first."""
        return ("seq_started",) if "run__id__exact" in request.GET else ("-id",)

    # --- What is shown ------------------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            step = with_payloads([obj])[0]
            context["payloads"] = [
                (name, None if value is None else written(value), f"{name}_json" in step.left_out)
                for name, value in (("input", step.input_json), ("output", step.output_json))
            ]
            context["attempts"] = obj.attempts
            context["lines"] = obj.log[:SHOWN_LINES]
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @display(description="step")
    def place(self, step: StepRun) -> str:
        return f"{step.node_id}[{step.iteration}]"

    @display(description="status")
    def state(self, step: StepRun) -> SafeString:
        return badge(status_of(step))

    @display(description="workflow")
    def workflow_name(self, step: Any) -> SafeString:
        return sentence(step.workflow_title, 9)

    @display(description="run")
    def run_link(self, step: StepRun) -> SafeString | str:
        return admin_link("runs_run", step.run_id, tail(step.run_id))

    @display(description="started")
    def began(self, step: StepRun) -> SafeString | str:
        return ago(step.started_at)

    @display(description="took")
    def took(self, step: StepRun) -> str:
        if step.finished_at is None:
            return "–"
        return duration((step.finished_at - step.started_at).total_seconds())

    @display(description="error")
    def why(self, step: StepRun) -> SafeString | str:
        return sentence(f"{step.error_code}: {cut(step.error, 80)}") if step.error else "–"

    @display(description="waits for")
    def waiting(self, step: StepRun) -> str:
        wait = step.attempts[-1].get("wait") if step.attempts else None
        if not wait:
            return "–"
        question = wait.get("asks", {}).get("question")
        told = f"{wait['for']}{until(wait)}"
        return f"{told}: {question}" if question else told

    @display(description="items given")
    def counts(self, step: StepRun) -> str:
        return ", ".join(f"{name}: {count}" for name, count in step.output_counts.items()) or "–"

    @display(description="taken from")
    def taken_from(self, step: StepRun) -> str:
        return ", ".join(
            f"{name}: {node}[{iteration}].{output}"
            for name, sources in step.sources.items()
            for node, iteration, output in sources
        )

    @display(description="copied from")
    def copied_from_link(self, step: StepRun) -> SafeString | str:
        return admin_link("runs_steprun", step.copied_from_id)

    # --- What is decided ----------------------------------------------------------------------

    def has_decide_permission(self, request: HttpRequest, id: Any = None) -> bool:
        if id is None:
            return is_allowed(request, "run.decide")
        step = self.get_object(request, str(id))
        return step is not None and is_allowed(request, "run.decide", step)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Ask only for what is waited for."""
        step = self.get_object(request, str(object_id))
        awaited = {
            name
            for name, reason in (("decide", "decision"), ("judge", "approval"))
            if step is not None and is_awaited(step, reason)
        }
        offered = super().get_actions_detail(request, object_id)
        return [each for each in offered if each.action_name.endswith(tuple(awaited))]

    @asking_of_chosen(
        description="Decide: run again",
        permissions=["decide"],
        title="Run these steps again?",
        asks=LOST + " Those that did take effect do so once more.",
        submit="Run again",
        shown=in_a_line,
    )
    def run_again(self, request: HttpRequest, queryset: QuerySet[StepRun]) -> None:
        self.decide_all(request, queryset, "run_again")

    @asking_of_chosen(
        description="Decide: let fail",
        permissions=["decide"],
        title="Let these steps fail?",
        asks=LOST + " They fail, and their runs go on from there as their workflows say.",
        submit="Let fail",
        shown=in_a_line,
    )
    def let_fail(self, request: HttpRequest, queryset: QuerySet[StepRun]) -> None:
        self.decide_all(request, queryset, "fail")

    @asking_action(
        description="Decide",
        icon="gavel",
        permissions=["decide"],
        dialog={
            "title": "The worker was lost while this step was under way",
            "description": f"{LOST} What is to happen?",
            "form_class": DecisionForm,
            "form_submit_text": "Decide",
        },
    )
    def decide(self, request: HttpRequest, form: DecisionForm, object_id: str) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=object_id)
        given = form.cleaned_data
        self.decide_all(request, rows, given["decision"], given["items"], given["comment"])
        return back_to(request, reverse("admin:runs_steprun_change", args=[object_id]))

    @asking_action(
        description="Approve or reject",
        icon="how_to_vote",
        permissions=["decide"],
        dialog={
            "title": "The workflow asks for approval",
            "form_class": VerdictForm,
            "form_submit_text": "Decide",
        },
    )
    def judge(self, request: HttpRequest, form: VerdictForm, object_id: str) -> HttpResponse:
        given = form.cleaned_data
        verdict: Verdict = given["decision"]

        def deed(step: StepRun, *, by: Principal) -> None:
            judge_step(step, verdict, comment=given["comment"], by=by)

        rows = self.get_queryset(request).filter(pk=object_id)
        self.run_deed(request, rows, "run.decide", "step{s} decided", deed)
        return back_to(request, reverse("admin:runs_steprun_change", args=[object_id]))

    def decide_all(
        self,
        request: HttpRequest,
        queryset: QuerySet[StepRun],
        choice: Choice,
        items: Json = None,
        comment: str = "",
    ) -> None:
        def deed(step: StepRun, *, by: Principal) -> None:
            given = [] if items is None else items_of(items)
            decide_step(step, choice, items=given, comment=comment, by=by)

        self.run_deed(request, queryset, "run.decide", "step{s} decided", deed)
