"""Beat's last tick: when it last sent a task, by what it writes into its own tables."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

UNWRITTEN_FOR = timedelta(seconds=180)
"""So long beat keeps to itself at most what it has sent."""
GRACE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Tick:
    at: datetime | None
    """None: there never was one, or no task is switched on."""
    is_late: bool


def last_tick() -> Tick:
    """When beat last sent any of its tasks, and whether it should have sent one since."""
    tasks = PeriodicTask.objects.filter(enabled=True).select_related("interval")
    found = [(task.last_run_at, task.interval) for task in tasks]
    at = max((moment for moment, _ in found if moment), default=None)
    every = [timedelta(**{interval.period: interval.every}) for _, interval in found if interval]
    if not every:
        return Tick(at, is_late=False)  # nothing is sent at regular times
    often = min(every)
    unwritten = min(often * settings.CELERY_BEAT_SYNC_EVERY, UNWRITTEN_FOR)
    late_after = often + unwritten + GRACE
    return Tick(at, is_late=at is None or timezone.now() - at > late_after)


def what_to_do() -> str:
    """For who finds it late."""
    what = "start celery -A flowforge beat" if settings.REDIS_URL else "restart FlowForge"
    return f"{what}; until then nothing is cleaned up, and only workers fire schedules"
