"""Where the requests of a webhook may come from: networks, and web pages."""

from typing import Any

import pytest

from apps.runs.models import Run
from apps.triggers.models import WebhookRequest
from apps.workspaces.permissions import Role
from tests.clients import ApiClient
from tests.factories import make_user, make_workflow
from tests.graphs import graph, node
from tests.triggers.test_door import listens_to
from tests.triggers.test_hooks import Answer, code_of, send

pytestmark = pytest.mark.django_db(transaction=True)

SHOP = "https://shop.example"
NETWORKS = ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]


def status_from(peer: str, **headers: str) -> int:
    return send("safe", peer=peer, **headers).status


@pytest.mark.parametrize(
    ("peer", "status"),
    [
        ("192.0.2.1", 202),
        ("::ffff:192.0.2.1", 202),  # as a socket for both kinds tells it
        ("2001:db8::5", 202),
        ("198.51.100.7", 202),
        ("198.51.100.8", 403),
        ("2001:db9::5", 403),
        ("", 403),  # unknown
    ],
)
def test_only_listed_networks_may_send(peer: str, status: int) -> None:
    listens_to(ip_allow=NETWORKS)
    assert status_from(peer) == status
    assert Run.objects.exists() == WebhookRequest.objects.exists() == (status == 202)


def test_who_is_refused_for_its_address_hears_so() -> None:
    listens_to(ip_allow=NETWORKS)
    assert code_of(send("safe", peer="198.51.100.8")) == "address_not_allowed"


def test_nobody_can_claim_another_address(settings: Any) -> None:
    listens_to(ip_allow=NETWORKS)
    assert status_from("198.51.100.8", x_forwarded_for="192.0.2.1") == 403
    settings.TRUSTED_PROXIES = ["198.51.100.8/32"]
    assert status_from("198.51.100.8", x_forwarded_for="192.0.2.1") == 202


def preflight(origin: str, method: str = "POST", **headers: str) -> Answer:
    asked = {"origin": origin, "access_control_request_method": method}
    return send("safe", b"", method="OPTIONS", **asked, **headers)


def test_a_browser_is_told_which_pages_may_send_and_no_run_is_made() -> None:
    listens_to(cors_origins=[SHOP])
    answer = preflight(SHOP, access_control_request_headers="content-type, x-shop")
    assert answer.status == 204
    assert {name: answer.headers[name] for name in answer.headers if "access" in name} == {
        "access-control-allow-origin": SHOP,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "content-type, x-shop",
        "access-control-max-age": "600",
    }
    assert answer.headers["vary"] == "Origin"
    assert not Run.objects.exists()


def test_a_preflight_needs_no_credential_for_browsers_send_none() -> None:
    listens_to(cors_origins=["*"], ip_allow=["192.0.2.0/24"])
    assert preflight(SHOP).headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("origins", "origin", "method"),
    [
        ([SHOP], "https://other.example", "POST"),
        ([SHOP], f"{SHOP}.evil.example", "POST"),
        ([SHOP], "http://shop.example", "POST"),
        ([SHOP], "null", "POST"),
        ([SHOP], SHOP, "PUT"),
        ([], SHOP, "POST"),
    ],
)
def test_other_pages_and_methods_are_refused(origins: list[str], origin: str, method: str) -> None:
    listens_to(cors_origins=origins)
    answer = preflight(origin, method)
    assert (answer.status, code_of(answer)) == (405, "method_not_allowed")
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_names_of_headers_that_are_none_are_not_repeated() -> None:
    listens_to(cors_origins=[SHOP])
    assert preflight(SHOP, access_control_request_headers="x<script>").status == 405


def test_a_page_may_read_the_answer_whatever_it_is() -> None:
    listens_to(cors_origins=[SHOP])
    for body, status in ((b"{}", 202), (b"{", 400)):
        answer = send("safe", body, origin=SHOP)
        assert answer.status == status
        assert answer.headers["access-control-allow-origin"] == SHOP
    other = send("safe", origin="https://other.example")
    assert "access-control-allow-origin" not in other.headers
    assert other.headers["vary"] == "Origin"


def test_no_answer_speaks_of_pages_where_none_are_listed() -> None:
    listens_to()
    assert "vary" not in send("safe", origin=SHOP).headers


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"ip_allow": ["192.0.2.1/24"]}, "ip_allow[0]"),
        ({"ip_allow": ["192.0.2.1", "here"]}, "ip_allow[1]"),
        ({"ip_allow": ["192.0.2.1-9"]}, "ip_allow[0]"),
        ({"ip_allow": "192.0.2.1"}, "ip_allow"),
        ({"ip_allow": ["192.0.2.1"] * 101}, "ip_allow"),
        ({"cors_origins": ["shop.example"]}, "cors_origins[0]"),
        ({"cors_origins": [SHOP, f"{SHOP}/"]}, "cors_origins[1]"),
        ({"cors_origins": ["null"]}, "cors_origins[0]"),
        ({"cors_origins": ["https://*.shop.example"]}, "cors_origins[0]"),
    ],
)
def test_what_is_no_network_or_origin_is_named(params: dict[str, Any], path: str) -> None:
    workflow = make_workflow()
    document = graph([node("in", "webhook", params={"path": "x", **params}), node("end")])
    client = ApiClient(make_user(workflow.workspace, Role.EDITOR))
    answer = client.post(f"workflows/{workflow.pk}/validate", {"graph": document})
    assert f"nodes[0].params.{path}" in [each["path"] for each in answer.json()["errors"]]
