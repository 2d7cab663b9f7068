"""The table of moves: the test database holds every test to it."""

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.runs.models import Run
from apps.runs.states import MOVES, TERMINAL, RunStatus
from tests.factories import make_run

pytestmark = pytest.mark.django_db


def move(run: Run, status: RunStatus) -> None:
    ended = timezone.now() if status in TERMINAL else None
    with transaction.atomic():
        Run.objects.filter(pk=run.pk).update(status=status, finished_at=ended)


@pytest.mark.parametrize("new", RunStatus)
@pytest.mark.parametrize("old", RunStatus)
def test_no_write_moves_a_run_where_the_table_has_no_move(old: RunStatus, new: RunStatus) -> None:
    run = make_run(status=old)
    if new == old or new in MOVES[old]:
        move(run, new)
    else:
        with pytest.raises(DatabaseError, match="has no"):
            move(run, new)
