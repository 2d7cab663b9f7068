"""Every route x role x {own, foreign, random, none}, judged by the one table of rights."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync
from channels.testing import HttpCommunicator, WebsocketCommunicator
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.urls import URLPattern, reverse

from apps.workspaces.permissions import RIGHTS, Role
from flowforge import asgi
from tests.api.admin_pages import (
    ADMIN_MODELS,
    ADMIN_PAGES,
    OF_INSTALLATION,
    SUPERUSERS_ONLY,
    AdminModel,
    admin_page,
)
from tests.api.resolver import ROUTES, is_of_admin
from tests.api.routes import (
    API_ROUTES,
    BY_ADDRESS,
    OTHER_ASGI,
    PUBLIC,
    SOCKETS,
    STREAMS,
    About,
    Lists,
    Own,
    Scene,
    SignedIn,
)
from tests.clients import ApiClient
from tests.factories import make_api_key, make_user
from tests.runs.listening import headers_of

pytestmark = pytest.mark.django_db

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def methods_of(pattern: URLPattern) -> set[str]:
    """The methods that a route answers to; of a plain function only GET counts."""
    view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
    return {method for method in METHODS if view is None or hasattr(view, method.lower())} & (
        METHODS if view else {"GET"}
    )


def test_every_route_has_an_entry_for_every_method() -> None:
    listed = {(name, method) for name, route in API_ROUTES.items() for method in route.methods}
    found = {
        (name, method)
        for name, _, pattern in ROUTES
        if not is_of_admin(name)
        for method in methods_of(pattern)
    }
    assert found == listed


def test_every_action_of_the_routes_is_in_the_table() -> None:
    actions = {
        entry.action
        for route in API_ROUTES.values()
        for entry in route.methods.values()
        if isinstance(entry, About | Lists | Own)
    }
    assert actions <= RIGHTS.keys()


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def principals(scene: Scene, role: Role) -> dict[str, ApiClient]:
    return {
        "user": ApiClient(make_user(scene.workspace, role)),
        "key": ApiClient(make_api_key(scene.workspace, role)[1]),
    }


def address(name: str, kwargs: dict[str, Any]) -> str:
    kwargs = dict(kwargs)
    query = kwargs.pop("query", None)
    path = reverse(name, kwargs=kwargs)
    return f"{path}?{query}" if query else path


def randomised(value: Any) -> Any:
    """The same with other UUIDs, that nothing has."""
    if isinstance(value, dict):
        return {key: randomised(member) for key, member in value.items()}
    if isinstance(value, UUID):
        return uuid4()
    return str(uuid4()) if isinstance(value, str) and len(value) == 36 else value


def entries(kind: type) -> list[Any]:
    return [
        pytest.param(name, method, id=f"{method} {name}")
        for name, route in API_ROUTES.items()
        for method, entry in route.methods.items()
        if isinstance(entry, kind)
    ]


@pytest.mark.parametrize(("name", "method"), entries(About))
def test_a_thing_is_for_those_whose_role_reaches_the_action(name: str, method: str) -> None:
    route = API_ROUTES[name]
    entry: About = route.methods[method]
    own, foreign = Scene(), Scene()
    own_kwargs, foreign_kwargs = route.kwargs(own), route.kwargs(foreign)
    cases = {
        "own": (own_kwargs, entry.body(own)),
        "foreign": (foreign_kwargs, entry.body(foreign)),
        "random": (randomised(own_kwargs), randomised(entry.body(own))),
    }
    if len(own_kwargs) > 1:
        # The id on top is one's own, what is asked for below it is another's.
        cases["crossed"] = (own_kwargs | dict(list(foreign_kwargs.items())[1:]), entry.body(own))
    if is_of_a_part := "number" in own_kwargs:
        cases["crossed"] = (own_kwargs | {"number": 99}, entry.body(own))
    for role in Role:
        for kind, client in principals(own, role).items():
            for relation, (kwargs, body) in cases.items():
                with undone():
                    answer = client.send(method, address(name, kwargs), body)
                told = (role.value, kind, relation, answer.status_code, answer.getvalue()[:300])
                reaches = role.reaches(RIGHTS[entry.action])
                if relation == "own" and reaches and kind == "key" and not entry.keys_may:
                    assert answer.status_code == 409, told
                elif relation == "own":
                    assert 200 <= answer.status_code < 300 if reaches else is_403(answer), told
                elif relation == "crossed" and not reaches:
                    assert answer.status_code in ({403, 404} if is_of_a_part else {404}), told
                else:
                    assert answer.status_code == 404, told
    assert ApiClient().send(method, address(name, own_kwargs), entry.body(own)).status_code == 401


def is_403(answer: HttpResponse) -> bool:
    return answer.status_code == 403


@pytest.mark.parametrize(("name", "method"), entries(Own))
def test_what_others_made_is_not_changed_whatever_the_role(name: str, method: str) -> None:
    route = API_ROUTES[name]
    entry: Own = route.methods[method]
    own, foreign = Scene(), Scene()
    for role in Role:
        for client in principals(own, role).values():
            for scene, expected in ((own, 403), (foreign, 404)):
                path = address(name, route.kwargs(scene))
                assert client.send(method, path, entry.body(scene)).status_code == expected, role
    anybody = ApiClient().send(method, address(name, route.kwargs(own)), entry.body(own))
    assert anybody.status_code == 401


@pytest.mark.parametrize(("name", "method"), entries(Lists))
def test_a_list_holds_what_one_may_see_and_nothing_else(name: str, method: str) -> None:
    entry: Lists = API_ROUTES[name].methods[method]
    own, foreign = Scene(), Scene()
    for role in Role:
        for client in principals(own, role).values():
            answer = client.send(method, reverse(name))
            ids = {row["id"] for row in answer.json()["results"]}
            may_see = role.reaches(RIGHTS[entry.action])
            assert answer.status_code == 200
            assert (str(entry.of(own).pk) in ids) == may_see
            assert str(entry.of(foreign).pk) not in ids
            filtered = client.send(method, f"{reverse(name)}?workspace={foreign.workspace.pk}")
            assert str(entry.of(foreign).pk) not in filtered.content.decode()
    assert ApiClient().send(method, reverse(name)).status_code == 401


@pytest.mark.parametrize(("name", "method"), entries(SignedIn))
def test_who_is_signed_in_is_enough(name: str, method: str) -> None:
    route = API_ROUTES[name]
    entry: SignedIn = route.methods[method]
    scene = Scene()
    for role in Role:
        for kind, client in principals(scene, role).items():
            with undone():
                answer = client.send(method, address(name, route.kwargs(scene)), entry.body)
            is_allowed = entry.keys_may or kind == "user"
            assert 200 <= answer.status_code < 300 if is_allowed else is_403(answer), kind
    nobody = ApiClient().send(method, address(name, route.kwargs(scene)), entry.body)
    assert nobody.status_code == 401


@pytest.mark.parametrize(
    "name", [name for name, route in API_ROUTES.items() if PUBLIC in route.methods.values()]
)
def test_what_is_public_asks_nobody_who_they_are(name: str) -> None:
    method = next(iter(API_ROUTES[name].methods))
    path = "/" if name == "web_app" else reverse(name)
    assert ApiClient().send(method, path).status_code not in {401, 403, 404}


@pytest.mark.parametrize(
    "name", [name for name, route in API_ROUTES.items() if BY_ADDRESS in route.methods.values()]
)
def test_who_guesses_an_address_finds_nothing_whoever_asks(name: str) -> None:
    path = reverse(name, kwargs=API_ROUTES[name].kwargs(Scene()))
    for method in METHODS:
        assert ApiClient().send(method, path).status_code in {404, 405}
        assert ApiClient(make_user(is_superuser=True)).send(method, path).status_code in {404, 405}


# --- The streams beside Django --------------------------------------------------------------------


def asgi_routes(routes: list[Any]) -> set[str]:
    return {str(route.pattern) for route in routes}


def test_every_route_of_the_asgi_router_has_an_entry() -> None:
    assert asgi_routes(asgi.routes.routes) == STREAMS.keys() | OTHER_ASGI
    assert asgi_routes(asgi.sockets.routes) == SOCKETS.keys() | {""}


async def status_of_stream(path: str, client: ApiClient) -> int:
    asked = HttpCommunicator(
        asgi.application, "GET", path, headers=headers_of(client, origin=settings.PUBLIC_URL)
    )
    await asked.send_input({"type": "http.request", "body": b""})
    status: int = (await asked.receive_output(timeout=5))["status"]
    await asked.send_input({"type": "http.disconnect"})
    await asked.wait(timeout=5)
    return status


async def is_let_in(path: str, client: ApiClient) -> bool:
    asked = WebsocketCommunicator(
        asgi.application, path, headers=headers_of(client, origin=settings.PUBLIC_URL)
    )
    is_connected, _ = await asked.connect(timeout=5)
    await asked.disconnect()
    return bool(is_connected)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pattern", STREAMS)
def test_a_stream_is_for_those_whose_role_reaches_the_action(pattern: str) -> None:
    own, foreign = Scene(), Scene()
    runs = {"own": own.ended_run.pk, "foreign": foreign.ended_run.pk, "random": uuid4()}
    for role in Role:
        for client in principals(own, role).values():
            for relation, run in runs.items():
                path = "/" + pattern.replace("<uuid:run>", str(run))
                status = async_to_sync(status_of_stream)(path, client)
                reaches = role.reaches(RIGHTS[STREAMS[pattern].action])
                expected = 404 if relation != "own" else 200 if reaches else 403
                assert status == expected, (role, relation)
    path = "/" + pattern.replace("<uuid:run>", str(runs["own"]))
    assert async_to_sync(status_of_stream)(path, ApiClient()) == 401


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pattern", SOCKETS)
def test_a_socket_is_for_those_whose_role_reaches_the_action(pattern: str) -> None:
    own, foreign = Scene(), Scene()
    ids = {"own": own.workspace.pk, "foreign": foreign.workspace.pk, "random": uuid4()}
    paths = {
        relation: "/" + pattern.replace("<uuid:workspace>", str(id)) for relation, id in ids.items()
    }
    for role in Role:
        for client in principals(own, role).values():
            for relation, path in paths.items():
                reaches = role.reaches(RIGHTS[SOCKETS[pattern].action])
                expected = relation == "own" and reaches
                assert async_to_sync(is_let_in)(path, client) == expected, (role, relation)
    assert not async_to_sync(is_let_in)(paths["own"], ApiClient())


# --- The admin, as staff who is no superuser ------------------------------------------------------


def registered() -> set[str]:
    return {model._meta.label_lower for model in admin.site._registry}


def test_every_model_of_the_admin_has_an_entry() -> None:
    assert registered() == ADMIN_MODELS.keys() | SUPERUSERS_ONLY


def test_every_page_of_the_admin_is_a_models_or_listed() -> None:
    # Their names, and the old address of a change page, which Django forwards to the new one.
    of_models = {f"admin:{label.replace('.', '_')}_" for label in registered()}
    of_models |= {f"admin/{label.replace('.', '/')}/<path:object_id>/" for label in registered()}
    pages = {
        name
        for name, _, pattern in ROUTES
        if is_of_admin(name)
        and not name.startswith(tuple(of_models))
        and name != "admin:auth_user_password_change"
    }
    assert pages <= ADMIN_PAGES


def staff(scene: Scene, role: Role) -> ApiClient:
    return ApiClient(make_user(scene.workspace, role, is_staff=True))


def may(role: Role, right: str | None) -> bool:
    return right is not None and role.reaches(RIGHTS[right])


@pytest.mark.parametrize("label", ADMIN_MODELS)
def test_staff_see_and_do_in_the_admin_what_their_role_gives(label: str) -> None:
    entry: AdminModel = ADMIN_MODELS[label]
    own, foreign = Scene(), Scene()
    mine, theirs = entry.of(own), entry.of(foreign)
    for role in Role:
        client = staff(own, role)
        sees = may(role, entry.view)
        expected = {
            admin_page(label, "changelist"): sees,
            admin_page(label, "change", mine.pk): sees,
            admin_page(label, "add"): may(role, entry.add),
            admin_page(label, "delete", mine.pk): may(role, entry.delete),
        }
        for path, is_allowed in expected.items():
            answer = client.get(path)
            told = (role, path, answer.status_code)
            assert answer.status_code == 200 if is_allowed else is_refused(answer), told
        # The history is a part of the audit trail; an account belongs to no workspace.
        history = client.get(admin_page(label, "history", mine.pk))
        if may(role, "audit.view") and label != "workspaces.user":
            entries = admin_page("workspaces.auditentry", "changelist")
            assert history["Location"] == f"{entries}?of={entry.told_of(mine)}"
        else:
            assert is_refused(history), role
        listed = client.get(admin_page(label, "changelist")).content.decode()
        assert (admin_page(label, "change", mine.pk) in listed) == sees, role
        assert str(theirs.pk) not in listed
        changed = client.post(admin_page(label, "change", mine.pk), content_type=FORM)
        assert changed.status_code == (200 if may(role, entry.change) else 403), role


def is_refused(answer: HttpResponse) -> bool:
    """Forbidden, or sent to the index: what Django's admin does where it finds no such row."""
    return is_403(answer) or (answer.status_code == 302 and answer["Location"] == "/admin/")


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("label", ADMIN_MODELS)
@pytest.mark.parametrize("action", ["change", "history", "delete"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_theirs_does_not_exist_for_staff(label: str, action: str, method: str) -> None:
    own, foreign = Scene(), Scene()
    theirs = ADMIN_MODELS[label].of(foreign)
    client = staff(own, Role.ADMIN)
    for id in (theirs.pk, uuid4()):
        answer = client.send(method, admin_page(label, action, id), content_type=FORM)
        assert is_refused(answer)
    theirs.refresh_from_db()


@pytest.mark.parametrize("label", sorted(SUPERUSERS_ONLY))
def test_what_belongs_to_no_workspace_is_for_superusers(label: str) -> None:
    client = staff(Scene(), Role.ADMIN)
    assert client.get(admin_page(label, "changelist")).status_code == 403
    assert client.get(admin_page(label, "add")).status_code == 403


@pytest.mark.parametrize("label", sorted(ADMIN_MODELS.keys() | SUPERUSERS_ONLY))
def test_who_is_no_staff_is_sent_to_the_login(label: str) -> None:
    scene = Scene()
    for client in (ApiClient(), *principals(scene, Role.ADMIN).values()):
        answer = client.get(admin_page(label, "changelist"))
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


@pytest.mark.parametrize("label", sorted(ADMIN_MODELS.keys() | SUPERUSERS_ONLY))
def test_superusers_see_all(label: str) -> None:
    client = ApiClient(make_user(is_staff=True, is_superuser=True))
    scenes = [Scene(), Scene()]
    answer = client.get(admin_page(label, "changelist"))
    assert answer.status_code == 200
    for scene in scenes if label in ADMIN_MODELS else []:
        row = ADMIN_MODELS[label].of(scene)
        assert client.get(admin_page(label, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("label", sorted(ADMIN_MODELS.keys() | SUPERUSERS_ONLY))
def test_the_page_of_each_row_leads_to_its_entries_of_the_audit_trail(label: str) -> None:
    scene = Scene()
    of_workspace = ADMIN_MODELS.get(label)
    row = of_workspace.of(scene) if of_workspace else OF_INSTALLATION[label](scene, 0)
    client = ApiClient(make_user(is_staff=True, is_superuser=True))
    history = admin_page(label, "history", row.pk)
    assert f'href="{history}"' in client.get(admin_page(label, "change", row.pk)).content.decode()
    entries = admin_page("workspaces.auditentry", "changelist")
    assert client.get(history)["Location"].startswith(f"{entries}?of=")
