"""How a run ends otherwise than completed, and what is said of the steps still open then."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.engine.errors import FlowForgeError, NodeError
from apps.engine.items import Json
from apps.engine.kept import too_much
from apps.engine.retry import WORKER_LOST

STOPS = frozenset(
    {"cancelled", "sibling_failed", "deadline", "step_budget", "run_output_too_large"}
)
"""Error codes of steps that did not fail themselves: they were open when their run ended."""
MARKED_FAILED = "marked_failed"
"""The code of a run that somebody ended as failed."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The run's last status and error; `open_steps` is the error of every step still open."""

    status: str
    error: Mapping[str, Json] | None
    open_steps: FlowForgeError


def asked_for(cancel: Mapping[str, Json]) -> Ending:
    """What a cancel asks for: its body says `failed_because` where the run is to count as
    failed."""
    if because := cancel.get("failed_because"):
        error = {"code": MARKED_FAILED, "message": because, "hint": None}
        return Ending("failed", error, NodeError("cancelled", "The run was marked as failed."))
    return Ending("cancelled", None, NodeError("cancelled", "The run was cancelled."))


def deadline_passed() -> Ending:
    return _failed(NodeError("deadline", "The run took longer than it may."))


def budget_spent(budget: int) -> Ending:
    return _failed(
        NodeError(
            "step_budget",
            f"The run made more than {budget:,} steps.",
            hint="Look for a cycle without an end, or raise the workflow's step budget.",
        )
    )


def keeps_too_much(count: int, most: int) -> Ending:
    return _failed(too_much(count, most))


def given_up(deaths: int) -> Ending:
    """Whoever executed the run died of it, so often that nobody tries again."""
    return _failed(
        NodeError(WORKER_LOST, f"The run was given up: its worker was lost {deaths} times.")
    )


def not_executed(tries: int) -> Ending:
    """We failed to execute the run, so often that nobody tries again; nobody died of the last."""
    return _failed(
        NodeError(
            "internal_error",
            f"The run was given up: FlowForge failed to execute it {tries} times.",
            hint="This is a fault of FlowForge; the server's log has the details.",
        )
    )


def not_executable(error: FlowForgeError) -> Ending:
    """The version cannot be planned any more."""
    return _failed(error)


def step_failed(node: str, error: Mapping[str, Json]) -> Ending:
    """A step failed for good, and its node says that the run stops then."""
    sibling = NodeError("sibling_failed", "Another step of the run failed.")
    return Ending("failed", {**error, "node": node}, sibling)


def _failed(error: FlowForgeError) -> Ending:
    return Ending("failed", error.told(), error)
