"""What beat has done for the triggers."""

from apps.runs.periodic import PeriodicTask

TICK = PeriodicTask(
    "Fire schedules",
    "triggers.tick",
    1,
    "seconds",
    "Fires the schedules that are due, and tells error workflows of runs that failed. Each worker "
    "does the same by itself.",
    expires_s=5,
)
RECKON = PeriodicTask(
    "Reckon schedules anew",
    "triggers.reckon",
    1,
    "hours",
    "Sets the next times of schedules to what they are once the rules of a time zone have changed.",
)
