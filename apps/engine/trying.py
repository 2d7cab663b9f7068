"""Where the code of nodes is called: whatever it raises is an outcome of the step, no more."""

import logging
from collections.abc import Callable

from apps.engine.attempts import RunningAttempt
from apps.engine.branches import Finished
from apps.engine.errors import FlowForgeError, NodeError, RevokedError
from apps.engine.interrupt import Interrupt
from apps.engine.outcomes import Outcome
from apps.engine.ports import Attempt

logger = logging.getLogger(__name__)


Work = Callable[[Attempt], Outcome]


def try_attempt(work: Work, attempt: RunningAttempt, interrupt: Interrupt) -> Outcome | Exception:
    """Make an attempt, or go on with it; on the thread that it is to run on."""
    attempt.begin()
    try:
        with interrupt.reaches(attempt):
            outcome: Outcome | Exception = work(attempt)
    except Exception as error:
        outcome = error
    # Whatever the node made of the refusal, it says nothing of the step.
    return RevokedError() if attempt.lost_claim else outcome


def finished(work: Work, attempt: RunningAttempt, interrupt: Interrupt) -> Finished:
    """Make an attempt on a branch, and tell the run's thread of its end."""
    return Finished(attempt.step, attempt.number, try_attempt(work, attempt, interrupt))


def as_known(error: Exception) -> FlowForgeError:
    """The error as the step bears it: what no node meant to raise is our own fault."""
    if isinstance(error, FlowForgeError):
        return error
    logger.error("a node failed unexpectedly", exc_info=error)
    return NodeError(
        "internal_error",
        f"The node failed unexpectedly ({type(error).__name__}).",
        hint="This is a fault of FlowForge; the server's log has the details.",
    )
