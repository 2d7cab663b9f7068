"""Paths below `/api/v1/`."""

from django.urls import path

from apps.operations.api.bulk import JobsView, JobView, StopView
from apps.operations.api.groups import ErrorGroupsView, ErrorGroupView
from apps.operations.api.notes import NoteView, RunNotesView, WorkflowNotesView

urlpatterns = [
    path("workspaces/<uuid:id>/bulk-jobs", JobsView.as_view(), name="bulk-jobs"),
    path("bulk-jobs/<uuid:id>", JobView.as_view(), name="bulk-job"),
    path("bulk-jobs/<uuid:id>/stop", StopView.as_view(), name="bulk-job-stop"),
    path("workspaces/<uuid:id>/error-groups", ErrorGroupsView.as_view(), name="error-groups"),
    path("error-groups/<uuid:id>", ErrorGroupView.as_view(), name="error-group"),
    path("runs/<uuid:id>/notes", RunNotesView.as_view(), name="run-notes"),
    path("workflows/<uuid:id>/notes", WorkflowNotesView.as_view(), name="workflow-notes"),
    path("notes/<uuid:id>", NoteView.as_view(), name="note"),
]
