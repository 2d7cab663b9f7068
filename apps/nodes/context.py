"""What a node may use while it works, and the services behind it, bound once a process."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Any, Literal

import httpx

from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Json
from apps.engine.outcomes import LoopBatch
from apps.engine.ports import Attempt, RunInfo, StepCall
from apps.expressions.errors import ExpressionError, JavaScriptError
from apps.expressions.history import OutOfReach
from apps.expressions.sandbox import Limits, Sandbox
from apps.expressions.scope import Scope
from apps.expressions.stop import Stop
from apps.expressions.template import compile_params, resolve
from apps.expressions.transform import transform
from apps.nodes.confined import Confined
from apps.nodes.files import Files, FileStore, NoFiles
from apps.nodes.inner import (
    Addresses,
    Memory,
    NoAddresses,
    NoMemory,
    NoOtherRuns,
    OtherRuns,
)
from apps.nodes.item_errors import of_item
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.outside.http import HeldBytes, Http, HttpLimits
from apps.nodes.outside.mail import Mail, Mailer, NoMailer
from apps.nodes.outside.pinned import Connections, PinnedTransport
from apps.nodes.outside.postgres import POSTGRES_CREDENTIALS, Connect, Session, connect
from apps.nodes.vault import Credential, Credentials, NoCredentials

EXPRESSION_LIMITS = Limits(wall_s=1, memory_mb=64)
REVEALED_FOR_S = 5.0
CODE_LIMITS = Limits(wall_s=10, memory_mb=256)
ROUNDED = "JavaScript saw an integer over 2^53 as the nearest number that it can hold."


@dataclass(frozen=True)
class Services:
    """What nodes need from outside. The defaults reach nothing private and know no secret."""

    egress: EgressPolicy = field(default_factory=EgressPolicy)
    sandbox: Sandbox = field(default_factory=Sandbox)
    editor_sandbox: Sandbox = field(default_factory=lambda: Sandbox(size=4, wait_s=2))
    """For what builders try out and have checked, so that it holds up no run of this process."""
    credentials: Credentials = field(default_factory=NoCredentials)
    files: FileStore = field(default_factory=NoFiles)
    file_bytes: int = 64 * 1024 * 1024
    other_runs: OtherRuns = field(default_factory=NoOtherRuns)
    memory: Memory = field(default_factory=NoMemory)
    addresses: Addresses = field(default_factory=NoAddresses)
    transport: Callable[[Connections], httpx.BaseTransport] = PinnedTransport
    http: HttpLimits = field(default_factory=HttpLimits)
    postgres: Connect = connect
    mailer: Mailer = field(default_factory=NoMailer)
    environment: Mapping[str, str] = field(default_factory=dict)
    """What expressions see as `$env`: open to whoever may edit a workflow."""
    expression_limits: Limits = EXPRESSION_LIMITS
    code_limits: Limits = CODE_LIMITS


_bound: Services | None = None


def bind(services: Services) -> None:
    """Give this process its services; `apps/runs/ports.py` does it at start."""
    global _bound
    _bound = services


def services() -> Services:
    """The services of this process; the safe defaults where none were bound."""
    global _bound
    if _bound is None:
        _bound = Services()
    return _bound


@contextmanager
def bound(services: Services) -> Iterator[Services]:
    """Bind services for a while: for tests."""
    global _bound
    before, _bound = _bound, services
    try:
        yield services
    finally:
        _bound = before


def scope_of(call: StepCall, items: Items) -> Scope:
    """All that expressions of this step can reach."""
    run, node = call.run, call.node
    return Scope(
        items=[item.as_json() for item in items],
        history=call.history,
        run_index=call.iteration,
        node={"id": node.id, "name": node.name, "type": node.type},
        params=node.params,
        workflow={
            "id": str(run.workflow),
            "name": run.workflow_name,
            "active": run.workflow_active,
        },
        execution={"id": str(run.id), "mode": _mode(run), **_resume_url(call)},
        variables=run.variables,
        environment=services().environment,
        timezone=run.timezone,
        now=call.now,
    )


def _mode(run: RunInfo) -> str:
    """As builders know it: what somebody tries out, or work."""
    return "test" if run.trigger == "manual" else "production"


def _resume_url(call: StepCall) -> dict[str, str]:
    """The address of the next step that somebody outside is to answer, where one follows."""
    node = call.run.addressed.get(call.node.id)
    if node is None:
        return {}
    iteration = call.iteration if node.id == call.node.id else call.history.begun(node.id)
    return {"resumeUrl": services().addresses.of_step(call.run, node, iteration)}


class StepContext:
    """What a node's function is given beside its items and params."""

    def __init__(self, call: StepCall, attempt: Attempt, services: Services) -> None:
        self.call = call
        self._attempt = attempt
        self._services = services
        self.now = call.now
        self.batch: LoopBatch | None = call.batch
        self.run = call.run
        self.timezone = call.run.timezone
        self._opened = _Opened(attempt, services)
        self._item = 0
        self._requests = 0
        self._revealed: dict[tuple[str, ...], tuple[float, Credential | NodeError]] = {}
        self._sessions: dict[str, Session] = {}
        self.lost_s = 0.0
        """How long regular expressions ran that were stopped (`conditions/regex.py`)."""

    def for_item(self, place: int) -> "StepContext":
        """The context for one item: idempotency keys name it. For use on any thread."""
        other = copy(self)
        other._item = place
        other._requests = 0
        return other

    def _next_key(self) -> str:
        key = self._attempt.key(self._item, self._requests)
        self._requests += 1
        return key

    def random(self) -> Random:
        """Chance that is the same for each attempt of this step."""
        return Random(self._attempt.key(0))  # noqa: S311  # no secret is made of it

    def log(self, level: Literal["debug", "info", "warn", "error"], text: str) -> None:
        """Add a line to the step's log."""
        self._attempt.log(level, text)

    @property
    def http(self) -> Http:
        """Requests to the outside: vetted, bounded, each with its idempotency key."""
        limits = self._services.http
        return Http(
            self._attempt, self._opened.transport, self._next_key, limits, self._opened.held
        )

    @property
    def other_runs(self) -> OtherRuns:
        """Runs of other workflows, which this step may make."""
        return self._services.other_runs

    @property
    def memory(self) -> Memory:
        """What this node has seen in earlier runs."""
        return self._services.memory

    @cached_property
    def files(self) -> Files:
        """The files of the run: what items bear under `binary`."""
        services, attempt = self._services, self._attempt
        return Files(self.run, services.files, services.file_bytes, attempt.masked, attempt.keep)

    @property
    def mail(self) -> Mail:
        """Messages, each with an id that stays the same on every attempt."""
        services = self._services
        return Mail(self._attempt, services.egress, services.mailer, self._next_key)

    def address_for(self, recipient: str) -> str:
        """Where this recipient answers this step while it waits; the same on every attempt."""
        call = self.call
        return self._services.addresses.of_step(call.run, call.node, call.iteration, recipient)

    def postgres(self, credential: str) -> Session:
        """The step's session with the database of a credential: vetted, pinned, bounded in time."""
        session = self._sessions.get(credential)
        if session is None or not session.is_open:
            if session is not None:
                session.close()
            values = self.credential(credential, POSTGRES_CREDENTIALS).values
            self._sessions[credential] = self._services.postgres(
                self._services.egress, self._attempt, values
            )
        return self._sessions[credential]

    def key_of(self, item: Item) -> str:
        """The idempotency key of what is done once for an item: the same on every attempt."""
        return self._attempt.key(item.paired[0].item if item.paired else 0)

    def credential(self, id: str, types: Sequence[str]) -> Credential:
        """Reveal a secret at the moment of use; keep it no longer than the request.

        The vault is asked anew every few seconds, not for each of a step's many items, also where
        it has refused.
        """
        at, given = self._revealed.get((id, *types), (-math.inf, None))
        if given is None or time.monotonic() - at > REVEALED_FOR_S:
            vault, run = self._services.credentials, self.call.run
            given = self._asked(
                lambda: vault.reveal(run, id, types, self._attempt.check), (id, *types)
            )
        if isinstance(given, NodeError):
            raise given.with_traceback(None)  # else it would hold those of all items
        return given

    def renewed(self, id: str, types: Sequence[str], refused: Credential) -> Credential:
        """Reveal it with another token than that which its service refused."""
        vault, run = self._services.credentials, self.call.run
        given = self._asked(
            lambda: vault.renew(run, id, types, refused, self._attempt.check), (id, *types)
        )
        if isinstance(given, NodeError):
            raise given
        return given

    def _asked(
        self, ask: Callable[[], Credential], place: tuple[str, ...]
    ) -> Credential | NodeError:
        given: Credential | NodeError
        try:
            given = ask()
            self._attempt.hide(given.secrets)
        except NodeError as error:
            given = error
        self._revealed[place] = (time.monotonic(), given)
        return given

    def pause(self, seconds: float) -> None:
        """Wait between requests, no longer than the attempt is current. Raises RevokedError."""
        self._opened.revoked.wait(min(seconds, self._attempt.remaining_s()))
        self._attempt.check()

    def resolve_late(self, value: Json, item: Item, names: Mapping[str, Json]) -> Json:
        """Resolve the templates of a late parameter, which see their item and these `$names`.

        They cannot see other nodes: those are read on the run's own thread, before it starts.
        Raises ExpressionError, NodeError `expression_no_data`.
        """
        scope = replace(scope_of(self.call, [item]), history=OutOfReach(), names=names)
        compiled = compile_params({"late": value})
        bound = self._services
        resolved = resolve(compiled, scope, bound.sandbox, bound.expression_limits)
        return resolved.params[0].get("late")

    def confined(self, task: str) -> Confined:
        """A process that runs a task on other people's files: `module:function`. Close it."""
        return Confined(task, self._attempt)

    def run_code(self, code: str, items: Items, mode: Literal["all", "each"]) -> Any:
        """Run JavaScript of the builder over items; its console goes to the step's log.

        Gives what it returned, in mode `each` a list with one value an item, or an error where the
        step goes on. Raises JavaScriptError and ExpressionError.
        """
        stop = Stop()
        self._attempt.on_revoke(stop.set)
        try:
            result = transform(
                code,
                scope_of(self.call, items),
                self._services.sandbox,
                mode=mode,
                goes_on=self.call.node.on_error != "stop",
                limits=self._services.code_limits,
                log=self._attempt.log,
                stop=stop,
            )
        except (ExpressionError, JavaScriptError) as error:
            if error.item_index is None:
                raise
            raise of_item(error, error.item_index, len(items)) from error
        if result.rounded:
            self._attempt.log("warn", ROUNDED)
        return result.value

    def run_own_code(self, code: str, data: dict[str, Json]) -> Any:
        """Run JavaScript of ours, which reads `$json`, where Python has no safe equal."""
        return transform(
            code,
            Scope(items=[{"json": data}]),
            self._services.sandbox,
            mode="all",
            limits=self._services.expression_limits,
        ).value

    def close(self) -> None:
        """Close what the step opened."""
        for session in self._sessions.values():
            session.close()
        self._opened.close()


class _Opened:
    """What all the items of a step share: connections, and how much they hold of answers."""

    def __init__(self, attempt: Attempt, services: Services) -> None:
        self._attempt = attempt
        self._services = services
        self._lock = threading.Lock()
        self._transport: httpx.BaseTransport | None = None
        self.held = HeldBytes(services.http.step_bytes)

    @property
    def transport(self) -> httpx.BaseTransport:
        with self._lock:
            if self._transport is None:
                connections = Connections(self._services.egress, self._attempt)
                self._transport = self._services.transport(connections)
            return self._transport

    @cached_property
    def revoked(self) -> threading.Event:
        event = threading.Event()
        self._attempt.on_revoke(event.set)
        return event

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
