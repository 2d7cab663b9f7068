"""Runs and their steps."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.engine.errors import Fault, FaultsError
from apps.engine.items import Json
from apps.runs.ask_stop import ask_to_stop
from apps.runs.cancel import cancel_run, mark_failed
from apps.runs.create import items_of
from apps.runs.decide import VERDICTS, decide_step, judge_step
from apps.runs.delete import delete_run
from apps.runs.elsewhere import hand_over
from apps.runs.filters import RunListFilter
from apps.runs.holds import Held, hold, hold_of, lift
from apps.runs.models import Payload, Run, Worker
from apps.runs.payloads import is_referred_to
from apps.runs.retry import retry_run, version_for_retry
from apps.runs.search import Looked, bearing
from apps.runs.serializers import (
    DecisionSerializer,
    HoldRequestSerializer,
    HoldSerializer,
    ListedStepSerializer,
    MarkFailedSerializer,
    RetrySerializer,
    RunDetailSerializer,
    RunSerializer,
    SearchedSerializer,
    StartSerializer,
    StepDetailSerializer,
    StepSerializer,
    WorkerSerializer,
)
from apps.runs.shown import with_payloads
from apps.runs.start import StartRequest, start_run
from apps.runs.states import RunStatus
from apps.runs.step_filters import StepFilter
from apps.workflows.models import Workflow
from apps.workspaces.api.body import Body
from apps.workspaces.idempotency import idempotent
from apps.workspaces.models import Workspace
from apps.workspaces.pagination import CursorPagination
from apps.workspaces.permissions import principal_of
from apps.workspaces.views import TenantView

RUNS = (
    Run.objects.all()
    .without_payloads()
    .annotate(
        workflow_name=F("workflow__name"),
        version_number=F("version__version"),
        parent_run=F("parent_step__run_id"),
        triggered_by_email=F("triggered_by__email"),
        cancel_requested_by_email=F("cancel_requested_by__email"),
    )
    .order_by("-id")
)


class RunPages(CursorPagination):
    """Pages that say how far a search has looked."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["properties"]["searched"] = {
            "type": "object",
            "nullable": True,
            "description": "How far `search` has looked where there is more.",
            "required": ["runs", "since"],
            "properties": {
                "runs": {"type": "integer"},
                "since": {"type": "string", "format": "date-time"},
            },
        }
        page["required"] = [*page["required"], "searched"]
        return page


class RunsView(TenantView):
    queryset = RUNS
    filterset_class = RunListFilter
    pagination_class = RunPages
    looked: Looked | None = None
    orderings = {"-created_at": ("-id",), "created_at": ("id",)}
    rights = {"GET": "run.view"}

    @extend_schema(responses=RunSerializer(many=True), operation_id="runs_list")
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.allowed())
        answer = self.get_paginated_response(RunSerializer(page, many=True).data)
        searched = None if self.looked is None else SearchedSerializer(self.looked).data
        answer.data["searched"] = searched
        return answer

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        if text := self.request.query_params.get("search"):
            found, self.looked = bearing(found, text)
        return found


class StartView(TenantView):
    queryset = Workflow.objects.without_draft()
    rights = {"POST": "run.start"}

    @extend_schema(
        request=StartSerializer,
        responses={202: RunDetailSerializer},
        operation_id="workflows_run",
    )
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Start a run; answered as soon as the run is durable."""
        workflow = self.get_object()
        run = start_run(workflow, StartRequest(**self.parsed(StartSerializer)), by=self.principal)
        return answer_with(run, status.HTTP_202_ACCEPTED)


class RunPartView(TenantView):
    queryset = RUNS

    def step(self, run: Run, id: UUID) -> Any:
        step = run.steps.filter(pk=id).first()
        if step is None:
            raise Http404
        return step


class RunView(RunPartView):
    rights = {"GET": "run.view", "DELETE": "run.delete"}

    @extend_schema(responses=RunDetailSerializer, operation_id="runs_get")
    def get(self, request: Request, id: UUID) -> Response:
        return Response(RunDetailSerializer(self.get_object()).data)

    @extend_schema(responses={204: OpenApiResponse()}, operation_id="runs_delete")
    def delete(self, request: Request, id: UUID) -> Response:
        """Delete an ended run with its steps, for ever."""
        delete_run(self.get_object(), by=self.principal)
        return Response(status=status.HTTP_204_NO_CONTENT)


class StepsView(RunPartView):
    rights = {"GET": "run.view"}
    filterset_class = StepFilter
    orderings = {"seq_started": ("seq_started", "id")}
    choices = {"include": ["payloads"]}

    @extend_schema(
        responses=ListedStepSerializer(many=True),
        operation_id="steps_list",
        parameters=[
            OpenApiParameter(
                "include",
                OpenApiTypes.STR,
                enum=["payloads"],
                description="`payloads`: what each step took and gave, up to 256 kB each.",
            )
        ],
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The steps of a run in the order in which they started."""
        run = self.find(self.get_queryset(), pk=id)  # the filter is of steps
        if "include" in request.query_params:
            page: Any = with_payloads(self.paginate_queryset(run.steps.all()) or [])
            return self.get_paginated_response(StepDetailSerializer(page, many=True).data)
        page = self.paginate_queryset(run.steps.without_payloads())
        return self.get_paginated_response(StepSerializer(page, many=True).data)


class StepView(RunPartView):
    rights = {"GET": "run.view"}

    @extend_schema(responses=StepDetailSerializer, operation_id="steps_get")
    def get(self, request: Request, id: UUID, step: UUID) -> Response:
        """A step with all that it took and gave."""
        shown = with_payloads([self.step(self.get_object(), step)], whole=True)[0]
        return Response(StepDetailSerializer(shown).data)


class CancelView(RunPartView):
    rights = {"POST": "run.cancel"}

    @extend_schema(request=None, responses={202: RunDetailSerializer}, operation_id="runs_cancel")
    def post(self, request: Request, id: UUID) -> Response:
        """Ask for the end of a run; it comes within about a second."""
        run = self.get_object()
        self.parsed(Body)
        cancel_run(run, by=self.principal)
        return answer_with(run, status.HTTP_202_ACCEPTED)


class MarkFailedView(RunPartView):
    rights = {"POST": "run.cancel"}

    @extend_schema(
        request=MarkFailedSerializer,
        responses={202: RunDetailSerializer},
        operation_id="runs_mark_failed",
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Have an open run end as failed, with the note as its error."""
        run = self.get_object()
        mark_failed(run, self.parsed(MarkFailedSerializer)["note"], by=self.principal)
        return answer_with(run, status.HTTP_202_ACCEPTED)


class RetryView(RunPartView):
    rights = {"POST": "run.retry"}

    @extend_schema(
        request=RetrySerializer, responses={202: RunDetailSerializer}, operation_id="runs_retry"
    )
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Make a new run that takes over the finished steps of an ended one."""
        run = self.get_object()
        asked = self.parsed(RetrySerializer)
        with transaction.atomic():
            version = version_for_retry(run, asked["version"], by=self.principal)
            given = asked.get("input")
            again = retry_run(run, asked["from_"], version, by=self.principal, input=given)
        return answer_with(again, status.HTTP_202_ACCEPTED)


class ResumeView(RunPartView):
    rights = {"POST": "run.decide"}

    @extend_schema(
        request=DecisionSerializer, responses={202: RunDetailSerializer}, operation_id="runs_resume"
    )
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Decide about a step that was in flight when its worker was lost, or asks for approval."""
        run = self.get_object()
        asked = self.parsed(DecisionSerializer)
        step = run.steps.filter(pk=asked["step"]).first()
        if step is None:
            raise FaultsError([Fault("step", "unknown", "The run has no such step.")])
        decision, said = asked["decision"], {"comment": asked["comment"], "by": self.principal}
        if decision in VERDICTS:
            judge_step(step, decision, **said)
        else:
            decide_step(step, decision, items=_used(asked), **said)
        return answer_with(run, status.HTTP_202_ACCEPTED)


def _used(asked: Mapping[str, Any]) -> list[Json]:
    """The items that the step is to have given. To forget them would end the run without a word."""
    items = asked.get("items")
    if items is not None:
        return items_of(items)
    if asked["decision"] == "use":
        needed = "What the step is to have given: items, [] for none."
        raise FaultsError([Fault("items", "required", needed)])
    return []


class PayloadView(TenantView):
    queryset = Payload.objects.filter(is_referred_to())
    rights = {"GET": "run.view"}

    @extend_schema(
        responses={(200, "*/*"): OpenApiTypes.ANY},
        operation_id="payloads_get",
    )
    def get(self, request: Request, id: UUID) -> HttpResponseBase:
        """A large value or binary data of a run that one may see, as a download.

        With HOOKS_HOST a browser is led there (302).
        """
        return hand_over(self.get_object(), to=self.principal)


def answer_with(run: Run, code: int) -> Response:
    """The run as it is now."""
    return Response(RunDetailSerializer(RUNS.get(pk=run.pk)).data, code)


class IsSuperuser(BasePermission):
    """Workers belong to no workspace."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = principal_of(request).as_user
        return user is not None and user.is_superuser


class HoldView(TenantView):
    """The hold of one thing: to look, to hold (again changes the reason), to lift it."""

    def held(self) -> Held:
        return self.get_object()

    @extend_schema(responses=HoldSerializer)
    def get(self, request: Request, **_: UUID) -> Response:
        return answer_with_hold(self.held())

    @extend_schema(request=HoldRequestSerializer, responses=HoldSerializer)
    def put(self, request: Request, **_: UUID) -> Response:
        """Let no run of it begin or go on, until that is lifted. What runs just now runs on."""
        held = self.held()
        hold(held, self.parsed(HoldRequestSerializer)["reason"], by=self.principal)
        return answer_with_hold(held)

    @extend_schema(responses={204: OpenApiResponse()})
    def delete(self, request: Request, **_: UUID) -> Response:
        lift(self.held(), by=self.principal)
        return Response(status=status.HTTP_204_NO_CONTENT)


class WorkflowHoldView(HoldView):
    queryset = Workflow.objects.without_draft()
    rights = {"GET": "workflow.view", "PUT": "workflow.hold", "DELETE": "workflow.hold"}


class WorkspaceHoldView(HoldView):
    queryset = Workspace.objects.all()
    rights = {"GET": "workspace.view", "PUT": "workspace.hold", "DELETE": "workspace.hold"}


class EverythingHoldView(HoldView):
    """For superusers; whoever is signed in may know of it, since it keeps their runs back."""

    rights = {}

    def get_permissions(self) -> list[BasePermission]:
        return (
            [IsAuthenticated()]
            if self.request.method == "GET"
            else [IsAuthenticated(), IsSuperuser()]
        )

    def held(self) -> Held:
        return None


def answer_with_hold(held: Held) -> Response:
    found = hold_of(held)
    by = found.created_by.email if found and found.created_by else None
    told = {
        "held": found is not None,
        "reason": found.reason if found else "",
        "by": by,
        "since": found.created_at if found else None,
    }
    return Response(HoldSerializer(told).data)


class WorkersView(GenericAPIView):
    queryset = Worker.objects.order_by("-id")
    permission_classes = [IsAuthenticated, IsSuperuser]
    metadata_class = None

    @extend_schema(responses=WorkerSerializer(many=True), operation_id="workers_list")
    def get(self, request: Request) -> Response:
        """The worker processes, the latest first, for superusers."""
        workers = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(shown_workers(workers))


class WorkerStopView(GenericAPIView):
    queryset = Worker.objects.all()
    permission_classes = [IsAuthenticated, IsSuperuser]
    metadata_class = None
    lookup_field = "id"

    @extend_schema(request=None, responses={202: WorkerSerializer}, operation_id="workers_stop")
    def post(self, request: Request, id: UUID) -> Response:
        """Have a worker's process hand back what it holds and end, for superusers."""
        worker = self.get_object()
        Body(data=request.data).is_valid(raise_exception=True)
        ask_to_stop(worker, by=principal_of(request))
        worker.refresh_from_db()
        return Response(shown_workers([worker])[0], status.HTTP_202_ACCEPTED)


def shown_workers(workers: Sequence[Any]) -> Any:
    """Workers with the runs that they execute."""
    held: dict[UUID, list[UUID]] = {worker.pk: [] for worker in workers}
    running = Run.objects.filter(worker__in=workers, status=RunStatus.RUNNING).order_by("id")
    for worker, run in running.values_list("worker", "id"):
        held[worker].append(run)
    for worker in workers:
        worker.held = held[worker.pk]
    return WorkerSerializer(workers, many=True).data
