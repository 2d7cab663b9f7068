"""The last batch of a claim: the run ends, or suspends. Suspending may be refused."""

from apps.engine.endings import Ending, given_up, step_failed
from apps.engine.errors import NodeError
from apps.engine.journal import Change
from apps.engine.recorder import Recorder
from apps.engine.retry import WORKER_LOST, losses
from apps.engine.waits import Waits, wait_of


def complete(recorder: Recorder, signals_read: int) -> str:
    """Record that all is done. Raises SignalsMovedError when something arrived meanwhile."""
    change = Change("completed", if_signals=signals_read)
    recorder.end("run_finished", change, status=change.status, error=None)
    return change.status


def suspend(recorder: Recorder, waits: Waits, signals_read: int) -> str:
    """Record what is waited for. Raises SignalsMovedError when something arrived meanwhile."""
    wake_at = min(waits.untils(), default=None)
    row = waits.first()
    change = Change("waiting", wake_at=wake_at, if_signals=signals_read)
    about = {"step": str(row.id), "node": row.node, "iteration": row.iteration}
    wait = wait_of(row)
    recorder.end("run_waiting", change, **about, **{"for": wait["for"], "until": wait["until"]})
    return change.status


def finish(recorder: Recorder, ending: Ending) -> str:
    """Close every step that is still open, and the run, whatever arrived meanwhile."""
    recorder.take_back_resumption()
    for row in recorder.steps.values():
        if row.seq_finished is None:
            recorder.stop(row, ending.open_steps)
    change = Change(ending.status, error=ending.error)
    recorder.end("run_finished", change, status=ending.status, error=ending.error)
    return ending.status


def give_up(recorder: Recorder, deaths: int) -> str:
    """End a run that so many workers died of, as the failure of the step that was in flight.

    The recorder need know only the steps that have not ended. Where several were in flight, it was
    the one that lost the most workers, or began last.
    """
    recorder.begin()
    in_flight = [row for row in recorder.steps.values() if row.status == "running"]
    if not in_flight:
        return finish(recorder, given_up(deaths))
    row = max(in_flight, key=lambda row: (losses(row.attempts), row.attempts[-1]["seq"]))
    error = NodeError(WORKER_LOST, f"{deaths} workers were lost during this step.")
    recorder.stop(row, error)
    return finish(recorder, step_failed(row.node, error.told()))
