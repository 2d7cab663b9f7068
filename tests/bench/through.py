"""How many runs go through an installation in a second, once it is proved that none is missing."""

from dataclasses import dataclass

from tests.bench.commits import commits
from tests.bench.hooks import BODY, span_s
from tests.bench.load import post_hooks
from tests.bench.proof import Proved, prove, wait_until_ended
from tests.installation import Installation

CONNECTIONS = 10


@dataclass(frozen=True, slots=True)
class Through:
    """What was measured; in a closed loop of connections, unless hooks were sent in a rhythm."""

    runs: float
    """A second, as the next one."""
    accepted: float
    commits: float
    """A run."""
    proved: Proved


def put_through(
    installation: Installation,
    workflow: str,
    path: str,
    steps: int,
    count: int,
    connections: int = CONNECTIONS,
    a_second: float | None = None,
) -> Through:
    """Send so many hooks to a workflow, no faster than `a_second`, and wait until their runs have
    ended."""
    before = commits(installation)
    sent = post_hooks(
        installation.port, f"/hooks/{path}", count, connections, BODY, a_second=a_second
    )
    wait_until_ended(installation, workflow)
    committed = (commits(installation) - before) / count
    proved = prove(installation, sent, steps)
    return Through(count / proved.span_s, count / span_s(sent), committed, proved)
