"""Webhook: which addresses there are, and what each takes for itself."""

from typing import Any

import pytest

from apps.engine.items import Item
from tests.nodes.twins import outputs_of, type_of


def paths_of_faults(params: dict[str, Any]) -> list[str]:
    return [fault.path for fault in type_of("webhook").check(params)]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])
def test_a_webhook_takes_a_method_and_a_path_for_itself(method: str) -> None:
    params = {"path": "orders/new", "method": method}
    assert paths_of_faults(params) == []
    assert type_of("webhook").claims(params) == [f"{method} /hooks/orders/new"]


def test_a_webhook_takes_posts_where_nothing_else_is_said() -> None:
    assert type_of("webhook").claims({"path": "orders"}) == ["POST /hooks/orders"]


def test_a_webhook_may_take_several_methods_each_once() -> None:
    params = {"path": "orders", "method": "GET", "more_methods": ["POST", "PUT"]}
    assert paths_of_faults(params) == []
    assert type_of("webhook").claims(params) == [
        "GET /hooks/orders",
        "POST /hooks/orders",
        "PUT /hooks/orders",
    ]
    for more in (["GET"], ["POST", "POST"]):
        assert paths_of_faults(params | {"more_methods": more}) == ["more_methods"]
    assert paths_of_faults(params | {"more_methods": ["TRACE"]}) == ["more_methods[0]"]


@pytest.mark.parametrize("path", ["a", "A-b_c.d~9/x", "...", "a" * 200])
def test_a_path_is_made_of_plain_parts(path: str) -> None:
    assert paths_of_faults({"path": path}) == []


@pytest.mark.parametrize(
    "path",
    ["/a", "a/", "a//b", "a b", "a?b", "a#b", "ä", "a%2fb", "..", "a/../b", "./a", "a\n",
     "={{ 1 }}", "a" * 201, 5, None],
)  # fmt: skip
def test_a_path_that_no_request_can_name_is_a_fault(path: Any) -> None:
    assert paths_of_faults({"path": path}) == ["path"]


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "post", "", None])
def test_a_method_that_is_not_served_is_a_fault(method: Any) -> None:
    assert paths_of_faults({"path": "a", "method": method}) == ["method"]


@pytest.mark.parametrize("params", [{}, {"path": ""}], ids=["no path", "empty path"])
def test_a_webhook_without_a_path_takes_no_address_that_another_could_want(
    params: dict[str, Any],
) -> None:
    assert paths_of_faults(params) == []
    assert list(type_of("webhook").claims(params)) == []


@pytest.mark.parametrize("params", [{"path": 5}, {"path": "x", "more_methods": 5}])
def test_faulty_params_raise_nothing_where_addresses_are_compared(params: dict[str, Any]) -> None:
    assert set(type_of("webhook").claims(params)) <= {"POST /hooks/x"}


def test_the_request_becomes_an_item_with_its_files() -> None:
    request = Item({"method": "POST", "body": {"n": 1}}, {"f": {"id": "x"}})
    [item] = outputs_of("webhook", {"path": "a"}, [request])["main"]
    assert (item.json, item.binary) == (request.json, request.binary)


def test_no_request_gives_no_item() -> None:
    assert outputs_of("webhook", {"path": "a"}, []) == {"main": []}
