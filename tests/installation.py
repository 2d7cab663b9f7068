"""A FlowForge of its own for a test: its data, and real processes, started as a user would."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import httpx

from tests.services import dies_with_parent, free_port, wait_for

ROOT = Path(__file__).parent.parent
TLS = httpx.create_ssl_context()
"""Made once: each call would read all authorities anew, which no plain request needs."""
START_S = 100.0
MANAGE_S = 600.0
"""All migrations are most of a minute on a slow machine by itself."""


class Process:
    """A process of an installation, and what it said."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                [*dies_with_parent(), *command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal, wait for the end, and give the exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(how)
        return self.popen.wait(timeout=30)


class Installation:
    """Where it lies, how to reach it, and the processes that run. Ends them all at the end."""

    def __init__(self, folder: Path, database_url: str = "", redis_url: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: list[Process] = []
        self.api_key = self.email = self.password = ""
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
        } | {
            "VAR_DIR": str(folder / "var"),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "EGRESS_ALLOW": f"127.0.0.1:{self.port}",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "PYTHONUNBUFFERED": "1",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for process in self.processes:
            process.end(signal.SIGKILL)

    def start(self, *command: str, **environment: str) -> Process:
        """Start `python <command>` in this installation."""
        environment = self.environment | environment
        return self.keep(Process([sys.executable, *command], environment, self.next_log))

    @property
    def next_log(self) -> Path:
        """Where the next process may say what it has to say."""
        return self.folder / f"{len(self.processes)}.log"

    def keep(self, process: Process) -> Process:
        """Count a process among ours: it is ended with them."""
        self.processes.append(process)
        return process

    def manage(self, *command: str) -> str:
        """Run a management command and give what it prints."""
        process = self.start("manage.py", *command)
        assert process.popen.wait(timeout=MANAGE_S) == 0, process.output()
        return process.output()

    def serve(self) -> Process:
        """Start the server and wait until it answers; remember what a first start prints."""
        process = self.start("-m", "flowforge.serve")
        wait_for(lambda: self.is_up() or process.popen.poll() is not None, START_S, every=0.1)
        assert process.popen.poll() is None, process.output()
        if not self.api_key:
            self.remember_access(process.output())
        return process

    def remember_access(self, said: str) -> None:
        """Find the ways in, in what the first start or `setup_demo` said."""
        for name, pattern in (
            ("email", r"\S+@localhost"),
            ("password", r"password +(\S+)"),
            ("api_key", r"API key +(\S+)"),
        ):
            if found := re.search(pattern, said):
                setattr(self, name, found[found.lastindex or 0])

    def is_up(self, url: str = "") -> bool:
        try:
            return httpx.get(f"{url or self.url}/healthz", verify=TLS).status_code == 200
        except httpx.TransportError:
            return False

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API with the demo's key; the answer must be a good one."""
        url = f"{self.url}/api/v1/{path}"
        answer = httpx.request(method, url, json=body, headers=self.headers, timeout=30, verify=TLS)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"}

    def workflow(self, graph: Any, name: str = "Under test") -> str:
        """Make an active workflow of this graph and give its id."""
        workspace = self.api("GET", "workspaces")["results"][0]["id"]
        workflow = self.api("POST", "workflows", {"workspace": workspace, "name": name})["id"]
        version = self.api("POST", f"workflows/{workflow}/versions", {"graph": graph})["version"]
        self.api("POST", f"workflows/{workflow}/publish", {"version": version})
        self.api("POST", f"workflows/{workflow}/activate")
        return str(workflow)

    def hook(self, path: str, body: Any) -> str:
        """Send JSON to a hook and give the id of the run that it started."""
        answer = httpx.post(f"{self.url}/hooks/{path}", json=body, timeout=30, verify=TLS)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["run"])

    def run(self, id: str) -> dict[str, Any]:
        return dict(self.api("GET", f"runs/{id}"))

    def ended(self, id: str, seconds: float = 60) -> dict[str, Any]:
        """Wait until the run has ended and give it; who waits in vain is told what it is at."""
        try:
            wait_for(lambda: self.run(id)["finished_at"], seconds, every=0.05)
        except TimeoutError as error:
            steps = self.api("GET", f"runs/{id}/steps")["results"]
            error.add_note(f"{self.run(id)}\n{steps}\n{self.processes[-1].output()[-5_000:]}")
            raise
        return self.run(id)

    def events(self, id: str, after: int = 0) -> Iterator[tuple[int, str]]:
        """Number and name of each event as it comes, until the stream ends."""
        with self.stream(id, after) as lines:
            seq = 0
            for line in lines:
                key, _, value = line.partition(": ")
                if key == "id":
                    seq = int(value)
                elif key == "event":
                    yield seq, value

    @contextmanager
    def stream(self, id: str, after: int = 0) -> Iterator[Iterator[str]]:
        url = f"{self.url}/api/v1/runs/{id}/events?after={after}"
        with httpx.stream("GET", url, headers=self.headers, timeout=30, verify=TLS) as answer:
            assert answer.status_code == 200
            yield answer.iter_lines()
