"""FlowForge's Celery application: `celery -A flowforge worker`, `celery -A flowforge beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowforge.settings")

app = Celery("flowforge")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def start_control(**kwargs: Any) -> None:
    """Give the worker process its control thread, until its pool is drained."""
    # The models can be imported only now: Celery has set Django up.
    from apps.runs.control import ControlThread

    control = ControlThread()
    control.start()
    worker_shutdown.connect(lambda **kwargs: control.stop(), weak=False)
