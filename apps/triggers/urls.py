"""Paths below `/api/v1/`; hooks are routed in asgi.py."""

from django.urls import path

from apps.triggers.api.hook_requests import ReplayView, RequestsView, RequestView
from apps.triggers.api.hooks import HooksView
from apps.triggers.api.listeners import ListenerView, ListenView, StopView
from apps.triggers.api.polls import LookView, PollsView
from apps.triggers.api.schedules import (
    BackfillView,
    FiresView,
    NextView,
    PreviewView,
    RunNowView,
    SchedulesView,
    ScheduleView,
)

urlpatterns = [
    path("hooks", HooksView.as_view(), name="hooks"),
    path("hook-requests", RequestsView.as_view(), name="hook-requests"),
    path("hook-requests/<uuid:id>", RequestView.as_view(), name="hook-request"),
    path("hook-requests/<uuid:id>/replay", ReplayView.as_view(), name="hook-request-replay"),
    path("workflows/<uuid:id>/listen", ListenView.as_view(), name="workflow-listen"),
    path("listeners/<uuid:id>", ListenerView.as_view(), name="listener"),
    path("listeners/<uuid:id>/stop", StopView.as_view(), name="listener-stop"),
    path("polls", PollsView.as_view(), name="polls"),
    path("polls/<uuid:id>/look", LookView.as_view(), name="poll-look"),
    path("schedules", SchedulesView.as_view(), name="schedules"),
    path("schedules/preview", PreviewView.as_view(), name="schedule-preview"),
    path("schedules/<uuid:id>", ScheduleView.as_view(), name="schedule"),
    path("schedules/<uuid:id>/next", NextView.as_view(), name="schedule-next"),
    path("schedules/<uuid:id>/fires", FiresView.as_view(), name="schedule-fires"),
    path("schedules/<uuid:id>/run", RunNowView.as_view(), name="schedule-run"),
    path("schedules/<uuid:id>/backfill", BackfillView.as_view(), name="schedule-backfill"),
]
