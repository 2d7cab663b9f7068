"""A jshost process has every wall around it, and they hold."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.expressions import confine
from apps.expressions.child import JSHOST, Child, engine_folder
from apps.expressions.sandbox import Sandbox
from tests.expressions.pool import status_of


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child()
    child.start()
    yield child
    child.kill()


def test_a_child_has_put_up_every_wall(child: Child) -> None:
    assert child.missing_walls == {}
    status = status_of(child.pid)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_walls_that_are_missing_are_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def start_without_a_filter(child: Child) -> None:
        start(child)
        child.missing_walls = {"seccomp": "Operation not permitted"}

    start = Child.start
    monkeypatch.setattr(Child, "start", start_without_a_filter)
    for _ in range(2):
        sandbox = Sandbox(size=1)
        assert sandbox.missing_walls() == {"seccomp": "Operation not permitted"}
        sandbox.close()
    [told] = caplog.messages
    assert "seccomp: Operation not permitted" in told


@pytest.mark.skipif(os.geteuid() != 0, reason="LEFT OUT: only root may look into a child")
def test_a_child_has_no_environment_and_only_its_pipe(child: Child) -> None:
    process = Path(f"/proc/{child.pid}")
    assert (process / "environ").read_bytes() == b""
    assert (process / "cwd").readlink() == Path("/")
    ends = {int(end.name): str(end.readlink()) for end in (process / "fd").iterdir()}
    assert set(ends) == {0, 1, 2}
    assert ends[0].startswith("pipe:")
    assert ends[1].startswith("pipe:")
    assert ends[2] == "/dev/null"


ATTEMPTS = """
import ctypes, mmap, os, socket, sys, resource
sys.path.append(sys.argv[1])
import confine
assert not confine.confine(512 << 20)
def fails(attempt):
    try:
        attempt()
    except (OSError, MemoryError):
        return True
    return False
print([name for name, attempt in {
    "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "list": lambda: os.listdir("/"),
    "socket": lambda: socket.socket(),
    "fork": lambda: os.fork() or os._exit(0),
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "kill": lambda: os.kill(os.getppid(), 0),
    "limits of the parent": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU),
    "executable memory": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC),
    "memory": lambda: bytearray(600 << 20),
    "pipe": lambda: os.pipe(),
}.items() if not fails(attempt)])
"""


def test_the_walls_hold() -> None:
    command = [sys.executable, "-I", "-S", "-c", ATTEMPTS, str(JSHOST.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("machine", confine.MACHINES.values(), ids=confine.MACHINES)
def test_the_filter_jumps_to_where_it_should(machine: confine.Machine) -> None:
    program = confine.filter_program(machine)
    assert all(len(instruction) == 8 for instruction in program)
    assert len({*machine.free.values(), *machine.with_prot.values()}) == len(machine.free) + 2


def test_the_parent_never_loads_the_engine() -> None:
    code = (
        "import sys; from apps.expressions.child import Child; Child().kill();"
        "print('_quickjs' in sys.modules, 'django' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
    assert Path(engine_folder()).is_dir()
