"""FlowForge's Celery application: `celery -A flowforge worker`, `celery -A flowforge beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowforge.settings")

app = Celery("flowforge")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
