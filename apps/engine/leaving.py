"""The last batch of a claim: the run ends, or suspends. Each may be refused (RUNS, 13)."""

from apps.engine.endings import Ending
from apps.engine.journal import Change
from apps.engine.recorder import Recorder
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
    recorder.end("run_waiting", change, step=str(row.id), node=row.node, **wait_of(row))
    return change.status


def finish(recorder: Recorder, ending: Ending) -> str:
    """Close every step that is still open, and the run, whatever arrived meanwhile."""
    for row in recorder.steps.values():
        if row.seq_finished is None:
            recorder.fail(row, ending.open_steps)
    change = Change(ending.status, error=ending.error)
    recorder.end("run_finished", change, status=ending.status, error=ending.error)
    return ending.status
