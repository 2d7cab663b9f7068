"""What a step may send, for tests of requests."""

from collections.abc import Iterator
from contextlib import contextmanager

from apps.nodes.context import Services, StepContext
from apps.nodes.egress import EgressPolicy
from apps.nodes.http import Http, HttpLimits
from apps.nodes.registry import library
from tests.nodes.servers import LocalServer
from tests.nodes.twins import MemoryAttempt, make_call

LIMITS = HttpLimits(response_bytes=1_000_000)


@contextmanager
def http_to(
    *servers: LocalServer,
    attempt: MemoryAttempt | None = None,
    limits: HttpLimits = LIMITS,
    policy: EgressPolicy | None = None,
) -> Iterator[Http]:
    """What a step may send, these servers being the public internet."""
    policy = policy or EgressPolicy([f"127.0.0.1:{server.port}" for server in servers])
    type = library().find("no_operation", 1)
    assert type is not None
    services = Services(egress=policy, http=limits)
    ctx = StepContext(make_call(type, {}), attempt or MemoryAttempt(), services)
    yield ctx.http
    ctx.close()
