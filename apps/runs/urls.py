"""Paths below `/api/v1/`; the event stream beside them is routed in asgi.py."""

from django.urls import path

from apps.runs.api import (
    CancelView,
    EverythingHoldView,
    MarkFailedView,
    PayloadView,
    ResumeView,
    RetryView,
    RunsView,
    RunView,
    StartView,
    StepsView,
    StepView,
    WorkerStopView,
    WorkersView,
    WorkflowHoldView,
    WorkspaceHoldView,
)

urlpatterns = [
    path("workflows/<uuid:id>/runs", StartView.as_view(), name="workflow-runs"),
    path("runs", RunsView.as_view(), name="runs"),
    path("runs/<uuid:id>", RunView.as_view(), name="run"),
    path("runs/<uuid:id>/steps", StepsView.as_view(), name="steps"),
    path("runs/<uuid:id>/steps/<uuid:step>", StepView.as_view(), name="step"),
    path("runs/<uuid:id>/cancel", CancelView.as_view(), name="run-cancel"),
    path("runs/<uuid:id>/mark-failed", MarkFailedView.as_view(), name="run-mark-failed"),
    path("runs/<uuid:id>/retry", RetryView.as_view(), name="run-retry"),
    path("runs/<uuid:id>/resume", ResumeView.as_view(), name="run-resume"),
    path("workflows/<uuid:id>/hold", WorkflowHoldView.as_view(), name="workflow-hold"),
    path("workspaces/<uuid:id>/hold", WorkspaceHoldView.as_view(), name="workspace-hold"),
    path("hold", EverythingHoldView.as_view(), name="hold"),
    path("workers", WorkersView.as_view(), name="workers"),
    path("workers/<uuid:id>/stop", WorkerStopView.as_view(), name="worker-stop"),
    path("payloads/<uuid:id>", PayloadView.as_view(), name="payload"),
]
