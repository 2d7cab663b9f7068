"""Jobs over many runs in the admin: what they would do, begun, followed, stopped."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.engine.errors import Fault, FaultsError
from apps.operations.board import lists
from apps.operations.bulk.begin import RIGHTS, begin_job, stop_job
from apps.operations.bulk.choose import Asked, estimate, read_filter
from apps.operations.bulk.counts import MOST_MADE, counts_of, counts_of_all, made_by
from apps.operations.bulk.words import in_words
from apps.operations.models import BulkJob, BulkJobRun
from apps.runs.admin.show import admin_link, label
from apps.runs.cancel import LONGEST_NOTE
from apps.runs.retry import FROM_FAILED, FROM_START, PUBLISHED, SAME
from apps.runs.states import RunStatus, Trigger
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.admin_filters import VisibleFilter
from apps.workspaces.keyset import BEFORE, BEHIND, KeysetChangeList
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import (
    BigTableAdmin,
    back_to,
    is_allowed,
    refusals_shown,
    seen_by,
    sentence,
)

COLOURS = {"running": "info", "done": "success", "stopped": "warning"}
FILTERS = {
    "status__exact": "status",
    "workflow__id__exact": "workflow",
    "trigger__exact": "trigger",
}
"""The parameters of the admin's list of runs, as the filter of a job has them."""
WORKSPACE = "workspace__id__exact"
NO_FILTERS = {WORKSPACE, SEARCH_VAR, BEHIND, BEFORE, "o", "all", "_facets"}
"""Those that are asked for by themselves, or do not change which runs the list is about."""
NO_SEARCH = (
    "A search looks at some of the runs only, so nothing is done to all that it finds: choose them"
    " in the list, or set filters in its place."
)
WHAT = {
    "cancel": "Cancel those that are open",
    f"retry {FROM_FAILED} {SAME}": "Retry from what failed, on their own version",
    f"retry {FROM_FAILED} {PUBLISHED}": "Retry from what failed, on the published version",
    f"retry {FROM_START} {SAME}": "Retry from the start, on their own version",
    f"retry {FROM_START} {PUBLISHED}": "Retry from the start, on the published version",
    "mark_failed": "Mark those that are open as failed",
    "delete": "Delete those that have ended and are not needed",
}
REFUSALS_SHOWN = 20


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _filter(request: HttpRequest) -> dict[str, Any]:
    """The filter of the list that the page is asked for with.

    Raises FaultsError for what a job does not know or cannot read: it would be about more than the
    list showed.
    """
    if request.GET.get(SEARCH_VAR):
        raise FaultsError([Fault(SEARCH_VAR, "search", NO_SEARCH)])
    if len(request.GET.getlist(WORKSPACE)) > 1:
        told = "The list is of several workspaces, and a job is done in one: choose one of them."
        raise FaultsError([Fault(WORKSPACE, "several", told)])
    if (workspace := request.GET.get(WORKSPACE)) and _id(workspace) is None:
        told = f"“{workspace}” is no id of a workspace."
        raise FaultsError([Fault(WORKSPACE, "invalid", told)])
    filter: dict[str, Any] = {}
    for asked, values in request.GET.lists():
        if asked in NO_FILTERS:
            continue
        name = FILTERS.get(asked, asked)
        if name in filter:
            told = f"“{name}” is asked for in two ways; one is needed."
            raise FaultsError([Fault(name, "several", told)])
        filter[name] = values if len(values) > 1 else values[0]
    read_filter(filter)
    return filter


class JobForm(forms.Form):
    workspace = forms.ModelChoiceField(Workspace.objects.none(), widget=UnfoldAdminSelectWidget)
    what = forms.ChoiceField(
        label="Do",
        choices=list(WHAT.items()),
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(
        required=False,
        max_length=LONGEST_NOTE,
        label="Why, of those that are marked as failed",
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request
        workspaces: Any = self.fields["workspace"]
        workspaces.queryset = seen_by(request, Workspace.objects.all(), "run.retry")
        deeds: Any = self.fields["what"]
        deeds.choices = [
            (what, label)
            for what, label in deeds.choices
            if is_allowed(request, RIGHTS[BulkJob.Deed(what.split()[0])])
        ]
        if chosen := self.initial.get("workspace"):
            # The list was of one: the runs of another are not what was seen.
            workspaces.queryset = workspaces.queryset.filter(pk=chosen)
        else:
            # Who has one workspace is not asked for it.
            only = list(workspaces.queryset[:2])
            self.initial["workspace"] = only[0] if len(only) == 1 else None

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "workspace" in given and "what" in given:
            right = RIGHTS[BulkJob.Deed(given["what"].split()[0])]
            if not is_allowed(self._request, right, given["workspace"]):
                self.add_error("what", "Your role in this workspace does not allow it.")
        if given.get("what") == BulkJob.Deed.MARK_FAILED and not given.get("note", "").strip():
            self.add_error("note", "Say why.")
        return given

    def asked(self, filter: dict[str, Any]) -> Asked:
        deed, *how = self.cleaned_data["what"].split()
        start, version = how or (FROM_FAILED, SAME)
        given = self.cleaned_data
        return Asked(given["workspace"], deed, filter, start, version, given["note"])


class JobList(KeysetChangeList):
    """Tells how far all its jobs have come at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        counts = counts_of_all(self.result_list)
        for job in self.result_list:
            job.counts = counts[job.pk]


@admin.register(BulkJob)
class BulkJobAdmin(BigTableAdmin):
    view_right = "run.view"
    add_right = "run.retry"
    list_display = ("deed", "state", "progress", "created_by", "created_at", "workspace")
    list_select_related = ("created_by", "workspace")
    list_filter = (("workspace", VisibleFilter),)
    fields = (
        ("what", "workspace"),
        "found_by",
        "note",
        ("created_by", "api_key"),
        ("created_at", "finished_at"),
    )
    readonly_fields = ("what", "found_by")
    actions_detail = ("stop",)
    change_form_outer_after_template = "operations_admin/progress.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return JobList

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.progress_view)
        return [
            path("<uuid:id>/progress/", view, name="operations_bulkjob_progress"),
            *super().get_urls(),
        ]

    @refusals_shown
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask what to do to the runs that the list's filter finds, count it, and begin it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        try:
            filter = _filter(request)
        except FaultsError as refusal:
            self.message_user(request, sentence(refusal), messages.ERROR)
            runs = reverse("admin:runs_run_changelist")
            return HttpResponseRedirect(f"{runs}?{request.GET.urlencode()}")
        given: dict[str, Any] = {"workspace": _id(request.GET.get(WORKSPACE, ""))}
        if "error_group" in filter or filter.get("status") == RunStatus.FAILED:
            given["what"] = f"retry {FROM_FAILED} {SAME}"
        form = JobForm(request.POST or None, initial=given, request=request)
        counted = None
        if form.is_valid():
            asked = form.asked(filter)
            if "begin" in request.POST:
                job = begin_job(asked, by=principal_of(request))
                return back_to(request, reverse("admin:operations_bulkjob_change", args=[job.pk]))
            counted = estimate(asked)
        context = {
            **self.admin_site.each_context(request),
            "title": "Do something to many runs",
            "opts": self.opts,
            "form": form,
            "covers": in_words(filter, seen_by(request, Workspace.objects.all(), "run.view")),
            "counted": counted,
            "deed": WHAT[form.cleaned_data["what"]] if counted else "",
        }
        return render(request, "operations_admin/job.html", context)

    @display(description="status")
    def state(self, job: BulkJob) -> SafeString:
        return label(job.status, COLOURS.get(job.status, ""))

    @display(description="progress")
    def progress(self, job: Any) -> str:
        counts: dict[str, int] = job.counts
        return told(counts)

    @display(description="what")
    def what(self, job: BulkJob) -> str:
        return WHAT[" ".join(filter(None, (job.deed, job.start, job.version)))]

    @display(description="of")
    def found_by(self, job: BulkJob) -> str:
        return f"All {in_words(job.filter, [job.workspace_id])}, as they were when it began."

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            context["progress"] = progress_of(obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def progress_view(self, request: HttpRequest, id: UUID) -> HttpResponse:
        """The progress alone; once the job has ended, the page is to be loaded again, for its
        buttons and fields are others."""
        job: BulkJob | None = self.get_object(request, str(id))
        if job is None:
            raise Http404
        if job.status != BulkJob.Status.RUNNING:
            return HttpResponse(headers={"HX-Refresh": "true"})
        context = {"original": job, "progress": progress_of(job)}
        return render(request, "operations_admin/progress.html", context)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A note has only what was marked as failed."""
        has_note = obj is not None and obj.note
        return [each for each in self.fields if has_note or each != "note"]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """A job that has ended is not stopped."""
        job = self.get_object(request, str(object_id))
        if job is None or job.status != BulkJob.Status.RUNNING:
            return []
        return super().get_actions_detail(request, object_id)

    def has_stop_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "run.retry", id)

    @asking_action(
        description="Stop",
        icon="stop",
        variant=ActionVariant.DANGER,
        permissions=["stop"],
        dialog={
            "title": "Stop this job?",
            "description": "What was done stays; no further run is touched.",
            "form_class": None,
            "form_submit_text": "Stop the job",
        },
    )
    def stop(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=object_id)
        self.run_deed(request, rows, "run.retry", "job{s} stopped", stop_job)
        return back_to(request, reverse("admin:operations_bulkjob_change", args=[object_id]))


def progress_of(job: BulkJob) -> dict[str, Any]:
    """How far it has come, and the first runs that refused."""
    counts = counts_of(job)
    refused = job.runs.filter(outcome=BulkJobRun.Outcome.REFUSED).order_by("id")
    return {
        "state": label(job.status, COLOURS[job.status]),
        "told": told(counts),
        "over": counts["done"] + counts["refused"],
        "all": sum(counts.values()),
        "refused": [
            (admin_link("runs_run", each.run), each.error) for each in refused[:REFUSALS_SHOWN]
        ],
        "has_more": counts["refused"] > REFUSALS_SHOWN,
        "first": MOST_MADE if counts["done"] > MOST_MADE else None,
        "made": ", ".join(f"{count:,} {status}" for status, count in _made(job).items()),
        "retries": _retries_meanwhile(job),
    }


def _made(job: BulkJob) -> Mapping[str, int]:
    """What became of its runs, once it has made all of them."""
    is_over = job.status != BulkJob.Status.RUNNING
    return made_by(job) if is_over and job.deed == BulkJob.Deed.RETRY else {}


def _retries_meanwhile(job: BulkJob) -> str:
    """The list of all retries in its workspace that were made while it went."""
    if job.finished_at is None:
        return ""
    meanwhile = {
        WORKSPACE: str(job.workspace_id),
        "trigger__exact": Trigger.RETRY.value,
        "created_after": lists.asked(job.created_at),
        "created_before": lists.asked(job.finished_at + timedelta(seconds=1)),
    }
    return lists.list_of(meanwhile)


def told(counts: Mapping[str, int]) -> str:
    done = f"{counts['done']:,} of {sum(counts.values()):,} done"
    return f"{done}, {counts['refused']:,} refused" if counts["refused"] else done
