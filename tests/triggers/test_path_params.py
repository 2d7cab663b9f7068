"""Webhooks at paths with names: who takes a request, and what stood at the names."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.engine.errors import FaultsError
from apps.nodes.webhooks.paths import patterns_for
from apps.runs.models import Run
from apps.triggers.hooks.addresses import endpoints_at
from apps.triggers.models import WebhookEndpoint, WebhookRequest
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, deactivate_workflow
from apps.workflows.models import Workflow
from tests.clients import ApiClient
from tests.factories import make_credential, make_user, make_version, make_workflow, make_workspace
from tests.graphs import graph, node
from tests.triggers.test_hooks import code_of, send

pytestmark = pytest.mark.django_db(transaction=True)


def live(path: str, workflow: Workflow | None = None, **params: Any) -> Workflow:
    """An active workflow that listens there, by POST."""
    document = graph(
        [node("in", "webhook", params={"path": path, **params}), node("end")], ["in -> end"]
    )
    published = publish_version(make_version(workflow, document), by=None)
    if not published.is_active:
        activate_workflow(published, by=None)
    return published


def given(run: str | None = None) -> dict[str, Any]:
    [item] = (Run.objects.get(pk=run) if run else Run.objects.get()).input_json
    return dict(item["json"])


def taker(path: str, **options: Any) -> Workflow:
    """Whose run the request started."""
    answer = send(path, **options)
    assert answer.status == 202, answer
    return Run.objects.get(pk=answer.body["run"]).version.workflow


# --- Who takes it ---------------------------------------------------------------------------------


def test_a_run_gets_what_stood_at_the_names() -> None:
    live("shops/:shop/orders/:id")
    assert send("shops/köln/orders/7").status == 202
    told = given()
    assert told["params"] == {"shop": "köln", "id": "7"}
    assert told["path"] == "shops/köln/orders/7"


@pytest.mark.parametrize("path", ["orders", "orders/", "orders/7/x", "other/7", "orders//7"])
def test_what_has_other_parts_finds_nobody(path: str) -> None:
    live("orders/:id")
    answer = send(path)
    assert (answer.status, code_of(answer)) == (404, "unknown_hook")


def test_the_path_that_fits_best_takes_it() -> None:
    paths = ["a/b/c", "a/b/:x", "a/:x/c", "a/:x/:y"]
    flows = [live(path) for path in reversed(paths)][::-1]
    for path, flow in zip(["a/b/c", "a/b/1", "a/1/c", "a/1/2"], flows, strict=True):
        assert taker(path) == flow, path


def test_the_best_path_answers_also_where_it_takes_another_method() -> None:
    live("orders/:id")
    live("orders/new", method="GET")
    answer = send("orders/new")
    assert (answer.status, answer.headers["allow"]) == (405, "GET")
    assert send("orders/7", method="GET").headers["allow"] == "POST"


def test_methods_of_one_pattern_may_be_of_several_workflows_each_with_its_names() -> None:
    live("orders/:id")
    live("orders/:number", method="PUT")
    runs = [send("orders/7", method=method).body["run"] for method in ("POST", "PUT")]
    assert [given(run)["params"] for run in runs] == [{"id": "7"}, {"number": "7"}]


def test_a_name_is_no_address_of_its_own() -> None:
    live("orders/:id")
    assert send("orders/:id").status == 202
    assert given()["params"] == {"id": ":id"}


# --- What it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "decoded", "value"),
    [
        ("a%2Fb", "a/b", "a/b"),
        ("a%20b+c", "a b+c", "a b+c"),
        ("%E2%82%AC", "€", "€"),
        ("100%25", "100%", "100%"),
        ("%252F", "%2F", "%2F"),
        ("..%2F..", "../..", "../.."),
    ],
    ids=["slash", "space", "UTF-8", "percent", "twice", "dots"],
)
def test_a_part_is_decoded_once_and_by_itself(raw: str, decoded: str, value: str) -> None:
    live("orders/:id")
    answer = send(f"orders/{decoded}", raw_path=f"orders/{raw}")
    assert answer.status == 202
    assert given()["params"] == {"id": value}


def test_a_slash_that_is_written_as_one_part_makes_no_two() -> None:
    live("orders/:id/:item")
    assert send("orders/a/b", raw_path="orders/a%2Fb").status == 404


@pytest.mark.parametrize(
    ("raw", "decoded"),
    [("%00", "\0"), ("%FF", "\ufffd"), ("x" * 1_000, "x" * 1_000)],
    ids=["NUL", "no UTF-8", "long"],
)
def test_a_part_that_cannot_be_kept_finds_nobody(raw: str, decoded: str) -> None:
    live("orders/:id")
    answer = send(f"orders/{decoded}", raw_path=f"orders/{raw}")
    assert (answer.status, code_of(answer)) == (404, "unknown_hook")


def test_the_longest_path_is_kept() -> None:
    live("orders/:id")
    assert send("orders/" + "ä" * 993).status == 202
    assert len(WebhookRequest.objects.get().path) == 1_000


def test_a_request_is_known_again_by_a_param() -> None:
    live("orders/:id", dedup_key="={{ $json.params.id }}")
    answers = [send(f"orders/{id}").body for id in (7, 8, 7)]
    assert answers[2] == {"run": answers[0]["run"], "duplicate": True}
    assert Run.objects.count() == 2


def test_files_come_in_at_a_path_with_names() -> None:
    live("orders/:id")
    assert send("orders/7", b"\x89PNG", "image/png").status == 202
    [item] = Run.objects.get().input_json
    assert item["json"]["params"] == {"id": "7"}
    assert item["binary"]["data"]["mimeType"] == "image/png"


def test_a_page_that_asks_first_is_told_of_the_pattern() -> None:
    live("orders/:id", cors_origins=["https://shop.example"])
    asked = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    answer = send("orders/7", b"", method="OPTIONS", **asked)
    assert (answer.status, answer.headers["access-control-allow-methods"]) == (204, "POST")


# --- Whose it is ----------------------------------------------------------------------------------


def test_two_live_patterns_that_differ_by_names_alone_are_refused() -> None:
    live("orders/:id")
    with pytest.raises(FaultsError) as refused:
        live("orders/:number")
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [
        ("nodes[0].params.path", "address_taken")
    ]


def test_a_workflow_may_rename_what_it_listens_for_and_give_the_names_up() -> None:
    flow = live("orders/:id")
    live("orders/:number", flow)
    assert given(send("orders/7").body["run"])["params"] == {"number": "7"}
    live("orders", flow)
    assert [send(path).status for path in ("orders/7", "orders")] == [404, 202]
    live("orders/:id")


def test_a_workflow_that_is_inactive_leaves_its_pattern_to_others() -> None:
    flow = live("orders/:id")
    deactivate_workflow(flow, by=None)
    assert send("orders/7").status == 404
    live("orders/:number")
    assert taker("orders/7") != flow


# --- What is seen of it ---------------------------------------------------------------------------


def test_the_inbox_tells_path_and_params_and_a_replay_has_them() -> None:
    flow = live("orders/:id")
    send("orders/a/b", raw_path="orders/a%2Fb")
    first = given()
    client = ApiClient(make_user(flow.workspace, "editor"))
    kept = WebhookRequest.objects.get()
    told = client.get(f"hook-requests/{kept.pk}").json()
    assert (told["path"], told["params"]) == ("orders/a/b", {"id": "a/b"})
    Run.objects.all().delete()
    answer = client.post(f"hook-requests/{kept.pk}/replay", {"version": "published"})
    assert given(answer.json()["id"])["params"] == first["params"] == {"id": "a/b"}


def test_a_param_that_is_secret_by_its_name_is_hidden_in_the_inbox() -> None:
    live("orders/:token/:id")
    send("orders/s3cret/7")
    kept = WebhookRequest.objects.get()
    assert (kept.path, kept.params) == ("orders/(hidden)/7", {"token": "(hidden)", "id": "7"})
    assert given()["params"] == {"token": "s3cret", "id": "7"}


def test_what_lets_a_request_in_is_hidden_in_its_path_too() -> None:
    workspace = make_workspace()
    key = make_credential(workspace, "http_header", {"name": "X-Key", "value": "correct horse"})
    flow = make_workflow(workspace)
    live("orders/:id", flow, authentication="header", credential=str(key.pk))
    assert send("orders/correct horse", x_key="correct horse").status == 202
    kept = WebhookRequest.objects.get()
    assert "horse" not in f"{kept.path} {kept.params} {Run.objects.get().input_json}"


def test_a_webhook_with_names_listens_for_a_test_behind_its_test_address() -> None:
    document = graph([node("in", "webhook", params={"path": "orders/:id"}), node("end")])
    flow = make_workflow(draft_graph=document)
    client = ApiClient(make_user(flow.workspace, "editor"))
    listener = client.post(f"workflows/{flow.pk}/listen", {"node": "in"}).json()
    path = listener["url"].removeprefix(f"{settings.HOOKS_URL}/hooks/")
    test, _, rest = path.partition("/")
    assert rest == "orders/:id"
    for wrong in (test, f"{test}/7", f"{test}/orders", f"{test}/orders/7/8"):
        assert send(wrong).status == 404
    answer = send(f"{test}/orders/7")
    assert answer.status == 202, answer
    kept = client.get(f"hook-requests/{answer.body['request']}").json()
    assert (kept["path"], kept["params"]) == (f"{test}/orders/7", {"id": "7"})


def test_the_list_of_addresses_tells_the_names() -> None:
    flow = live("orders/:id")
    [told] = ApiClient(make_user(flow.workspace, "viewer")).get("hooks").json()["results"]
    assert told["url"] == f"{settings.HOOKS_URL}/hooks/orders/:id"


# --- What it costs --------------------------------------------------------------------------------


def queries(*paths: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        endpoints_at({tuple(path.split("/")) for path in paths})
    return len(asked)


def test_only_what_is_not_found_exactly_is_looked_for_by_patterns_all_at_once() -> None:
    live("orders")
    live("orders/:id")
    assert queries("orders") == 1
    assert queries("scanned.php", "orders") == 1
    assert queries("orders", *(f"orders/{id}" for id in range(100))) == 2


def test_a_full_batch_of_the_longest_paths_is_looked_for() -> None:
    live("orders/:a/b/c/d/e/f/:g")
    asked = {(f"n{id}", *"abcdefg") for id in range(99)} | {("orders", *"abcdefg")}
    [found] = endpoints_at(asked)
    assert found == ("orders", *"abcdefg")


def test_patterns_are_looked_up_by_an_index() -> None:
    flow = make_workflow()
    WebhookEndpoint.objects.bulk_create(
        WebhookEndpoint(
            workspace=flow.workspace,
            workflow=flow,
            node_id=f"n{number}",
            path=f"a{number}/:id",
            pattern=f"a{number}/:",
            method="POST",
            is_live=True,
        )
        for number in range(2_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE webhook_endpoints")
    patterns = list(patterns_for(tuple("abcd")))
    rows = WebhookEndpoint.objects.filter(is_live=True, kind="hook", pattern__in=patterns)
    assert "webhook_endpoints_live_pattern_once" in rows.explain()
