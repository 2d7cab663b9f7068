"""The lists of runs to which the figures and graphs of the status board lead: of those that they
count."""

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

RUNS = "admin:runs_run_changelist"
NO_TRIALS = {"is_trial": "false"}
THAT_STARTED = {"min_duration_s": "0"}
"""Of what ended: only of these it is known how long they took."""


def list_of(filters: dict[str, str]) -> str:
    return f"{reverse(RUNS)}?{urlencode(filters)}"


def asked(moment: datetime) -> str:
    """A moment as the fields of the list take it, to its second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S" if moment.second else "%Y-%m-%dT%H:%M")
