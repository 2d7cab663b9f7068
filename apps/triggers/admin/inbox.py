"""The inbox of the hooks in the admin: to be read, and replayed."""

from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import TextFilter
from unfold.decorators import display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from apps.runs.admin.filters import FilterForm
from apps.runs.admin.show import (
    SHOWN_TEXT,
    admin_link,
    ago,
    badge,
    cut,
    label,
    preformatted,
    sentence,
    shown,
    tail,
)
from apps.runs.states import RunStatus
from apps.triggers.hooks.inbox import shown_body
from apps.triggers.hooks.replay import Which, replay_request
from apps.triggers.models import WebhookRequest
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.admin_filters import LinkFilter, VisibleFilter
from apps.workspaces.permissions import Principal
from apps.workspaces.scoped_admin import BigTableAdmin, back_to

LISTED_REPLAYS = 20
SEARCHED = 10_000
"""Among how many requests those of an outcome are looked for: the newest that the list finds."""
RUN_DELETED = "gone"


class OutcomeFilter(LinkFilter):
    """By what became of the run that a request made, which no index of the inbox knows."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*RunStatus.choices, (RUN_DELETED, "run deleted")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if not (asked := self.value()):
            return rows
        newest = rows.order_by("-pk").values_list("pk", flat=True)[:SEARCHED]
        found = rows.filter(pk__in=list(newest))
        return found.filter(run=None) if asked == RUN_DELETED else found.filter(run__status=asked)


class Received(TextFilter):
    """By when requests came: their ids are ordered in time."""

    side: ClassVar[str]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if not (written := (self.value() or "").strip()):
            return rows
        try:
            moment = forms.DateTimeField().clean(written)
            bound = UUID(int=max(int(moment.timestamp() * 1000), 0) << 80)
        except (forms.ValidationError, ValueError, OverflowError):
            messages.error(request, f"{self.title}: “{cut(written, 40)}” is no moment.")
            return rows.none()
        return rows.filter(**{f"pk__{self.side}": bound})

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        data = {self.parameter_name: self.value()}
        yield {"form": FilterForm(self.parameter_name, self.title, "datetime-local", data=data)}


class ReceivedFrom(Received):
    title = "Received from, UTC"
    parameter_name = "received_after"
    side = "gte"


class ReceivedUntil(Received):
    title = "Received until, UTC"
    parameter_name = "received_before"
    side = "lt"


class ReplayForm(BaseDialogForm):
    version = forms.ChoiceField(
        choices=[
            ("same", "the version that the first run ran"),
            ("published", "the version that is published now"),
        ],
        widget=UnfoldAdminSelectWidget,
    )


@admin.register(WebhookRequest)
class WebhookRequestAdmin(BigTableAdmin):
    view_right = "trigger.view"
    list_display = (
        *("short_id", "received", "method", "path", "bytes"),
        *("workflow_name", "outcome", "run_link", "workspace"),
    )
    list_select_related = ("workspace",)
    list_filter = (
        ("endpoint", VisibleFilter),
        ReceivedFrom,
        ReceivedUntil,
        OutcomeFilter,
        ("workspace", VisibleFilter),
    )
    actions = ("replay_same", "replay_published")
    actions_detail = ("replay",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("method", "path"),
                    ("workflow_link", "endpoint_link"),
                    ("outcome", "run_link"),
                    ("received_at", "address"),
                    ("replays", "workspace"),
                )
            },
        ),
        ("Request", {"fields": ("shown_params", "query", "shown_headers", "bytes", "shown_body")}),
    )
    readonly_fields = (
        *("workflow_link", "endpoint_link", "outcome", "run_link", "replays"),
        *("shown_params", "shown_headers", "bytes", "shown_body"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.defer("params", "query", "headers", "body").annotate(
            workflow_id=F("endpoint__workflow"),
            workflow_title=F("endpoint__workflow__name"),
            run_status=F("run__status"),
        )

    @display(description="request")
    def short_id(self, kept: WebhookRequest) -> SafeString:
        return tail(kept.pk)

    @display(description="body")
    def bytes(self, kept: WebhookRequest) -> str:
        return str(filesizeformat(kept.size))

    @display(description="received")
    def received(self, kept: WebhookRequest) -> SafeString | str:
        return ago(kept.received_at)

    @display(description="run")
    def run_link(self, kept: WebhookRequest) -> SafeString | str:
        return admin_link("runs_run", kept.run_id, kept.run_id and tail(kept.run_id))

    @display(description="outcome")
    def outcome(self, kept: Any) -> SafeString:
        """What became of the run that it made."""
        return badge(kept.run_status) if kept.run_status else label("run deleted", "")

    @display(description="workflow")
    def workflow_name(self, kept: Any) -> SafeString:
        return sentence(kept.workflow_title, 9)

    @display(description="endpoint")
    def endpoint_link(self, kept: WebhookRequest) -> SafeString | str:
        return admin_link("triggers_webhookendpoint", kept.endpoint_id, "where it answers")

    @display(description="workflow")
    def workflow_link(self, kept: Any) -> SafeString | str:
        return admin_link("workflows_workflow", kept.workflow_id, kept.workflow_title)

    @display(description="replayed by")
    def replays(self, kept: WebhookRequest) -> SafeString | str:
        runs = kept.replays.values_list("run", flat=True)[:LISTED_REPLAYS]
        return format_html_join(" ", "{}", ((admin_link("runs_run", id),) for id in runs)) or "–"

    @display(description="params")
    def shown_params(self, kept: WebhookRequest) -> SafeString | str:
        return shown(kept.params or {})

    @display(description="headers")
    def shown_headers(self, kept: WebhookRequest) -> SafeString | str:
        return shown(kept.headers)

    @display(description="content")
    def shown_body(self, kept: WebhookRequest) -> SafeString | str:
        body = shown_body(kept)
        if body is None:
            return "not kept: it was larger than the inbox keeps"
        if body.content is None:
            return admin_link("runs_payload", body.payload, "stored apart: it is large")
        return preformatted(cut(body.content, SHOWN_TEXT)) if body.content else "–"

    # --- To replay ----------------------------------------------------------------------------

    def has_replay_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "trigger.replay", id)

    @admin.action(description="Replay on the same version", permissions=["replay"])
    def replay_same(self, request: HttpRequest, queryset: QuerySet[WebhookRequest]) -> None:
        self.replay_all(request, queryset, "same")

    @admin.action(description="Replay on the published version", permissions=["replay"])
    def replay_published(self, request: HttpRequest, queryset: QuerySet[WebhookRequest]) -> None:
        self.replay_all(request, queryset, "published")

    @asking_action(
        description="Replay",
        icon="replay",
        permissions=["replay"],
        dialog={
            "title": "Replay this request",
            "description": "A new run is given what the first one was given.",
            "form_class": ReplayForm,
            "form_submit_text": "Replay",
        },
    )
    def replay(self, request: HttpRequest, form: ReplayForm, object_id: str) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=object_id)
        self.replay_all(request, rows, form.cleaned_data["version"])
        return back_to(request, reverse("admin:triggers_webhookrequest_change", args=[object_id]))

    def replay_all(self, request: HttpRequest, rows: QuerySet[Any], which: Which) -> None:
        def deed(kept: WebhookRequest, *, by: Principal) -> None:
            replay_request(kept, which, by=by)

        self.run_deed(request, rows, "trigger.replay", "request{s} replayed", deed)
