"""Events, derived from what is recorded: one function, one mapping of names."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from apps.engine.items import Json

ENDINGS = {"completed": "step_succeeded", "failed": "step_failed", "skipped": "step_skipped"}
"""The one mapping from a step's final status to the name of its last event."""


class RecordedStep(Protocol):
    """What a stored step shows of itself; StepRow and the ORM's StepRun both do."""

    @property
    def step_id(self) -> str: ...
    @property
    def node(self) -> str: ...

    iteration: int
    status: str
    attempts: list[dict[str, Json]]
    log: list[dict[str, Json]]
    output_counts: Mapping[str, int]
    seq_finished: int | None
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def failure(self) -> Mapping[str, Json] | None: ...


def events_of(
    run: str, marks: Iterable[Mapping[str, Json]], steps: Iterable[RecordedStep], after: int
) -> list[dict[str, Json]]:
    """All events behind sequence number `after`, in order; each bears its name as `event`."""
    events = [_run_event(mark) for mark in marks if mark["seq"] > after]
    for step in steps:
        events.extend(event for event in _step_events(step) if event["seq"] > after)
    events.sort(key=lambda event: event["seq"])
    return [{"event": event.pop("event"), "run": run, **event} for event in events]


def _run_event(mark: Mapping[str, Json]) -> dict[str, Json]:
    rest = {key: value for key, value in mark.items() if key not in ("name", "seq", "at")}
    return {"event": mark["name"], "seq": mark["seq"], "at": mark["at"], **rest}


def _step_events(step: RecordedStep) -> Iterator[dict[str, Json]]:
    about = {"step": step.step_id, "node": step.node, "iteration": step.iteration}
    for attempt in step.attempts:
        tried = {**about, "attempt": attempt["n"]}
        yield {
            "event": "step_started",
            "seq": attempt["seq"],
            "at": attempt["at"],
            **tried,
            "status": "running",
        }
        if "ended_seq" in attempt:
            yield {
                "event": "step_retrying",
                "seq": attempt["ended_seq"],
                "at": attempt["ended_at"],
                **tried,
                "status": "running",
                "error": attempt["error"],
            }
    for line in step.log:
        yield {
            "event": "step_log",
            "seq": line["seq"],
            "at": line["at"],
            **about,
            # The attempt it was said in, however many came later: an event never changes.
            "attempt": sum(attempt["seq"] < line["seq"] for attempt in step.attempts),
            "level": line["level"],
            "text": line["text"],
        }
    if step.seq_finished is not None and step.finished_at and step.started_at:
        duration = (step.finished_at - step.started_at).total_seconds()
        yield {
            "event": ENDINGS[step.status],
            "seq": step.seq_finished,
            "at": write_time(step.finished_at),
            **about,
            "attempt": max(1, len(step.attempts)),
            "status": step.status,
            "items": dict(step.output_counts),
            "duration_ms": round(duration * 1000),
            "error": step.failure,
            **({"copied": True} if _is_copy(step) else {}),
        }


def _is_copy(step: RecordedStep) -> bool:
    """Whether it was taken over from the run that this one retries: it was never tried here.

    Not by `copied_from`: that run may be deleted, and an event never changes.
    """
    return not step.attempts and step.status != "skipped"


def write_time(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
