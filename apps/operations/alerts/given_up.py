"""A worker that others took for dead is told at once: its row is gone before a look could miss it.

The next look finds it no more, and resolves the alert.
"""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from apps.operations.alerts.conditions import Found
from apps.operations.alerts.follow import see
from apps.operations.alerts.kinds import Kind
from apps.operations.models.alerts import AlertRule
from apps.runs import sql
from apps.runs.models import Worker
from apps.runs.sweep import worker_given_up


@receiver(worker_given_up)
def tell_of_lost_worker(worker: Worker, run_count: int, **_: Any) -> None:
    """Open an alert by each rule about workers, in the transaction that takes its runs."""
    runs = "1 run of its goes" if run_count == 1 else f"{run_count:,} runs of its go"
    seen_at = f"{worker.seen_at:%Y-%m-%d %H:%M:%S} UTC"
    lines = [f"It was last seen at {seen_at}. {runs} on with other workers."]
    found = Found(f"the worker {worker} died or hangs", 0, str(worker.pk), lambda: lines)
    with transaction.atomic():  # alone: what fails here must not undo what it tells of
        rules = AlertRule.objects.select_for_update(of=("self",), no_key=True)
        for rule in rules.filter(kind=Kind.WORKER_SILENT, is_active=True).order_by("pk"):
            alert = rule.alerts.filter(key=found.key, resolved_at=None).first()
            see(rule, found, alert, sql.database_now())
