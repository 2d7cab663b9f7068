"""The servers that tests start for themselves: PostgreSQL and Redis, on free ports.

Each owns its folder and is asked which folder it serves before anything is written, so that a
test never touches a server that was there before it.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis

START_S = 30.0
HELD: list[socket.socket] = []
"""What keeps the ports that were handed out."""


class MissingBinaryError(Exception):
    """The machine lacks the program of this server."""


def leave_out(reason: str) -> None:
    """Leave the calling test out for what the machine lacks; in CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"LEFT OUT: {reason}")
    pytest.skip(f"LEFT OUT: {reason}")


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on, and that no other test is given.

    It stays bound until this process ends. A server that allows its address to be reused, as all
    do, can listen on it all the same, now and after a restart.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    HELD.append(held)
    return int(held.getsockname()[1])


class Server:
    """A server process that ends with the process that started it."""

    def __init__(self, name: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"flowforge-{name}-"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """Return the command line that runs the server in the foreground."""
        raise NotImplementedError

    def served_folder(self) -> str:
        """Ask the running server for its data folder."""
        raise NotImplementedError

    def start(self) -> Self:
        """Start, wait until it answers, and make sure that it is ours that answers."""
        give_up_at = time.monotonic() + START_S
        while True:
            if self.process is None or self.process.poll() is not None:
                # Once more, too: what a killed server leaves behind for a moment hinders the next.
                self.launch()
            try:
                served = self.served_folder()
                break
            except (psycopg.OperationalError, redis.ConnectionError) as error:
                if time.monotonic() > give_up_at:
                    raise RuntimeError(
                        f"{self.command()[0]} did not start: {self.log()}"
                    ) from error
                time.sleep(0.05)
        if Path(served) != self.folder:
            raise RuntimeError(f"port {self.port} is served from {served}, not {self.folder}")
        return self

    def launch(self) -> None:
        """Start the process, whether it will answer or not."""
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/"
            )

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the process; SIGKILL for what a crash does."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=START_S)
            self.process = None

    def remove(self) -> None:
        """End the process and remove its folder and log."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.log_file.unlink(missing_ok=True)

    @property
    def log_file(self) -> Path:
        return self.folder.parent / f"{self.folder.name}.log"

    def log(self) -> str:
        """Return the end of what the server wrote."""
        return self.log_file.read_text(errors="replace")[-2000:]


class Postgres(Server):
    """A PostgreSQL that forgets on power loss (fsync off), and is otherwise as in production."""

    def __init__(self, *, disk_mb: int = 0, **settings: str) -> None:
        """With a small disk of its own where one is asked for and can be had, and with these
        settings."""
        self.settings = settings
        self.initdb, self.postgres = find_postgres()
        super().__init__("postgres")
        self.has_own_disk = bool(disk_mb) and mount_memory(self.folder, disk_mb)
        if os.geteuid() == 0:
            shutil.chown(self.folder, *unprivileged())
        initialise = [self.initdb, "--pgdata", str(self.folder), "--username", "flowforge"]
        initialise += ["--auth", "trust", "--encoding", "UTF8", "--no-sync", "--locale", "C.UTF-8"]
        subprocess.run(as_unprivileged(initialise), check=True, capture_output=True, cwd="/")

    def remove(self) -> None:
        self.stop()
        if self.has_own_disk:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
        super().remove()

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Leave it no room on its disk. Leaves the test out where the disk is not its own."""
        if not self.has_own_disk:
            pytest.skip("LEFT OUT: who runs the tests may mount no disk to fill")
        ballast = self.folder / "ballast"
        try:
            with ballast.open("wb", buffering=0) as file:
                for size in (1024**2, 4096):
                    with suppress(OSError):
                        while True:
                            file.write(bytes(size))
            yield
        finally:
            ballast.unlink()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def url(self) -> str:
        return f"postgres://flowforge@127.0.0.1:{self.port}/postgres"

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": "off",
        } | self.settings
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return as_unprivileged(
            [self.postgres, "-D", str(self.folder), "-p", str(self.port), *options]
        )

    def served_folder(self) -> str:
        with psycopg.connect(self.url) as connection:
            row = connection.execute("show data_directory").fetchone()
        assert row is not None
        return str(row[0])


class Redis(Server):
    """A Redis that keeps nothing on disk."""

    def __init__(self) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            raise MissingBinaryError("redis-server is not installed")
        self.binary = binary
        super().__init__("redis")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        options = {
            "--bind": "127.0.0.1",
            "--port": str(self.port),
            "--dir": str(self.folder),
            "--save": "",
            "--appendonly": "no",
        }
        words = [word for pair in options.items() for word in pair]
        return [*dies_with_parent(), self.binary, *words]

    def served_folder(self) -> str:
        with redis.Redis.from_url(self.url) as client:
            return str(client.config_get("dir")["dir"])


def mount_memory(folder: Path, megabytes: int) -> bool:
    """Put a small disk of memory at a folder, where the machine lets us."""
    options = f"size={megabytes}m,mode=0700"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def find_postgres() -> tuple[str, str]:
    """Return initdb and postgres; Debian keeps them beside the PATH."""
    beside = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
    search = os.pathsep.join([os.environ.get("PATH", ""), *map(str, reversed(beside))])
    initdb, postgres = (shutil.which(name, path=search) for name in ("initdb", "postgres"))
    if initdb is None or postgres is None:
        raise MissingBinaryError("PostgreSQL's server is not installed")
    return initdb, postgres


def dies_with_parent() -> list[str]:
    """Return the words before a command that let the kernel end it with its parent."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


def unprivileged() -> tuple[str, str]:
    """Return the user and group that a server runs as which refuses to run as root."""
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return "nobody", "nogroup"
    return "postgres", "postgres"


def as_unprivileged(command: list[str]) -> list[str]:
    """Return the command as another user when this one is root."""
    if os.geteuid() != 0:
        return [*dies_with_parent(), *command]
    user, group = unprivileged()
    other = ["--reuid", user, "--regid", group, "--clear-groups"]
    return [*dies_with_parent(), *other, "--", *command]


def new_database(url: str, name: str, template: str = "template1") -> str:
    """Create a database, by default empty, beside the one of this URL and return its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def wait_for(
    condition: Callable[[], object], seconds: float = 30.0, *, every: float = 0.01
) -> None:
    """Wait until the condition holds; look again every so often, in seconds."""
    give_up_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"not within {seconds} s: {condition}")
        time.sleep(every)


@contextmanager
def paused(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stop a process where it stands, and let it go on at the end."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)
