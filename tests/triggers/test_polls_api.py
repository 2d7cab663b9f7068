"""The sources that triggers look at, over the API."""

import pytest
from django.utils.timezone import now

from apps.triggers.models import Poll
from apps.workspaces.permissions import Role
from tests.clients import ApiClient
from tests.factories import make_user
from tests.triggers.test_polls_admin import LATER, make_poll

pytestmark = pytest.mark.django_db
POLLS = "/api/v1/polls"


def client(poll: Poll, role: str = Role.OPERATOR) -> ApiClient:
    return ApiClient(make_user(poll.workspace, role))


def test_a_source_tells_why_it_was_not_read() -> None:
    poll = make_poll(failures=3, error="news.test answered 503.", cursor={"seen": []})
    make_poll()
    [told] = client(poll, Role.VIEWER).get(f"{POLLS}?workflow={poll.workflow_id}").json()["results"]
    assert told == {
        "id": str(poll.pk),
        "workspace": str(poll.workspace_id),
        "workflow": str(poll.workflow_id),
        "workflow_name": poll.workflow.name,
        "node": "new",
        "type": "rss_trigger",
        "params": {},
        "is_live": True,
        "looked_at": None,
        "due_at": told["due_at"],
        "failures": 3,
        "error": "news.test answered 503.",
    }


def test_an_operator_has_it_looked_at_now() -> None:
    poll = make_poll()
    answer = client(poll).post(f"{POLLS}/{poll.pk}/look")
    assert answer.status_code == 202
    assert Poll.objects.get().due_at <= now()


def test_one_whose_workflow_is_not_active_is_not_looked_at() -> None:
    poll = make_poll(is_live=False)
    answer = client(poll).post(f"{POLLS}/{poll.pk}/look")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "not_live")
    assert Poll.objects.get().due_at == LATER
