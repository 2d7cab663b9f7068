"""Paths below `/api/v1/`."""

from django.urls import path

from apps.versions.api import (
    DiffView,
    DraftView,
    EvaluateView,
    NodeTypesView,
    NodeTypeView,
    PublishView,
    SamplesView,
    ValidateView,
    VersionsView,
    VersionView,
)

urlpatterns = [
    path("workflows/<uuid:id>/draft", DraftView.as_view(), name="draft"),
    path("workflows/<uuid:id>/validate", ValidateView.as_view(), name="workflow-validate"),
    path("workflows/<uuid:id>/publish", PublishView.as_view(), name="workflow-publish"),
    path("workflows/<uuid:id>/versions", VersionsView.as_view(), name="versions"),
    path("workflows/<uuid:id>/versions/<int:number>", VersionView.as_view(), name="version"),
    path("workflows/<uuid:id>/versions/<int:number>/diff", DiffView.as_view(), name="version-diff"),
    path("expressions/evaluate", EvaluateView.as_view(), name="expression-evaluate"),
    path("node-types", NodeTypesView.as_view(), name="node-types"),
    path("node-types/<slug:type>", NodeTypeView.as_view(), name="node-type"),
    path("samples", SamplesView.as_view(), name="samples"),
]
