"""Paths below `/api/v1/`."""

from django.urls import path

from apps.operations.api.alerts import (
    AlertDeliveriesView,
    AlertDeliveryView,
    AlertRedeliverView,
    AlertRulesView,
    AlertRuleView,
    AlertSilenceView,
    AlertsView,
    AlertTestView,
    AlertView,
)
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
    path("alerts", AlertsView.as_view(), name="alerts"),
    path("alerts/<uuid:id>", AlertView.as_view(), name="alert"),
    path("alerts/rules", AlertRulesView.as_view(), name="alert-rules"),
    path("alerts/rules/<uuid:id>", AlertRuleView.as_view(), name="alert-rule"),
    path("alerts/rules/<uuid:id>/silence", AlertSilenceView.as_view(), name="alert-silence"),
    path("alerts/rules/<uuid:id>/test", AlertTestView.as_view(), name="alert-test"),
    path("alerts/deliveries", AlertDeliveriesView.as_view(), name="alert-deliveries"),
    path("alerts/deliveries/<uuid:id>", AlertDeliveryView.as_view(), name="alert-delivery"),
    path(
        "alerts/deliveries/<uuid:id>/redeliver",
        AlertRedeliverView.as_view(),
        name="alert-redeliver",
    ),
]
