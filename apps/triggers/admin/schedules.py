"""Schedules in the admin: which are late or failed, when each fires; paused, run, made up for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.engine.errors import FlowForgeError, NodeError
from apps.runs.admin.show import admin_link, ahead, cut, duration, label, sentence, shown
from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules.backfill import backfill, estimate
from apps.triggers.schedules.pause import pause_schedule, resume_schedule
from apps.triggers.schedules.plans import plan_of
from apps.triggers.schedules.run_now import run_now
from apps.triggers.schedules.slots import Plan
from apps.triggers.schedules.states import ScheduleState, with_state
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.admin_filters import LinkFilter, TypedFilter, VisibleFilter
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import ScopedAdmin, back_to
from apps.workspaces.scoped_admin import sentence as told

NEXT_SHOWN = 5
FIRES_SHOWN = 20
COLOURS = {
    ScheduleState.ON_TIME: "success",
    ScheduleState.NEW: "info",
    ScheduleState.LATE: "danger",
    ScheduleState.FAILED: "danger",
    ScheduleState.PAUSED: "warning",
}
OUTCOME_COLOURS = {
    ScheduleFire.Outcome.FIRED: "success",
    ScheduleFire.Outcome.QUEUED: "info",
    ScheduleFire.Outcome.MISSED: "danger",
}


class StateFilter(LinkFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, state.label.partition(":")[0]) for state in ScheduleState]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(state=self.value()) if self.value() else rows


class MomentField(forms.DateTimeField):
    widget = UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"})


class BackfillForm(forms.Form):
    first = MomentField(label="From, UTC")
    last = MomentField(label="To, UTC")


@dataclass(frozen=True, slots=True)
class Time:
    """A time that is to come, as the page shows it."""

    local: str
    utc: str
    clock: str


@dataclass(frozen=True, slots=True)
class Fire:
    """What became of a slot, as the page shows it."""

    slot: str
    outcome: str
    colour: str
    drift: str
    run: SafeString | str
    note: str


@admin.register(Schedule)
class ScheduleAdmin(ScopedAdmin):
    view_right = "trigger.view"
    list_display = ("traffic_light", "workflow_name", "node_id", "says", "next", "why", "workspace")
    list_display_links = ("traffic_light", "workflow_name")
    list_select_related = ("workspace",)
    list_filter = (StateFilter, ("workflow", TypedFilter), ("workspace", VisibleFilter))
    ordering = ("-is_live", F("due_at").asc(nulls_last=True), "id")
    actions = ("pause_all", "resume_all", "run_all")
    actions_detail = ("pause", "resume", "run", "make_up")
    change_form_outer_after_template = "triggers_admin/schedule.html"
    fields = (
        ("traffic_light", "says"),
        ("workflow_link", "node_id"),
        ("next", "zone"),
        ("paused_at", "workspace"),
        ("error", "shown_rule"),
    )
    readonly_fields = (
        *("traffic_light", "says", "workflow_link", "next"),
        *("zone", "shown_rule"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = with_state(super().get_queryset(request))
        return rows.annotate(workflow_title=F("workflow__name"))

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        try:
            plan = plan_of(obj)
        except NodeError:
            pass  # `error` says what is wrong with its rule, once it is due
        else:
            context |= {
                "zone": plan.recurrence.timezone,
                "times": list(_next_times(plan)),
                "times_title": "Next times" if obj.paused_at is None else "Once it is resumed",
                "fires": list(_last_fires(obj, plan)),
            }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    # --- What is shown ----------------------------------------------------------------------------

    @display(description="state")
    def traffic_light(self, schedule: Any) -> SafeString:
        state = ScheduleState(schedule.state)
        word, _, why = state.label.partition(": ")
        return label(word, COLOURS.get(state, ""), why)

    @display(description="workflow", ordering="workflow__name")
    def workflow_name(self, schedule: Any) -> SafeString:
        return sentence(schedule.workflow_title, 9)

    @display(description="workflow")
    def workflow_link(self, schedule: Any) -> SafeString | str:
        return admin_link("workflows_workflow", schedule.workflow_id, schedule.workflow_title)

    @display(description="fires")
    def says(self, schedule: Schedule) -> SafeString:
        try:
            return sentence(plan_of(schedule).recurrence.sentence())
        except NodeError as error:
            return sentence(error.message)

    @display(description="next", ordering="due_at")
    def next(self, schedule: Schedule) -> SafeString | str:
        fires = schedule.is_live and schedule.paused_at is None
        return ahead(schedule.due_at) if fires else "–"

    @display(description="why")
    def why(self, schedule: Schedule) -> SafeString | str:
        return sentence(cut(schedule.error, 80)) if schedule.error else "–"

    @display(description="time zone")
    def zone(self, schedule: Schedule) -> str:
        return str(schedule.rule.get("timezone") or schedule.timezone)

    @display(description="rule")
    def shown_rule(self, schedule: Schedule) -> SafeString | str:
        return shown(schedule.rule)

    # --- What is done -----------------------------------------------------------------------------

    def has_pause_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "trigger.pause", id)

    def has_run_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "run.start", id)

    @admin.action(description="Pause", permissions=["pause"])
    def pause_all(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.run_deed(request, rows, "trigger.pause", "schedule{s} paused", pause_schedule)

    @admin.action(description="Resume", permissions=["pause"])
    def resume_all(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.run_deed(request, rows, "trigger.pause", "schedule{s} resumed", resume_schedule)

    @admin.action(description="Run now", permissions=["run"])
    def run_all(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.run_deed(request, rows, "run.start", "run{s} made", run_now)

    @asking_action(
        description="Pause",
        icon="pause",
        permissions=["pause"],
        dialog={
            "title": "Pause this schedule?",
            "description": "What comes while it is paused is not made up for.",
            "form_class": None,
            "form_submit_text": "Pause",
        },
    )
    def pause(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self.then_back(request, self.pause_all, object_id)

    @asking_action(
        description="Resume",
        icon="play_arrow",
        permissions=["pause"],
        dialog={
            "title": "Resume this schedule?",
            "description": "It fires from the first time on that is still to come.",
            "form_class": None,
            "form_submit_text": "Resume",
        },
    )
    def resume(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self.then_back(request, self.resume_all, object_id)

    @asking_action(
        description="Run now",
        icon="bolt",
        permissions=["run"],
        dialog={
            "title": "Run the workflow now?",
            "description": "Beside its times: each of them fires as it would.",
            "form_class": None,
            "form_submit_text": "Run",
        },
    )
    def run(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self.then_back(request, self.run_all, object_id)

    @action(description="Backfill", icon="history", permissions=["run"])
    def make_up(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for a span of the past, tell what a backfill of it would do, and do that."""
        schedule = self.get_object(request, object_id)
        form = BackfillForm(request.POST or None)
        counted = None
        try:
            if form.is_valid():
                span = form.cleaned_data["first"], form.cleaned_data["last"]
                if "begin" in request.POST:
                    count = len(backfill(schedule, *span, by=principal_of(request)))
                    self.message_user(
                        request, f"{count} time{pluralize(count)} made up for.", messages.SUCCESS
                    )
                    return self.back(request, object_id)
                counted = estimate(schedule, *span)
        except FlowForgeError as refusal:
            self.message_user(request, told(refusal), messages.ERROR)
        context = {
            **self.admin_site.each_context(request),
            "title": "Make up for a span of the past",
            "opts": self.opts,
            "original": schedule,
            "back": reverse("admin:triggers_schedule_change", args=[object_id]),
            "form": form,
            "counted": counted,
        }
        return render(request, "triggers_admin/backfill.html", context)

    def then_back(self, request: HttpRequest, deed: Any, id: str) -> HttpResponse:
        deed(request, self.get_queryset(request).filter(pk=id))
        return self.back(request, id)

    def back(self, request: HttpRequest, id: str) -> HttpResponse:
        return back_to(request, reverse("admin:triggers_schedule_change", args=[id]))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what the schedule's state allows."""
        schedule = self.get_object(request, str(object_id))
        wrong = "resume" if schedule is None or schedule.paused_at is None else "pause"
        found = super().get_actions_detail(request, object_id)
        return [each for each in found if not each.action_name.endswith(f"_{wrong}")]


def _next_times(plan: Plan) -> Iterator[Time]:
    for slot in plan.recurrence.upcoming(timezone.now(), NEXT_SHOWN):
        yield Time(
            f"{slot.at:%a %Y-%m-%d %H:%M:%S %z}",
            f"{slot.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            _clock(slot.clock_moved),
        )


def _clock(moved: timedelta) -> str:
    if not moved:
        return ""
    way = "forward" if moved > timedelta() else "back"
    return f"the clock is put {way} by {duration(abs(moved.total_seconds()))} before"


def _last_fires(schedule: Schedule, plan: Plan) -> Iterator[Fire]:
    for fire in schedule.fires.order_by("-slot")[:FIRES_SHOWN]:
        outcome = ScheduleFire.Outcome(fire.outcome)
        drift = (fire.fired_at - plan.due_at(fire.slot)).total_seconds()
        has_drift = outcome == outcome.FIRED and not fire.is_backfill
        yield Fire(
            _utc(fire.slot),
            outcome.value,
            OUTCOME_COLOURS.get(outcome, "warning"),
            duration(max(drift, 0)) if has_drift else "–",
            admin_link("runs_run", fire.run_id),
            _note(fire),
        )


def _note(fire: ScheduleFire) -> str:
    if fire.missed_from is not None and fire.missed_from != fire.slot:
        return f"and all from {_utc(fire.missed_from)} on"
    return "backfill" if fire.is_backfill else ""


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
