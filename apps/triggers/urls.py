"""Paths below `/api/v1/`."""

from django.urls import path

from apps.triggers.api.hook_requests import ReplayView, RequestsView, RequestView

urlpatterns = [
    path("hook-requests", RequestsView.as_view(), name="hook-requests"),
    path("hook-requests/<uuid:id>", RequestView.as_view(), name="hook-request"),
    path("hook-requests/<uuid:id>/replay", ReplayView.as_view(), name="hook-request-replay"),
]
