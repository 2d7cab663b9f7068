"""Lists read what they show, however many runs there are: rows are counted, and nothing is timed.

`FULL=1` has a million runs; `python -m tests.bench.pages` times all pages.
"""

import json
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from apps.runs.models import Run
from apps.workspaces.models import User
from tests.clients import ApiClient
from tests.operations.seeded import MANY, seeded
from tests.runs.test_reads import read_too_much

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1_800)]


@pytest.fixture
def client() -> ApiClient:
    owner = seeded(MANY)
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    return ApiClient(owner)


def test_lists_read_no_more_than_they_show(client: ApiClient) -> None:
    long_ago = (timezone.now() - timedelta(days=1_000)).isoformat().replace("+", "%2B")
    pages = [
        "workflows",
        "runs",
        "runs?status=pending",
        "runs?trigger=child",
        "runs?version=1",
        f"runs?version=1&workflow={Run.objects.order_by('-id')[0].workflow_id}",
        f"runs?started_before={long_ago}",
        "/admin/runs/run/",
        "/admin/workspaces/auditentry/",
        "/admin/workspaces/auditentry/?action=run.delete",
    ]
    too_many = {}
    for page in pages:
        greedy = read_too_much(partial(look, client, page))
        too_many |= {page: greedy} if greedy else {}

    assert not too_many, json.dumps(too_many, indent=1)


def look(client: ApiClient, page: str) -> None:
    assert client.get(page).status_code == 200
