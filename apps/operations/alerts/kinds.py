"""What each kind of rule asks for, and within which bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.operations.models.alerts import AlertRule

Kind = AlertRule.Kind


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a kind asks for."""

    label: str
    least: int
    most: int
    default: int


@dataclass(frozen=True, slots=True)
class KindOfRule:
    note: str
    numbers: Mapping[str, Number] = field(default_factory=dict)
    """By the rule's fields; a field that is not here stays empty."""
    takes_workflow: bool = False
    is_of_workspaces: bool = True
    """False: it is about what no workspace owns."""


_WINDOW = Number("Within (s)", 60, 86_400, 600)

KINDS: Mapping[str, KindOfRule] = {
    Kind.RUN_FAILED: KindOfRule(
        "So many runs failed within a while.",
        {"threshold": Number("Failed runs", 1, 1_000, 1), "window_s": _WINDOW},
        takes_workflow=True,
    ),
    Kind.FAILURE_RATE: KindOfRule(
        "So many percent of the runs that ended within a while failed.",
        {
            "threshold": Number("Percent", 1, 100, 20),
            "window_s": Number("Within (s)", 60, 86_400, 3_600),
            "least_runs": Number("Of so many runs at least", 1, 1_000, 10),
        },
        takes_workflow=True,
    ),
    Kind.SCHEDULE_LATE: KindOfRule(
        "A schedule should have fired over a minute ago and did not, or cannot be fired."
    ),
    Kind.QUEUE_AGE: KindOfRule(
        "The next run waits for a worker for too long. What somebody holds does not count.",
        {"threshold": Number("Seconds", 10, 86_400, 300)},
    ),
    Kind.WORKER_SILENT: KindOfRule(
        "A worker died or hangs, or there is none.",
        {"threshold": Number("Silent for (s)", 10, 3_600, 60)},
        is_of_workspaces=False,
    ),
}

NUMBERS = ("threshold", "window_s", "least_runs")
"""The fields of rules that are numbers of their kinds."""


def condition_of(rule: AlertRule) -> str:
    """What a rule asks for, in words."""
    if rule.kind == Kind.RUN_FAILED:
        runs = "a run failed" if rule.threshold == 1 else f"{rule.threshold} runs failed"
        said = f"{runs} within {span(rule.window_s)}"
    elif rule.kind == Kind.FAILURE_RATE:
        said = f"{rule.threshold} % of {rule.least_runs} runs or more failed within "
        said += span(rule.window_s)
    elif rule.kind == Kind.QUEUE_AGE:
        said = f"the next run waits for a worker for {span(rule.threshold)}"
    elif rule.kind == Kind.WORKER_SILENT:
        said = f"a worker is silent for {span(rule.threshold)}, or there is none"
    else:
        said = "a schedule is late or cannot be fired"
    return f"{rule.workflow}: {said}" if rule.workflow else said


def span(seconds: int | None) -> str:
    """A length of time as it was chosen: 90 s, 10 min, 1 d."""
    assert seconds is not None
    for length, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds % length == 0:
            return f"{seconds // length} {name}"
    return f"{seconds} s"
