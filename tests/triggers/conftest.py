from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone

from apps.runs import sql
from tests.triggers.scheduled import START


@pytest.fixture
def at_start(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock, also the database's, stands at START."""
    monkeypatch.setattr(sql, "database_now", timezone.now)
    with time_machine.travel(START, tick=False):
        yield
