"""Runs, their steps, who executes them, and what they keep."""

from apps.runs.models.kept import EarlyAnswer, Payload, RunAnswer, RunFile, RunValue, SeenKey
from apps.runs.models.lines import EVERYTHING, Hold, Line
from apps.runs.models.runs import DEFAULT_QUEUE, Run, Worker
from apps.runs.models.steps import RunSignal, StepRun, failure_of

__all__ = [
    "DEFAULT_QUEUE",
    "EVERYTHING",
    "EarlyAnswer",
    "Hold",
    "Line",
    "Payload",
    "Run",
    "RunAnswer",
    "RunFile",
    "RunSignal",
    "RunValue",
    "SeenKey",
    "StepRun",
    "Worker",
    "failure_of",
]
