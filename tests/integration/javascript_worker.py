"""A Celery application that runs hostile JavaScript, and nothing else of FlowForge.

FlowForge's own workers have threads; the sandbox is safe in a pool of processes too.
"""

import os

from celery import Celery

from apps.expressions.sandbox import Sandbox
from tests.expressions.hostile import PROBE, SNIPPETS, outcome_of

app = Celery("javascript", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
app.conf.worker_prefetch_multiplier = 1
app.conf.broker_connection_retry_on_startup = True

sandbox = Sandbox()


@app.task
def run(place: int) -> tuple[str, object, object, int]:
    """How a snippet ended, what a probe found afterwards, and in which process that was."""
    snippet = SNIPPETS[place]
    outcome, _ = outcome_of(snippet.code, sandbox, snippet.limits)
    return outcome, *outcome_of(PROBE, sandbox), os.getpid()
