"""Worker processes in the admin. They belong to no workspace: only superusers see them."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display

from apps.runs.admin.show import ago
from apps.runs.models import Worker
from apps.runs.states import RunStatus
from apps.workspaces.scoped_admin import is_superuser


@admin.register(Worker)
class WorkerAdmin(ModelAdmin):
    list_display = ("__str__", "last_beat", "beats", "run_count", "created_at")
    fields = (
        ("host", "pid"),
        ("last_beat", "beats", "run_count"),
        ("seen_at", "created_at"),
        ("boot", "process_started"),
    )
    readonly_fields = ("last_beat", "run_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        owned = Count("runs", filter=Q(runs__status=RunStatus.RUNNING))
        return super().get_queryset(request).annotate(owned=owned)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="last heartbeat")
    def last_beat(self, worker: Worker) -> SafeString | str:
        return ago(worker.seen_at)

    @display(description="runs that it executes")
    def run_count(self, worker: Any) -> int:
        return int(worker.owned)
