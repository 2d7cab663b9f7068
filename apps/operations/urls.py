"""Paths below `/api/v1/`."""

from django.urls import path

from apps.operations.api import JobsView, JobView, StopView

urlpatterns = [
    path("workspaces/<uuid:id>/bulk-jobs", JobsView.as_view(), name="bulk-jobs"),
    path("bulk-jobs/<uuid:id>", JobView.as_view(), name="bulk-job"),
    path("bulk-jobs/<uuid:id>/stop", StopView.as_view(), name="bulk-job-stop"),
]
