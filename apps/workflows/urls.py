"""Paths below `/api/v1/`."""

from django.urls import path

from apps.workflows.api import (
    ActivateView,
    ArchiveView,
    DeactivateView,
    TagsView,
    WorkflowsView,
    WorkflowView,
)

urlpatterns = [
    path("workflows", WorkflowsView.as_view(), name="workflows"),
    path("workspaces/<uuid:id>/workflow-tags", TagsView.as_view(), name="workflow-tags"),
    path("workflows/<uuid:id>", WorkflowView.as_view(), name="workflow"),
    path("workflows/<uuid:id>/activate", ActivateView.as_view(), name="workflow-activate"),
    path("workflows/<uuid:id>/deactivate", DeactivateView.as_view(), name="workflow-deactivate"),
    path("workflows/<uuid:id>/archive", ArchiveView.as_view(), name="workflow-archive"),
]
