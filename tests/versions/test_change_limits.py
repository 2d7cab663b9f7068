"""To change what a published workflow allows its runs: a version, its publishing, and the draft."""

from typing import Any

import pytest

from apps.engine.errors import FaultsError, FlowForgeError
from apps.runs.create import RunRequest, create_run
from apps.runs.states import Trigger
from apps.versions.change_limits import LimitsChange, change_limits
from apps.versions.draft import replace_draft
from apps.versions.models import WorkflowVersion
from apps.workflows.activate import archive_workflow
from apps.workflows.models import Workflow
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import AuditEntry
from tests.factories import make_user, make_version, make_workflow
from tests.graphs import Document, chain, graph, node

pytestmark = pytest.mark.django_db

KEY = "={{ $json.body.customer }}"


def published(**settings: Any) -> Workflow:
    """A workflow with these settings, published, and its draft the same."""
    workflow = make_workflow(draft_graph=chain("start", "end", **settings))
    make_version(workflow, chain("start", "end", **settings), is_published=True)
    return Workflow.objects.get()


def change(workflow: Workflow, **limits: Any) -> LimitsChange | None:
    return change_limits(workflow, limits, seen=workflow.version, by=make_user())


def published_settings() -> Document:
    workflow = Workflow.objects.get()
    settings: Document = workflow.versions.get(version=workflow.version).graph_json["settings"]
    return settings


def draft_settings() -> Document:
    settings: Document = Workflow.objects.get().draft_graph["settings"]
    return settings


def test_a_version_is_published_with_the_limits_and_all_else_as_it_was() -> None:
    workflow = published(timezone="Europe/Riga", concurrency=5)
    done = change(workflow, concurrency={"limit": 2, "key": KEY}, timeout_s=90)
    assert done is not None
    assert (done.version, Workflow.objects.get().version) == (2, 2)
    first, second = WorkflowVersion.objects.order_by("version")
    assert second.graph_json == first.graph_json | {"settings": published_settings()}
    assert published_settings() == {
        "timezone": "Europe/Riga",
        "concurrency": {"limit": 2, "key": KEY},
        "timeout_s": 90,
    }
    told = f"runs at once 5 → 2 for each {KEY}, longest time of a run no limit → 90 s"
    assert done.told == told
    assert second.note == f"Limits changed: {told}"


def test_a_limit_that_is_not_given_is_none_any_more() -> None:
    workflow = published(
        concurrency=5,
        rate_limit={"limit": 3, "per_s": 60},
        timeout_s=9,
        step_budget=7,
        priority="high",
    )
    done = change(workflow)
    assert published_settings() == draft_settings() == {}
    assert done is not None
    assert done.told == (
        "runs at once 5 → no limit, starts 3 in 60 s → no limit, longest time of a run 9 s → "
        "no limit, most steps of a run 7 → 100,000, priority high → default"
    )


def test_the_draft_gets_them_too_as_one_change() -> None:
    workflow = published(concurrency=5)
    edited = chain("start", "end", "more", concurrency={"limit": 5}, timezone="Europe/Riga")
    replace_draft(workflow, edited, workflow.draft_revision)
    before = Workflow.objects.get().draft_revision
    change(workflow, concurrency={"limit": 2})
    draft = Workflow.objects.get()
    assert draft.draft_revision == before + 1
    assert draft.draft_graph == edited | {
        "settings": {"concurrency": {"limit": 2}, "timezone": "Europe/Riga"}
    }
    with pytest.raises(ConflictError, match="changed meanwhile"):
        replace_draft(draft, edited, before)


def test_a_limit_that_somebody_is_editing_stays_in_the_draft() -> None:
    workflow = published(concurrency=5, priority="low")
    replace_draft(workflow, chain("start", "end", concurrency=10, priority="low"), 0)
    done = change(workflow, concurrency={"limit": 2}, priority="high")
    assert published_settings() == {"concurrency": {"limit": 2}, "priority": "high"}
    assert draft_settings() == {"concurrency": 10, "priority": "high"}
    assert done is not None
    assert done.left_in_draft == "runs at once 10"


def test_a_draft_that_has_them_already_is_left_alone() -> None:
    workflow = published(concurrency=5)
    replace_draft(workflow, chain("start", "end", concurrency=2), 0)
    done = change(workflow, concurrency={"limit": 2})
    assert done is not None
    assert done.left_in_draft == ""
    assert Workflow.objects.get().draft_revision == 1


def test_limits_that_are_these_already_make_nothing() -> None:
    workflow = published(concurrency=5, timeout_s=90)
    same = {"concurrency": {"limit": 5}, "timeout_s": 90.0, "step_budget": 100_000}
    assert change(workflow, **same, priority="default", rate_limit=None) is None
    assert WorkflowVersion.objects.count() == 1
    assert Workflow.objects.get().draft_revision == workflow.draft_revision
    assert not AuditEntry.objects.filter(action="workflow.limits").exists()


def test_limits_of_before_publish_the_version_of_before() -> None:
    workflow = published(concurrency={"limit": 5})
    change(workflow, concurrency={"limit": 2})
    workflow.refresh_from_db()
    done = change(workflow, concurrency={"limit": 5})
    assert done is not None
    assert done.version == 1
    assert WorkflowVersion.objects.count() == 2


def test_it_is_audited_in_words() -> None:
    change(published(concurrency=5), concurrency={"limit": 2})
    entry = AuditEntry.objects.get(action="workflow.limits")
    assert entry.detail == {
        "version": 2,
        "changes": {"Runs at once": ["5", "2"], "draft_revision": [0, 1]},
    }
    assert AuditEntry.objects.filter(action__in=("version.save", "version.publish")).count() > 2


@pytest.mark.parametrize(
    ("limits", "path"),
    [
        ({"concurrency": {"limit": 0}}, "settings.concurrency.limit"),
        ({"concurrency": {"key": KEY}}, "settings.concurrency.limit"),
        # JavaScript: nobody could read it where runs are made.
        ({"concurrency": {"limit": 1, "key": "={{ 1 + 1 }}"}}, "settings.concurrency.key"),
        ({"rate_limit": {"limit": 1}}, "settings.rate_limit.per_s"),
        ({"timeout_s": 0}, "settings.timeout_s"),
        ({"step_budget": -1}, "settings.step_budget"),
        ({"priority": "now"}, "settings.priority"),
    ],
)
def test_what_is_no_limit_is_told_by_its_path_and_nothing_is_made(limits: Any, path: str) -> None:
    workflow = published()
    with pytest.raises(FaultsError) as refused:
        change(workflow, **limits)
    assert [fault.path for fault in refused.value.faults] == [path]
    assert WorkflowVersion.objects.count() == 1


def test_a_graph_that_could_not_be_published_today_is_refused_whole() -> None:
    workflow = make_workflow()
    gone = graph([node("start", "manual"), node("x", "of_yesterday")], ["start -> x"])
    WorkflowVersion.objects.create(
        workspace=workflow.workspace, workflow=workflow, version=1, graph_json=gone, content_hash=""
    )
    Workflow.objects.update(version=1)
    workflow.refresh_from_db()
    with pytest.raises(FaultsError) as refused:
        change(workflow, concurrency={"limit": 2})
    assert "of_yesterday" in refused.value.faults[0].message
    assert WorkflowVersion.objects.count() == 1
    assert Workflow.objects.get().draft_revision == workflow.draft_revision


def test_what_cannot_follow_a_new_version_leaves_no_version_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workflow = published()

    def refuse(*_: Any, **__: Any) -> None:
        raise FlowForgeError("busy", "Its address is taken.")

    monkeypatch.setattr("apps.versions.change_limits.publish_version", refuse)
    with pytest.raises(FlowForgeError, match="taken"):
        change(workflow, concurrency={"limit": 2})
    assert WorkflowVersion.objects.count() == 1


def test_what_another_version_has_by_now_is_not_overwritten() -> None:
    workflow = published(concurrency=5)
    make_version(workflow, chain("start", "end", concurrency=7), is_published=True)
    with pytest.raises(ConflictError, match="Version 2 was published meanwhile"):
        change_limits(workflow, {"concurrency": {"limit": 2}}, seen=1, by=None)
    assert published_settings() == {"concurrency": 7}


def test_what_was_never_published_or_is_archived_is_refused() -> None:
    workflow = make_workflow()
    with pytest.raises(ConflictError, match="no published version"):
        change(workflow, concurrency={"limit": 2})
    archived = make_version(is_published=True).workflow
    archive_workflow(archived, by=None)
    with pytest.raises(ConflictError, match="archived"):
        change(archived, concurrency={"limit": 2})


def test_they_count_for_runs_that_are_made_from_then_on() -> None:
    workflow = published(concurrency=5)
    request = RunRequest(trigger=Trigger.API, trigger_node="start", items=[{"json": {}}])
    old = create_run(workflow.versions.get(), request)
    change(workflow, concurrency={"limit": 2}, priority="high", timeout_s=90)
    new = create_run(workflow.versions.get(version=2), request)
    old.refresh_from_db()
    assert (old.slots, old.priority, old.deadline_at) == (5, 0, None)
    assert (new.slots, new.priority) == (2, 1)
    assert new.deadline_at is not None
