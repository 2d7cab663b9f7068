"""What the admin's buttons and actions do with runs; the deeds themselves are elsewhere."""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.enums import ActionVariant

from apps.engine.items import Json
from apps.runs.admin.forms import NoteForm, RetryForm
from apps.runs.admin.show import tail
from apps.runs.cancel import cancel_run, mark_failed
from apps.runs.delete import delete_run
from apps.runs.models import Run
from apps.runs.retry import FROM_FAILED, FROM_START, SAME, retry_run, version_for_retry
from apps.workspaces.admin_dialogs import asking_action, asking_of_chosen
from apps.workspaces.permissions import Principal
from apps.workspaces.scoped_admin import ScopedAdmin, back_to, is_allowed

ENDING = "What is in flight is given up, and no further step begins."


def in_a_line(run: Any) -> SafeString:
    return format_html("{} of {}, {}", tail(run.pk), run.workflow_title, run.status)


def not_for(run: Run) -> tuple[str, ...]:
    """The deeds that the run's state does not allow."""
    return ("retry", "remove") if run.is_open else ("cancel", "fail")


class RunDeeds(ScopedAdmin):
    actions = ("cancel_runs", "retry_from_failed", "retry_from_start", "delete_runs")
    actions_row = ("retry", "cancel")
    actions_detail = ("cancel", "fail", "retry", "remove")

    def has_cancel_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "run.cancel", id)

    def has_retry_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "run.retry", id)

    def has_remove_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "run.delete", id)

    @asking_of_chosen(
        description="Cancel",
        permissions=["cancel"],
        title="Cancel these runs?",
        asks=ENDING,
        submit="Cancel the runs",
        shown=in_a_line,
    )
    def cancel_runs(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        self.cancel_all(request, queryset)

    @asking_of_chosen(
        description="Retry from what failed",
        permissions=["retry"],
        title="Retry these runs from what failed?",
        asks="A new run of each is made, on its own version. What failed is executed again, and "
        "all that follows it.",
        submit="Retry",
        shown=in_a_line,
    )
    def retry_from_failed(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        self.retry_all(request, queryset, FROM_FAILED)

    @asking_of_chosen(
        description="Retry from the start",
        permissions=["retry"],
        title="Retry these runs from the start?",
        asks="A new run of each is made, on its own version. All of its steps are executed again, "
        "also those that reached the outside.",
        submit="Retry",
        shown=in_a_line,
    )
    def retry_from_start(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        self.retry_all(request, queryset, FROM_START)

    @asking_of_chosen(
        description="Delete",
        permissions=["remove"],
        title="Delete these runs?",
        asks="The runs and their steps are gone for ever.",
        submit="Delete the runs",
        shown=in_a_line,
    )
    def delete_runs(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        self.delete_all(request, queryset)

    @asking_action(
        description="Cancel",
        icon="cancel",
        variant=ActionVariant.DANGER,
        permissions=["cancel"],
        dialog={
            "title": "Cancel this run?",
            "description": ENDING,
            "form_class": None,
            "form_submit_text": "Cancel the run",
        },
    )
    def cancel(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        self.cancel_all(request, self.get_queryset(request).filter(pk=object_id))
        return self.back(request, object_id)

    @asking_action(
        description="Mark as failed",
        icon="report",
        variant=ActionVariant.DANGER,
        permissions=["cancel"],
        dialog={
            "title": "Mark this run as failed?",
            "description": "It ends as by a cancel, but counts, is told and can be retried as a "
            "failure.",
            "form_class": NoteForm,
            "form_submit_text": "Mark as failed",
        },
    )
    def fail(self, request: HttpRequest, form: NoteForm, object_id: str) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=object_id)
        deed = partial(mark_failed, note=form.cleaned_data["note"])
        self.run_deed(request, rows, "run.cancel", "run{s} asked to end as failed", deed)
        return self.back(request, object_id)

    @asking_action(
        description="Retry",
        icon="replay",
        permissions=["retry"],
        dialog={
            "title": "Retry this run",
            "description": "A new run is made; this one stays as it is.",
            "form_class": RetryForm,
            "form_submit_text": "Retry",
        },
    )
    def retry(self, request: HttpRequest, form: RetryForm, object_id: str) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=object_id)
        asked = form.cleaned_data
        self.retry_all(request, rows, asked["start"], asked["version"] or SAME, asked["input"])
        return self.back(request, object_id)

    @asking_action(
        description="Delete",
        icon="delete",
        permissions=["remove"],
        dialog={
            "title": "Delete this run?",
            "description": "The run and its steps are gone for ever.",
            "form_class": None,
            "form_submit_text": "Delete the run",
        },
    )
    def remove(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        self.delete_all(request, self.get_queryset(request).filter(pk=object_id))
        return back_to(request, reverse("admin:runs_run_changelist"))

    def cancel_all(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        self.run_deed(request, queryset, "run.cancel", "run{s} asked to end", cancel_run)

    def delete_all(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        self.run_deed(request, queryset, "run.delete", "run{s} deleted", delete_run)

    def retry_all(
        self,
        request: HttpRequest,
        queryset: QuerySet[Run],
        start: str,
        version: str = SAME,
        input: Json = None,
    ) -> None:
        def deed(run: Run, *, by: Principal) -> None:
            retry_run(run, start, version_for_retry(run, version, by=by), by=by, input=input)

        self.run_deed(request, queryset, "run.retry", "run{s} retried", deed)

    def back(self, request: HttpRequest, id: str) -> HttpResponse:
        """To the list if the dialog was opened there, with what it was filtered by; else to the
        run's page."""
        opened_at = urlsplit(request.headers.get("HX-Current-URL", ""))
        if opened_at.path == reverse("admin:runs_run_changelist"):
            return back_to(request, f"{opened_at.path}?{opened_at.query}")
        return back_to(request, reverse("admin:runs_run_change", args=[id]))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what the run's state allows."""
        run = self.get_object(request, str(object_id))
        wrong = tuple(f"_{name}" for name in not_for(run)) if run else ()
        found = super().get_actions_detail(request, object_id)
        return [each for each in found if not each.action_name.endswith(wrong)]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Offer at each row what its run's state allows, and the role of who asks where it is."""
        found = super().get_changelist_instance(request)
        for run in found.result_list:
            run.offered = {
                f"admin:runs_run_{name}"
                for name in self.actions_row
                if name not in not_for(run) and is_allowed(request, f"run.{name}", run)
            }
        return found
