"""The claim is lost: what has come of effects, or comes in a moment, is told and not recorded."""

import logging
from collections.abc import Callable
from functools import partial

from apps.engine.branches import Branches, Finished
from apps.engine.errors import RevokedError
from apps.engine.flights import Flight, Flights
from apps.engine.journal import StepRow
from apps.engine.outcomes import Outcome
from apps.engine.recorder import Recorder

logger = logging.getLogger(__name__)

LATE_S = 0.2


def tell_what_came_late(
    flights: Flights,
    branches: Branches,
    recorder: Recorder,
    conclude: Callable[[Flight, Outcome | Exception], None],
    tell: Callable[[StepRow], None],
) -> None:
    """Conclude the effects that end within a moment, and tell of all that were not recorded."""
    while flights and (message := branches.receive(LATE_S)) is not None:
        if isinstance(message, Finished):
            flight = flights.find(message.key, message.attempt)
            if flight is not None:
                flights.land(flight)
                _try(flight.row, partial(conclude, flight, message.outcome))
    for row in recorder.unrecorded_results():
        _try(row, partial(tell, row))


def _try(row: StepRow, deed: Callable[[], None]) -> None:
    """Do it if it can be done: the claim is lost already, and others have come late too."""
    try:
        deed()
    except RevokedError:
        pass
    except Exception:
        # A fault here must not hide the lost claim, nor what else came late.
        logger.exception("step %s of node %s: what came late could not be told", row.id, row.node)
