"""To end a worker process so that nothing is lost, and nobody counts it as a death."""

import time

from django.conf import settings

from apps.runs.dispatch import let_wake_ups_leave
from apps.runs.sweep import hand_back, wake_pending
from apps.runs.worker import this_worker

LET_GO_S = 2.0


def drain() -> bool:
    """Claim nothing more, let runs end for `DRAIN_S`, and hand back the rest; False: there was one.

    What is handed back is revoked first, so that none of its effects begins here once another
    worker goes on with it. An effect that is under way then is told of as `worker_lost`.
    """
    worker = this_worker()
    worker.stop_claiming()
    _wait_until_idle(settings.DRAIN_S)
    left = worker.held()
    for held in left:
        worker.revoke(held)
    _wait_until_idle(LET_GO_S)
    for held in left:
        # Else it would be an orphan when our row is gone, which counts as a crash.
        hand_back(held.claim.run, held.claim.fence, waits=True)
    # Wake-ups that came while we drained have found nobody.
    wake_pending()
    let_wake_ups_leave()
    return not left


def _wait_until_idle(seconds: float) -> None:
    give_up_at = time.monotonic() + seconds
    while not this_worker().is_idle and time.monotonic() < give_up_at:
        time.sleep(0.02)
