"""Paths below `/api/v1/`."""

from django.urls import path

from apps.interchange.api import ConvertN8nView, ImportN8nView

urlpatterns = [
    path("import/n8n", ImportN8nView.as_view(), name="import-n8n"),
    path("import/n8n/convert", ConvertN8nView.as_view(), name="import-n8n-convert"),
]
