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
