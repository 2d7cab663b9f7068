"""How staff change the limits of a workflow on its page in the admin."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.urls import reverse
from psycopg.errors import LockNotAvailable

from apps.runs.admin import limits
from apps.workflows.activate import archive_workflow
from apps.workflows.models import Workflow
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient
from tests.factories import make_user, make_version, make_workflow
from tests.graphs import chain
from tests.staff import FORM, shown, superuser, told

pytestmark = pytest.mark.django_db

KEY = "={{ $json.body.customer }}"


def published(**settings: Any) -> Workflow:
    workflow = make_workflow(draft_graph=chain("start", "end", **settings))
    return make_version(workflow, chain("start", "end", **settings), is_published=True).workflow


def staff(workflow: Workflow, role: str) -> ApiClient:
    return ApiClient(make_user(workflow.workspace, role, is_staff=True))


def page(workflow: Workflow, name: str = "change_limits") -> str:
    return reverse(f"admin:workflows_workflow_{name}", args=[workflow.pk])


def send(client: ApiClient, workflow: Workflow, **fields: Any) -> HttpResponse:
    asked = {"_form_submitted": "on", "seen": 1, "priority": "default"} | fields
    return client.post(page(workflow), urlencode(asked).encode(), content_type=FORM)


def settings_of(workflow: Workflow) -> Any:
    current = Workflow.objects.get(pk=workflow.pk)
    return current.versions.get(version=current.version).graph_json["settings"]


@pytest.mark.parametrize(
    ("said", "cause"), [("lock timeout", LockNotAvailable()), ("database is locked", None)]
)
def test_who_asks_while_somebody_else_holds_the_workflow_is_told_so(
    said: str, cause: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waits_in_vain(*args: Any, **how: Any) -> None:
        raise OperationalError(said) from cause

    monkeypatch.setattr(limits, "change_limits", waits_in_vain)
    workflow = published()
    answer = send(superuser(), workflow, timeout_s=9)
    assert told(answer) == ["Somebody else changes it just now. Nothing was done; try again."]
    assert answer["Location"] == page(workflow, "change")


def test_the_dialog_shows_the_limits_of_the_published_version() -> None:
    workflow = published(
        concurrency={"limit": 3, "key": KEY}, rate_limit={"limit": 5, "per_s": 60}, timeout_s=90
    )
    text = shown(superuser(), page(workflow))
    for name, value in (
        ("concurrency__limit", 3),
        ("concurrency__key", KEY),
        ("rate_limit__limit", 5),
        ("rate_limit__per_s", 60),
        ("timeout_s", 90),
        ("step_budget", 100_000),
    ):
        assert f'name="{name}" value="{value}"' in text
    assert '<option value="default" selected>' in text
    assert "for runs that are made from now on" in text
    assert "others in the draft" not in text


def test_superusers_and_editors_change_limits() -> None:
    workflow = published(concurrency=5)
    for version, client in enumerate((superuser(), staff(workflow, "editor")), 1):
        assert page(workflow) in shown(client, page(workflow, "change"))
        answer = send(client, workflow, seen=version, concurrency__limit=version)
        assert told(answer)[0].startswith(f"Version {version + 1} is published: runs at once")
        assert settings_of(workflow) == {"concurrency": {"limit": version}}
    entry = AuditEntry.objects.filter(action="workflow.limits").latest("id")
    assert (entry.way, entry.detail["changes"]["Runs at once"]) == ("admin", ["1", "2"])


def test_all_limits_are_fields() -> None:
    workflow = published()
    send(
        superuser(),
        workflow,
        concurrency__limit="4",
        concurrency__key=KEY,
        rate_limit__limit="10",
        rate_limit__per_s="60",
        rate_limit__key="={{ $json.body.shop }}",
        timeout_s="1.5",
        step_budget="500",
        priority="high",
    )
    assert settings_of(workflow) == {
        "concurrency": {"limit": 4, "key": KEY},
        "rate_limit": {"limit": 10, "per_s": 60, "key": "={{ $json.body.shop }}"},
        "timeout_s": 1.5,
        "step_budget": 500,
        "priority": "high",
    }


def test_operators_are_not_offered_it_and_are_refused() -> None:
    workflow = published(concurrency=5)
    client = staff(workflow, "operator")
    assert page(workflow) not in shown(client, page(workflow, "change"))
    assert client.get(page(workflow)).status_code == 403
    assert send(client, workflow, concurrency__limit=1).status_code == 403
    assert settings_of(workflow) == {"concurrency": 5}


def test_staff_of_another_workspace_are_refused() -> None:
    workflow = published(concurrency=5)
    stranger = staff(published(), "admin")
    assert send(stranger, workflow, concurrency__limit=1).status_code in (403, 404)
    assert settings_of(workflow) == {"concurrency": 5}


def test_what_was_never_published_or_is_archived_is_not_offered_it_and_is_told_why() -> None:
    client = superuser()
    never, archived = make_workflow(), published()
    archive_workflow(archived, by=None)
    for workflow, why in ((never, "no published version"), (archived, "archived")):
        assert page(workflow) not in shown(client, page(workflow, "change"))
        assert why in told(send(client, workflow, concurrency__limit=1))[0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"concurrency__limit": "0"}, "It must be a whole number from 1 to 10,000, not 0."),
        # Browsers would send nothing of it from a field for numbers, which is no limit.
        ({"concurrency__limit": "five"}, "Enter a whole number."),
        ({"concurrency__key": KEY}, "It is missing."),
        ({"concurrency__limit": "1", "concurrency__key": "={{ 1 + 1 }}"}, "The key can hold text"),
        ({"concurrency__limit": "1", "concurrency__key": "$json.a"}, "Begin it with “=”"),
        ({"rate_limit__limit": "1"}, "It is missing."),
        ({"rate_limit__limit": "1", "rate_limit__per_s": "90000"}, "from 1 to 86,400"),
        ({"timeout_s": "0"}, "It must be a number of seconds above 0"),
        ({"timeout_s": "inf"}, "Enter a number."),
        ({"step_budget": "-1"}, "It must be a whole number from 1 to 10,000,000, not -1."),
        ({"priority": "now"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(fields: Any, said: str) -> None:
    workflow = published(concurrency=5)
    text = " ".join(send(superuser(), workflow, **fields).content.decode().split())
    assert said in text
    assert settings_of(workflow) == {"concurrency": 5}


def test_a_key_that_is_no_expression_may_stay_as_it_is() -> None:
    workflow = published(concurrency={"limit": 5, "key": "all"})
    send(superuser(), workflow, concurrency__limit=2, concurrency__key="all")
    assert settings_of(workflow) == {"concurrency": {"limit": 2, "key": "all"}}


def test_no_change_is_said() -> None:
    workflow = published(concurrency=5)
    assert told(send(superuser(), workflow, concurrency__limit=5)) == [
        "Nothing was changed: its limits are these already."
    ]
    assert workflow.versions.count() == 1


def test_limits_that_the_draft_has_otherwise_are_told_before_and_after() -> None:
    workflow = published(concurrency=5)
    Workflow.objects.update(draft_graph=chain("start", "end", concurrency=10))
    text = shown(superuser(), page(workflow))
    assert '<li style="overflow-wrap: anywhere">Runs at once: 10 (published: 5)</li>' in text
    answer = send(superuser(), workflow, concurrency__limit=2)
    assert told(answer)[0].endswith("5 → 2. The draft keeps runs at once 10.")


def test_what_was_published_while_the_dialog_was_open_is_not_overwritten() -> None:
    workflow = published(concurrency=5)
    make_version(workflow, chain("start", "end", concurrency=7), is_published=True)
    answer = send(superuser(), workflow, seen=1, concurrency__limit=2)
    assert "Version 2 was published meanwhile" in told(answer)[0]
    assert settings_of(workflow) == {"concurrency": 7}


def test_all_that_is_wrong_is_said_at_once() -> None:
    fields = {"concurrency__limit": "five", "concurrency__key": "all", "rate_limit__limit": "1"}
    text = send(superuser(), published(), **fields).content.decode()
    for said in ("Enter a whole number.", "Begin it with “=”", "It is missing."):
        assert text.count(said) == 1
    [focused] = re.findall("<[^>]* autofocus[^>]*>", text)
    assert 'name="concurrency__limit"' in focused
