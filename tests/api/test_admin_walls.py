"""Staff of one workspace reach nothing of another by any page of the admin.

The pages are those of Django's resolver, the lists and actions those of its registry: a new one is
asked here without anybody thinking of it.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, F, ForeignKey, Model, TextField, Value
from django.db.models.functions import Concat
from django.test import RequestFactory
from django.urls import reverse

from apps.operations.models import BulkJob
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workspaces.admin_dialogs import IS_SURE
from apps.workspaces.models import User
from apps.workspaces.permissions import Role
from tests.api.admin_pages import ADMIN_MODELS, OF_INSTALLATION, admin_page, rows_of
from tests.api.resolver import ROUTES, is_of_admin
from tests.api.routes import Scene
from tests.clients import ApiClient
from tests.factories import make_member, make_user
from tests.graphs import graph, node

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

FORM = "application/x-www-form-urlencoded"
MARK = "zzforeign"
"""Stands in the names and texts of what is foreign."""
TYPED = MARK[:6]
"""What is typed to find that: pages show again what was typed, and then nothing with the mark."""
NAMED = {"name", "title", "subject", "text", "email", "path", "value", "error_code", "reason"}
ARGUMENT = re.compile("<[^>]*>")
PAGES = [
    path
    for name, path, _ in ROUTES
    if is_of_admin(name) and "(?P<" not in path and name != "admin:logout"
]
LISTS = sorted(ADMIN_MODELS)


def foreign_scene() -> tuple[Scene, dict[str, Any]]:
    """Another workspace with one of everything, each name of it marked, and the rows by model."""
    scene = Scene()
    rows = rows_of(scene)
    for model in filter(is_of_workspaces, apps.get_models()):
        if model is not WorkflowVersion:  # which never changes
            mark(model._default_manager.filter(workspace=scene.workspace))
    mark(type(scene.workspace).objects.filter(pk=scene.workspace.pk))
    mark(User.objects.filter(memberships__workspace=scene.workspace))
    for row in rows.values():
        row.refresh_from_db()
    return scene, rows


def is_of_workspaces(model: type[Model]) -> bool:
    return any(field.name == "workspace" for field in model._meta.concrete_fields)


def mark(rows: Any) -> None:
    names = [
        field.name
        for field in rows.model._meta.concrete_fields
        if field.name in NAMED and isinstance(field, CharField | TextField)
    ]
    if names:
        rows.update(**{name: Concat(Value(MARK), F(name)) for name in names})


def stored(scene: Scene) -> dict[str, Any]:
    """All that a workspace has, in all tables."""
    kept = {
        model._meta.label: list(
            model._default_manager.filter(workspace=scene.workspace).order_by("pk").values()
        )
        for model in filter(is_of_workspaces, apps.get_models())
    }
    members = User.objects.filter(memberships__workspace=scene.workspace).order_by("pk")
    return kept | {"users": list(members.values())}


def staff_of(scene: Scene) -> ApiClient:
    """Who may do most of those who are no superusers."""
    return ApiClient(make_user(scene.workspace, Role.ADMIN, is_staff=True))


def is_refused(answer: Any) -> bool:
    """Also as Django does it where it finds no such row: by sending to the first page."""
    if answer.status_code == 302:
        return bool(answer["Location"] == reverse("admin:index"))
    return answer.status_code in {400, 403, 404, 405}


def rows_for(path: str, rows: dict[str, Any]) -> list[Any]:
    """Of a model's own pages its row; of all others, whose argument may be anything, all."""
    found = re.match(r"admin/(\w+)/(\w+)/<path:object_id>/", path)
    return [rows[f"{found[1]}.{found[2]}"]] if found else list(rows.values())


def address_of(path: str, row: Any) -> str:
    kind = str(ContentType.objects.get_for_model(row).pk)
    return "/" + ARGUMENT.sub(str(row.pk), path.replace("<path:content_type_id>", kind))


def test_a_foreign_row_is_on_no_page_that_is_about_a_row() -> None:
    own, (foreign, rows) = Scene(), foreign_scene()
    client, before = staff_of(own), stored(foreign)
    let_in = []
    for path in PAGES:
        for row in rows_for(path, rows) if ARGUMENT.search(path) else ():
            for method in ("GET", "POST"):
                address = address_of(path, row)
                answer = client.send(method, address, b"", content_type=FORM)
                # The old address of a page leads to the new one, which refuses.
                is_moved = answer.get("Location") == f"{address}change/"
                if not is_refused(answer) and not is_moved:
                    let_in.append((method, path, row._meta.label, answer.status_code))
    assert not let_in, "\n".join(map(str, let_in))
    assert stored(foreign) == before


def queries_of(label: str, rows: dict[str, Any]) -> Iterator[dict[str, str]]:
    """What a list may be asked to find foreign rows by."""
    model = apps.get_model(label)
    ids = {type(row): str(row.pk) for row in rows.values()}
    yield {}
    yield {"q": TYPED}
    yield {"q": ids[model]}
    yield {"id__exact": ids[model]}
    for field in model._meta.get_fields():
        if field.related_model in ids:  # also of what points to the rows of the list
            yield {f"{field.name}__id__exact": ids[field.related_model]}
            yield {f"{field.name}__name__startswith": TYPED}
    for each in admin.site.get_model_admin(model).list_filter:
        if parameter := getattr(each, "parameter_name", None):
            for named in ("operations.errorgroup", "runs.run", "workflows.workflow"):
                yield {parameter: str(rows[named].pk)}


@pytest.mark.parametrize("label", LISTS)
def test_a_list_tells_of_nothing_foreign_whatever_it_is_asked(label: str) -> None:
    own, (_, rows) = Scene(), foreign_scene()
    ADMIN_MODELS[label].of(own)
    client = staff_of(own)
    for query in queries_of(label, rows):
        answer = client.django.get(admin_page(label, "changelist"), query, follow=True)
        page = answer.content.decode()
        assert answer.status_code == 200, query
        assert MARK not in page, query
        asked = set(query.values())
        theirs = {str(rows[label].pk) for label in ADMIN_MODELS} - asked
        assert not [id for id in theirs if id in page], query


@pytest.mark.parametrize("label", LISTS)
def test_no_action_of_a_list_touches_what_is_foreign(label: str) -> None:
    own, (foreign, rows) = Scene(), foreign_scene()
    ADMIN_MODELS[label].of(own)
    client, before = staff_of(own), stored(foreign)
    of_superusers: Any = RequestFactory().get("/")
    of_superusers.user = User(is_staff=True, is_superuser=True)
    for action in admin.site.get_model_admin(apps.get_model(label)).get_actions(of_superusers):
        fields = {"action": action, ACTION_CHECKBOX_NAME: str(rows[label].pk)}
        fields |= {"post": "yes", IS_SURE: "yes"}  # what Django's own, and ours, ask before
        client.django.post(admin_page(label, "changelist"), fields)
    assert stored(foreign) == before


def test_what_is_typed_into_a_field_finds_nothing_foreign() -> None:
    client = staff_of(Scene())
    foreign_scene()
    for model in admin.site._registry:
        for field in model._meta.concrete_fields:
            if not isinstance(field, ForeignKey):
                continue
            for term in ("", TYPED):
                asked = {
                    "app_label": model._meta.app_label,
                    "model_name": model._meta.model_name,
                    "field_name": field.name,
                    "term": term,
                }
                offered = client.get(f"{reverse('admin:autocomplete')}?{urlencode(asked)}")
                assert offered.status_code in {200, 403, 404}, asked
                assert MARK not in offered.content.decode(), asked


def test_pages_of_no_row_name_nothing_foreign() -> None:
    """Forms that are asked for with foreign ids, the board, and what searches all."""
    own, (foreign, rows) = Scene(), foreign_scene()
    client, before = staff_of(own), stored(foreign)
    named = {label.split(".")[1]: str(row.pk) for label, row in rows.items()}
    asked = {
        **named,
        **{f"{name}__id__exact": id for name, id in named.items()},
        "error_group": named["errorgroup"],
        "object_id": named["run"],
        "kind": "run_failed",
        "type": "http_bearer",
        "s": TYPED,
        "extended": "1",
    }
    told = []
    for path in PAGES:
        if ARGUMENT.search(path):
            continue
        for query in ({}, asked):
            page = client.django.get(f"/{path}", query, follow=True).content.decode()
            told += [path] if MARK in page else []
    assert told == []
    assert stored(foreign) == before


def test_ones_own_pages_do_not_name_what_foreign_ids_in_them_mean() -> None:
    """A graph, and the filter of a job, may bear any id; members may be elsewhere, too."""
    own, (foreign, rows) = Scene(), foreign_scene()
    make_member(foreign.workspace, own.member.user, Role.VIEWER)
    calls = [
        node("start", "manual"),
        node("run", "run_workflow", params={"workflow": str(foreign.workflow.pk)}),
        node("call", "http_call", params={"credential": str(foreign.credential.pk)}),
    ]
    settings = {"error_workflow": str(foreign.workflow.pk)}
    written = graph(calls, ["start -> run", "run -> call"], **settings)
    # Written past the deeds, which let no such graph be published.
    version = WorkflowVersion.objects.create(
        workspace=own.workspace, workflow=own.workflow, version=99, graph_json=written
    )
    Workflow.objects.filter(pk=own.workflow.pk).update(version=99, draft_graph=written)
    group = rows["operations.errorgroup"].pk
    covers = {"workflow": str(foreign.workflow.pk), "error_group": str(group)}
    BulkJob.objects.filter(pk=own.job.pk).update(filter=covers)
    client = staff_of(own)
    mine = {label: model.of(own) for label, model in ADMIN_MODELS.items()}
    mine |= dict.fromkeys(OF_INSTALLATION, own.workflow) | {"versions.workflowversion": version}
    for path in PAGES:
        for row in rows_for(path, mine) if ARGUMENT.search(path) else ():
            answer = client.django.get(address_of(path, row), follow=True)
            assert MARK not in answer.content.decode(), (path, row)
