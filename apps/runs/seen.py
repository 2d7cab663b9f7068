"""What nodes have seen in earlier runs: keys, each taken as new by one step."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from apps.engine.ports import RunInfo
from apps.runs.models import Run, SeenKey, StepRun
from apps.runs.states import TERMINAL, StepStatus
from apps.workflows.models import Workflow

AT_ONCE = 500
Step = tuple[str, int]


class DatabaseMemory:
    """`nodes.inner.Memory` on the database."""

    def take_new(
        self, run: RunInfo, step: Step, scope: str, keys: Sequence[str], most: int
    ) -> list[bool]:
        hashes = [hashlib.sha256(key.encode(errors="surrogatepass")).digest() for key in keys]
        taken: set[bytes] = set()
        for some in _chunks(dict.fromkeys(hashes)):
            with _alone(run):
                taken |= _take(run, step, scope, some)
        with _alone(run):
            _forget_oldest(run, scope, most)
        given = []
        for hash in hashes:
            given.append(hash in taken)
            taken.discard(hash)
        return given

    def forget(self, run: RunInfo, scope: str) -> int:
        with _alone(run):
            return SeenKey.objects.filter(workflow=run.workflow, scope=scope).delete()[0]


@contextmanager
def _alone(run: RunInfo) -> Iterator[None]:
    """Change the keys of a workflow one after the other: two steps that change the same ones, each
    in the order of its items, which tells their age, would wait for each other for ever."""
    with transaction.atomic():
        workflow = Workflow.objects.filter(pk=run.workflow)
        workflow.select_for_update(no_key=True).values_list("pk").first()
        yield


def _take(run: RunInfo, step: Step, scope: str, hashes: list[bytes]) -> set[bytes]:
    """Take those of the keys that are new; gives which."""
    found = SeenKey.objects.filter(workflow=run.workflow, scope=scope, key__in=hashes)
    ours = {"run": run.id, "node_id": step[0], "iteration": step[1]}
    known = {bytes(key) for key in found.values_list("key", flat=True)}
    _void(found).update(**ours, seen_at=timezone.now())
    SeenKey.objects.bulk_create(
        [
            SeenKey(
                workspace_id=run.workspace, workflow_id=run.workflow, scope=scope, key=hash, **ours
            )
            for hash in hashes
            if hash not in known
        ],
        ignore_conflicts=True,
    )
    return {bytes(key) for key in found.filter(**ours).values_list("key", flat=True)}


def _void(keys: QuerySet[SeenKey]) -> QuerySet[SeenKey]:
    """The keys of steps that will never end: their run ended before them."""
    ended = Run.objects.filter(pk=OuterRef("run"), status__in=TERMINAL)
    completed = StepRun.objects.filter(
        run=OuterRef("run"),
        node_id=OuterRef("node_id"),
        iteration=OuterRef("iteration"),
        status=StepStatus.COMPLETED,
    )
    return keys.filter(Exists(ended), ~Exists(completed))


def _forget_oldest(run: RunInfo, scope: str, most: int) -> None:
    of_scope = SeenKey.objects.filter(workflow=run.workflow, scope=scope)
    newest = of_scope.order_by("-id").values_list("id", flat=True)[most : most + 1]
    for last in newest:
        of_scope.filter(id__lte=last).delete()


def _chunks(hashes: Iterable[bytes]) -> Iterator[list[bytes]]:
    hashes = list(hashes)
    for start in range(0, len(hashes), AT_ONCE):
        yield hashes[start : start + AT_ONCE]
