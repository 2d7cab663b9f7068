"""The system's periodic tasks in the admin: celery-beat's own pages, drawn as all others are, and
recorded as all others are."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django_celery_beat.admin import ClockedScheduleAdmin as BaseClockedScheduleAdmin
from django_celery_beat.admin import CrontabScheduleAdmin as BaseCrontabScheduleAdmin
from django_celery_beat.admin import PeriodicTaskAdmin as BasePeriodicTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from apps.operations.periodic_tasks import (
    delete_row,
    record_saved,
    send_now,
    stored,
    switch_task,
)
from apps.workspaces.audit import known_by
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import SuperusersAdmin

for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(model)


class TaskWidget(UnfoldAdminSelectWidget, TaskSelectWidget):
    """Chooses between the tasks that Celery knows, and the one that a row has."""

    def __init__(self, own: str) -> None:
        super().__init__()
        self._own = own

    def tasks_as_choices(self) -> tuple[tuple[str, str], ...]:
        known: tuple[tuple[str, str], ...] = super().tasks_as_choices()
        return known if self._own in dict(known) else (*known, (self._own, self._own))


class TaskForm(PeriodicTaskForm):
    regtask = None  # a second field for the same

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = TaskWidget(self.instance.task)
        self.fields["task"].label = "Task"


class BeatAdmin(SuperusersAdmin):
    """A table of beat's."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        before = stored(obj) if change else None
        super().save_model(request, obj, form, change)
        record_saved(obj, before, by=principal_of(request))

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        delete_row(obj, by=principal_of(request))

    def told_of(self, row: Model) -> UUID:
        return known_by(row)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(BasePeriodicTaskAdmin, BeatAdmin):
    form = TaskForm
    # Its own template is unfold's and an inline script, which the content policy forbids.
    change_form_template = None
    # Beat's own has the interval a second time.
    list_display = ("name", "enabled", "when", "start_time", "last_run_at", "one_off")
    actions = ("switch_on", "switch_off", "send")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With one field for the task, and a crontab in words where there is one."""
        twice = (
            {"regtask"} if obj is not None and obj.crontab else {"regtask", "crontab_translation"}
        )
        return [
            (title, {**part, "fields": [each for each in part["fields"] if each not in twice]})
            for title, part in super().get_fieldsets(request, obj)
        ]

    @display(description="when")
    def when(self, task: PeriodicTask) -> str:
        return task.crontab.human_readable if task.crontab else str(task.scheduler or "–")

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.do_each(request, rows, "task{s} switched on", partial(switch_task, on=True))

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.do_each(request, rows, "task{s} switched off", partial(switch_task, on=False))

    @admin.action(description="Send now", permissions=["change"])
    def send(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.do_each(request, rows, "task{s} sent", send_now)


@admin.register(IntervalSchedule, SolarSchedule)
class ScheduleAdmin(BeatAdmin):
    """What tasks are repeated by."""


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(BaseCrontabScheduleAdmin, BeatAdmin):
    inlines = ()
    list_display = ("when",)

    @display(description="when")
    def when(self, crontab: CrontabSchedule) -> str:
        return str(crontab.human_readable)


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(BaseClockedScheduleAdmin, BeatAdmin):
    inlines = ()
