"""Node tests touch no database, and connect to nothing that the egress policy did not choose."""

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from apps.expressions.sandbox import Sandbox
from apps.nodes import context
from apps.nodes.context import Services, bound
from apps.nodes.outside import egress
from tests.nodes.here import Here

_watching = threading.Event()


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not _watching.is_set():
        return
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == egress.__file__:
            return
        frame = frame.f_back  # type: ignore[assignment]
    raise AssertionError(f"a connection past the egress policy: {arguments[1]!r}")


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def only_vetted_connections() -> Iterator[None]:
    """Fail any connect, of any thread, that the egress module does not make."""
    _watching.set()
    yield
    _watching.clear()


@pytest.fixture(scope="package", autouse=True)
def services() -> Iterator[Services]:
    """One sandbox for all tests of nodes, and the strict policy. Others have the product's own."""
    sandbox = Sandbox()
    with bound(Services(sandbox=sandbox)) as services:
        yield services
    sandbox.close()


@pytest.fixture
def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Call parsers here, unless the test asks for a `process`."""
    if "process" not in request.fixturenames:
        monkeypatch.setattr(context, "Confined", Here)


@pytest.fixture
def process() -> None:
    """Run parsers in a process of their own, as a node does."""
