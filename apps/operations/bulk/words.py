"""The filter of a job in words: which runs it covers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.engine.encoding import encode
from apps.operations.bulk.choose import parameters
from apps.operations.models import ErrorGroup
from apps.runs.filters import RunFilter
from apps.runs.states import RunStatus, Trigger
from apps.workflows.models import Workflow

LONGEST_ERROR = 80


def in_words(filter: Mapping[str, Any], workspaces: Any) -> str:
    """The runs that it finds, such as “failed runs of the workflow “Orders”, with notes”. Names are
    told of rows of these workspaces, given as such or by their ids."""
    asked = RunFilter(parameters(filter)).form
    if not asked.is_valid():
        return f"runs by {encode(dict(filter)).decode()}"
    given = {
        name: value for name, value in asked.cleaned_data.items() if value not in (None, "", [])
    }
    statuses = _one_of(given.pop("status", []), RunStatus)
    words = (statuses, "runs", ", ".join(_parts(given, workspaces)))
    return " ".join(word for word in words if word)


def _parts(given: dict[str, Any], workspaces: Any) -> Iterator[str]:
    for name, value in given.items():
        if name == "workflow":
            row = Workflow.objects.filter(pk=value, workspace__in=workspaces).only("name").first()
            yield f"of the workflow “{row}”" if row else f"of the workflow {value}"
        elif name == "error_group":
            group = ErrorGroup.objects.filter(pk=value, workspace__in=workspaces).first()
            yield f"that failed as “{group.told(LONGEST_ERROR) if group else value}”"
        else:
            yield PHRASES[name](value)


def _one_of(values: Sequence[str], kind: Any) -> str:
    labels = [str(kind(value).label) for value in values]
    return " or ".join(label if label.isupper() else label.lower() for label in labels)


def _moment(words: str) -> Callable[[datetime], str]:
    return lambda moment: words.format(f"{moment:%Y-%m-%d %H:%M:%S} UTC")


PHRASES: dict[str, Callable[[Any], str]] = {
    "trigger": lambda value: f"started by {_one_of(value, Trigger)}",
    "version": "of version {}".format,
    "retry_of": "that retry the run {}".format,
    "parent_run": "started by steps of the run {}".format,
    "value": "of which a step kept {}".format,
    "created_after": _moment("made from {} on"),
    "created_before": _moment("made before {}"),
    "started_after": _moment("that began from {} on"),
    "started_before": _moment("that began before {}"),
    "finished_after": _moment("that ended from {} on"),
    "finished_before": _moment("that ended before {}"),
    "min_duration_s": "that took {} s at least".format,
    "max_duration_s": "that took {} s at most".format,
    "has_notes": lambda value: "with notes" if value == "true" else "without notes",
    "is_trial": lambda value: f"that try {'a' if value == 'true' else 'no'} draft out",
}
"""What is told of the value of a filter."""
