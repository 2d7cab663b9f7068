"""What a step sends, for tests of requests against real servers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from apps.engine.graph import Node, OnError
from apps.engine.outcomes import Done
from apps.engine.ports import RunInfo
from apps.nodes.context import Services, StepContext, bound, services
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.outside.http import Http, HttpLimits
from apps.nodes.registry import library
from apps.nodes.vault import Credential, Credentials
from tests.nodes.servers import LocalServer
from tests.nodes.twins import MemoryAttempt, MemoryFiles, make_call

LIMITS = HttpLimits(response_bytes=1_000_000)


class KnownCredentials:
    """A vault that holds one secret under each id."""

    def __init__(self, known: Mapping[str, Credential]) -> None:
        self._known = known

    def reveal(self, run: RunInfo, id: str, types: Sequence[str], check: Any) -> Credential:
        return self._known[id]

    def renew(
        self, run: RunInfo, id: str, types: Sequence[str], refused: Credential, check: Any
    ) -> Credential:
        return self.reveal(run, id, types, check)


def sent(
    type: str,
    params: Mapping[str, Any],
    takes: Sequence[Any] = ({},),
    *servers: LocalServer,
    files: MemoryFiles | None = None,
    known: Mapping[str, Credential] | None = None,
    vault: Credentials | None = None,
    limits: HttpLimits | None = None,
    on_error: OnError = "stop",
    attempt: MemoryAttempt | None = None,
) -> Any:
    """What a step of this type gives by its main output, these servers being the internet."""
    spec = library().find(type, 1)
    assert spec is not None
    policy = EgressPolicy([f"127.0.0.1:{server.port}" for server in servers])
    used = replace(
        services(),
        egress=policy,
        files=files or MemoryFiles(),
        credentials=vault or KnownCredentials(known or {}),
        http=limits or LIMITS,
    )
    with bound(used):
        node = Node("n1", type, "Step", params, on_error=on_error)
        call = make_call(spec, params, takes, node=node)
        outcome = spec.prepare(call).run(attempt or MemoryAttempt())
    assert isinstance(outcome, Done)
    return outcome.outputs["main"]


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
    try:
        yield ctx.http
    finally:
        ctx.close()
