"""What the admin shows of the sources that triggers look at, and what staff do to them."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from apps.triggers.models import Poll
from apps.workspaces.models import AuditEntry
from apps.workspaces.permissions import Role
from tests.clients import ApiClient
from tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db
POLLS = "/admin/triggers/poll/"
FORM = "application/x-www-form-urlencoded"
LATER = now().replace(year=2999)


def make_poll(**fields: Any) -> Poll:
    version = make_version(is_published=True)
    known = {"is_live": True, "due_at": LATER, "type": "rss_trigger", "params": {}}
    return Poll.objects.create(
        workspace=version.workspace,
        workflow=version.workflow,
        version=version,
        node_id="new",
        **known | fields,
    )


def staff(poll: Poll, role: str = Role.OPERATOR) -> ApiClient:
    return ApiClient(make_user(poll.workspace, role, is_staff=True))


def look_now(client: ApiClient, *polls: Poll) -> HttpResponse:
    chosen = "".join(f"&_selected_action={poll.pk}" for poll in polls)
    return client.post(POLLS, f"action=look_at_all{chosen}".encode(), content_type=FORM)


def told(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_the_list_says_which_fail_why_and_how_often() -> None:
    poll = make_poll(failures=7, error="news.test answered 503.")
    shown = staff(poll, Role.VIEWER).get(POLLS).content.decode()
    assert "news.test answered 503." in shown
    assert ">7<" in "".join(shown.split())


def test_the_list_leads_to_each_source_and_to_its_workflow() -> None:
    poll = make_poll()
    shown = staff(poll, Role.VIEWER).get(POLLS).content.decode()
    links = re.findall(r'<a[^>]* href="([^"]+)"[^>]*>\s*([^<\s][^<]*?)\s*</a>', shown)
    assert (f"{POLLS}{poll.pk}/change/", "new") in links
    assert (f"/admin/workflows/workflow/{poll.workflow_id}/change/", poll.workflow.name) in links


def test_the_list_asks_no_more_for_more_rows() -> None:
    poll = make_poll()
    client = staff(poll)
    client.get(POLLS)
    with CaptureQueriesContext(
        connection,
    ) as of_one:
        client.get(POLLS)
    for number in range(5):
        Poll.objects.create(
            workspace=poll.workspace,
            workflow=poll.workflow,
            version=poll.version,
            node_id=f"n{number}",
            type="rss_trigger",
            params={},
            due_at=LATER,
        )
    with CaptureQueriesContext(connection) as of_six:
        client.get(POLLS)
    assert len(of_six) == len(of_one)


def test_an_operator_has_a_source_looked_at_now() -> None:
    poll, foreign, asleep = make_poll(), make_poll(), make_poll(is_live=False)
    Poll.objects.filter(pk=asleep.pk).update(workspace=poll.workspace)
    answer = look_now(staff(poll), poll, foreign, asleep)
    assert answer.status_code == 302
    assert told(answer) == [
        f"{asleep}: Its workflow is not active, so nothing looks.",
        "1 source to be looked at now.",
    ]
    due = dict(Poll.objects.values_list("pk", "due_at"))
    assert due[poll.pk] <= now()
    assert due[foreign.pk] == due[asleep.pk] == LATER
    [entry] = AuditEntry.objects.filter(action="poll.look")
    assert entry.object_id == poll.pk


def test_a_viewer_is_not_offered_it() -> None:
    poll = make_poll()
    look_now(staff(poll, Role.VIEWER), poll)
    assert Poll.objects.get(pk=poll.pk).due_at == LATER
