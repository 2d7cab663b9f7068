"""Takes workers out of work, and back, or ends them."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from apps.runs.ask_drain import ask_to_drain, undo_drain
from apps.runs.ask_stop import ask_to_stop
from apps.runs.models import Worker
from apps.runs.states import RunStatus, WorkerState
from apps.workspaces.errors import ConflictError

LOOK_S = 0.5


class Command(BaseCommand):
    help = (
        "Have workers claim nothing more and hand back their runs, until they are restarted or "
        "told otherwise (--undo); or end (--stop). Without arguments: show what all workers do."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("worker", nargs="*", help="its id, or host:pid")
        parser.add_argument("--all", action="store_true", help="all workers")
        parser.add_argument("--host", help="the workers of a host")
        parser.add_argument("--undo", action="store_true", help="have them work again")
        parser.add_argument("--stop", action="store_true", help="have their processes end then")
        parser.add_argument(
            "--wait", action="store_true", help="return once they hold nothing, or have ended"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names, host = options["worker"], options["host"]
        if sum(map(bool, (names, host, options["all"]))) > 1:
            raise CommandError("Name workers, or a host, or say --all: only one of these.")
        if options["undo"] and options["wait"]:
            raise CommandError("There is nothing to wait for where a drain is undone.")
        if options["undo"] and options["stop"]:
            raise CommandError("A stop cannot be undone: say --undo or --stop.")
        rows = Worker.objects.order_by("host", "pid")
        if not (names or host or options["all"]):
            if options["undo"] or options["stop"] or options["wait"]:
                raise CommandError("Which workers? Name them, or a --host, or say --all.")
            self._show(list(rows))
            return
        chosen = list(rows.filter(host=host)) if host else _named(names) if names else list(rows)
        if not chosen:
            raise CommandError(f"There is no worker{f' of the host {host}' if host else ''}.")
        deed = undo_drain if options["undo"] else ask_to_stop if options["stop"] else ask_to_drain
        ids = [worker.pk for worker in chosen if self._asked(worker, deed)]
        if options["wait"]:
            self._wait(ids)
        else:
            self._show(list(rows.filter(pk__in=ids)))
        if len(ids) < len(chosen):
            raise CommandError("Not all of them were asked.")

    def _asked(self, worker: Worker, deed: Callable[..., None]) -> bool:
        """Ask a worker; False where that is refused. Who has ended is as good as asked."""
        try:
            deed(worker, by=None)
        except ConflictError as refused:
            self.stderr.write(refused.message)
            return refused.code == "worker_gone"
        return True

    def _show(self, workers: list[Worker]) -> None:
        for worker in workers:
            self.stdout.write(_line(worker))

    def _wait(self, ids: list[UUID]) -> None:
        told: dict[UUID, str] = {}
        while True:
            workers = list(Worker.objects.filter(pk__in=ids))
            for worker in workers:
                if told.get(worker.pk) != (line := _line(worker)):
                    told[worker.pk] = line
                    self.stdout.write(line)
            # Who has ended is as good as drained.
            states = {worker.state for worker in workers}
            if WorkerState.WORKING in states:
                raise CommandError("Somebody had a worker work again.")
            if not states & {WorkerState.DRAINING, WorkerState.STOPPING}:
                break
            time.sleep(LOOK_S)
        if WorkerState.STUCK in states:
            raise CommandError("A worker does not stop: end its process on its host.")
        if WorkerState.SILENT in states:
            raise CommandError("A worker is silent: others take over what it holds.")


def _line(worker: Worker) -> str:
    held = worker.runs.filter(status=RunStatus.RUNNING).count()
    return f"{worker}  {worker.pk}  {worker.state}, holds {held}"


def _named(names: list[str]) -> list[Worker]:
    found, missing = [], []
    for name in names:
        rows = list(Worker.objects.filter(_is(name)))
        found += rows
        missing += [] if rows else [name]
    if missing:
        raise CommandError(f"There is no worker {', '.join(missing)}.")
    return found


def _is(name: str) -> Q:
    host, _, pid = name.rpartition(":")
    if host and pid.isascii() and pid.isdigit() and len(pid) < 10:
        return Q(host=host, pid=int(pid))
    try:
        return Q(pk=UUID(name))
    except ValueError:
        raise CommandError(f"A worker is named by its id or as host:pid, not {name!r}.") from None
