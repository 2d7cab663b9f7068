"""Worker processes in the admin, and what waits for them: of no workspace, for superusers."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.forms import BaseDialogForm

from apps.runs.admin.queues import queues_shown
from apps.runs.admin.show import admin_link, ago, label
from apps.runs.ask_drain import ask_to_drain, undo_drain
from apps.runs.ask_stop import ask_to_stop
from apps.runs.models import Run, StepRun, Worker
from apps.runs.states import RunStatus, StepStatus, WorkerState
from apps.runs.waits import since
from apps.workspaces.admin_dialogs import asking_action, asking_of_chosen
from apps.workspaces.scoped_admin import SuperusersAdmin, back_to, is_superuser, superusers_alone

COLOURS = {
    WorkerState.WORKING: "success",
    WorkerState.DRAINING: "warning",
    WorkerState.DRAINED: "info",
    WorkerState.STOPPING: "warning",
    WorkerState.STUCK: "danger",
    WorkerState.SILENT: "danger",
}
STOPPING = (
    "The process claims nothing more, hands its runs to others at the ends of their steps, and"
    " ends: no step that ends soon is repeated. That cannot be undone. Whether another process is"
    " started in its place is up to what supervises it."
)
SHOWN_RUNS = 100
SHOWN_STEPS = 10


def what_it_holds(worker: Worker) -> SafeString:
    return format_html("{} ({}) holds:<br>{}", worker, worker.state, holds(worker))


class StopForm(BaseDialogForm):
    """Shows what the worker holds, before it is asked to stop."""

    form_before_template = "runs_admin/held.html"

    def get_before_template_context(
        self, request: HttpRequest, object_id: int | str | None = None
    ) -> dict[str, Any]:
        return {
            "workers": [
                (worker, holds(worker)) for worker in Worker.objects.filter(pk=str(object_id))
            ]
        }


@admin.register(Worker)
class WorkerAdmin(SuperusersAdmin):
    list_display = (
        "__str__",
        "shown_state",
        "last_beat",
        "run_count",
        "threads",
        "queues",
        "version",
        "created_at",
    )
    fields = (
        ("host", "pid"),
        ("shown_state", "stop_requested_at"),
        ("drain_requested_at", "drained_at"),
        "holds",
        ("last_beat", "beats", "run_count"),
        ("threads", "queues", "version"),
        ("seen_at", "created_at"),
        ("boot", "process_started"),
    )
    readonly_fields = ("shown_state", "holds", "last_beat", "run_count")
    list_before_template = "runs_admin/queues.html"
    actions = ("drain_all", "undo_all", "stop_all")
    actions_detail = ("drain", "undo", "stop")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        owned = Count("runs", filter=Q(runs__status=RunStatus.RUNNING))
        return super().get_queryset(request).annotate(owned=owned)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        shown = queues_shown() if is_superuser(request) else {}
        return super().changelist_view(request, shown | (extra_context or {}))

    def has_drain_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return superusers_alone(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="state")
    def shown_state(self, worker: Worker) -> SafeString:
        state, asked = worker.state, ago(worker.stop_requested_at)
        shown = label(state, COLOURS[state])
        # In one element: on a phone each of a cell's is a column.
        if state == WorkerState.STOPPING:
            return format_html("<span>{} since {}</span>", shown, asked)
        if state == WorkerState.STUCK:
            told = "<span>{} asked to stop {}: end its process on its host</span>"
            return format_html(told, shown, asked)
        return shown

    @display(description="last heartbeat")
    def last_beat(self, worker: Worker) -> SafeString | str:
        return ago(worker.seen_at)

    @display(description="runs that it executes")
    def run_count(self, worker: Any) -> int:
        return int(worker.owned)

    @display(description="holds")
    def holds(self, worker: Worker) -> SafeString | str:
        return holds(worker)

    @admin.action(description="Drain", permissions=["drain"])
    def drain_all(self, request: HttpRequest, queryset: QuerySet[Worker]) -> None:
        self.do_each(request, queryset, "worker{s} asked to drain", ask_to_drain)

    @admin.action(description="Undo the drain", permissions=["drain"])
    def undo_all(self, request: HttpRequest, queryset: QuerySet[Worker]) -> None:
        self.do_each(request, queryset, "worker{s} asked to work again", undo_drain)

    @asking_of_chosen(
        description="Stop…",
        permissions=["drain"],
        title="Stop these workers?",
        asks=STOPPING,
        submit="Stop",
        shown=what_it_holds,
    )
    def stop_all(self, request: HttpRequest, queryset: QuerySet[Worker]) -> None:
        self.do_each(request, queryset, "worker{s} asked to stop", ask_to_stop)

    @asking_action(
        description="Drain",
        icon="pause_circle",
        permissions=["drain"],
        dialog={
            "title": "Drain this worker?",
            "description": "It claims nothing more and hands its runs to others, until it is "
            "restarted or the drain is undone.",
            "form_class": None,
            "form_submit_text": "Drain",
        },
    )
    def drain(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        self.drain_all(request, self.get_queryset(request).filter(pk=object_id))
        return back_to(request, reverse("admin:runs_worker_change", args=[object_id]))

    @asking_action(
        description="Undo the drain",
        icon="play_circle",
        permissions=["drain"],
        dialog={
            "title": "Have this worker work again?",
            "description": "It claims runs again within about a second.",
            "form_class": None,
            "form_submit_text": "Work again",
        },
    )
    def undo(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        self.undo_all(request, self.get_queryset(request).filter(pk=object_id))
        return back_to(request, reverse("admin:runs_worker_change", args=[object_id]))

    @asking_action(
        description="Stop",
        icon="stop_circle",
        permissions=["drain"],
        dialog={
            "title": "Stop this worker?",
            "description": STOPPING,
            "form_class": StopForm,
            "form_submit_text": "Stop",
        },
    )
    def stop(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        chosen = self.get_queryset(request).filter(pk=object_id)
        self.do_each(request, chosen, "worker{s} asked to stop", ask_to_stop)
        return back_to(request, reverse("admin:runs_worker_change", args=[object_id]))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what is not asked of the worker already, and what can be."""
        worker = self.get_object(request, str(object_id))
        found = super().get_actions_detail(request, object_id)
        if worker is None or worker.stop_requested_at is not None:
            return []
        left_out = ["_undo" if worker.drain_requested_at is None else "_drain"]
        left_out += ["_stop"] if worker.is_server else []
        return [each for each in found if not each.action_name.endswith(tuple(left_out))]


def holds(worker: Worker) -> SafeString | str:
    """The runs that it executes, each since when, and the steps that are under way."""
    steps = StepRun.objects.filter(status=StepStatus.RUNNING).without_payloads()
    runs = Run.objects.filter(worker=worker, status=RunStatus.RUNNING).without_payloads()
    rows = (
        runs.annotate(title=F("workflow__name"))
        .prefetch_related(Prefetch("steps", steps, to_attr="under_way"))
        .order_by("pk")[:SHOWN_RUNS]
    )
    return format_html_join(SafeString("<br>"), "{} of {}, {}: {}", map(_held, rows)) or "nothing"


def _held(run: Any) -> tuple[SafeString | str, str, SafeString | str, SafeString]:
    """A run, its workflow, since when it is executed, and the steps that are under way."""
    steps = [
        format_html(
            "{} ({})", admin_link("runs_steprun", step.pk, step.node_id), ago(step.started_at)
        )
        for step in run.under_way[:SHOWN_STEPS]
    ]
    under_way = format_html_join(", ", "{}", ((step,) for step in steps)) or "between steps"
    return admin_link("runs_run", run.pk), run.title, ago(since(run)), SafeString(under_way)
