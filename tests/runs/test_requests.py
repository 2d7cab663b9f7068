"""Whole runs whose nodes send requests: tokens, batches, files, on the database and on threads."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from apps.credentials.grants import store_tokens
from apps.credentials.models import Credential
from apps.credentials.vault import opened
from apps.nodes.context import bound, services
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.outside.oauth2 import Tokens
from apps.runs.models import Run
from tests.credentials.provider import Provider, providing
from tests.factories import make_credential, make_version, make_workflow
from tests.graphs import graph, node
from tests.nodes.servers import LocalServer, Reply, Seen, serving
from tests.runs.work import created, execute, output_of, steps_of

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def reaching(*servers: LocalServer) -> Iterator[None]:
    policy = EgressPolicy([f"127.0.0.1:{server.port}" for server in servers])
    with bound(replace(services(), egress=policy)):
        yield


def run_of(params: dict[str, Any], credential: Credential | None = None, items: int = 1) -> Run:
    """A run of one HTTP Call, as far as it comes."""
    if credential is not None:
        params = {**params, "credential": str(credential.pk)}
    nodes = [node("start", "manual"), node("call", "http_call", params=params)]
    workflow = make_workflow(credential.workspace) if credential else make_workflow()
    version = make_version(workflow, graph(nodes, ["start -> call"]))
    return execute(created(version, items=[{"json": {"n": n}} for n in range(items)]))


def everything() -> str:
    """All that the tables of runs and credentials hold, as the database has it."""
    rows = ""
    with connection.cursor() as cursor:
        for table in ("runs", "step_runs", "oauth_grants", "credentials", "audit_entries"):
            cursor.execute(f"SELECT * FROM {table}")
            rows += str(cursor.fetchall())
    return rows


def indiscreet(provider: Provider) -> Any:
    """The provider's API, which repeats the token that it was sent."""

    def reply(seen: Seen) -> Reply:
        answer = provider(seen)
        if seen.path.startswith("/api"):
            said = {"you_sent": seen.header("authorization"), "path": seen.path}
            return Reply(answer.status, {"Content-Type": "application/json"},
                         json.dumps(said).encode())  # fmt: skip
        return answer

    return reply


def test_a_batch_is_sent_with_one_token_that_stands_nowhere_afterwards() -> None:
    provider = Provider()
    with serving(indiscreet(provider)) as server, reaching(server):
        provider.server = server
        credential = make_credential(
            type="oauth2_client", values=provider.values("client_credentials")
        )
        params = {"url": f"={server.url}/api/{{{{ $json.n }}}}", "batching": {"size": 5}}
        run = run_of(params, credential, items=10)
    assert run.status == "completed", run.error_message
    [token] = provider.access
    assert len(provider.asked) == 1
    items = output_of(run, "call")["main"]
    assert [item["json"]["body"]["path"] for item in items] == [f"/api/{n}" for n in range(10)]
    assert "•" in items[0]["json"]["body"]["you_sent"]
    assert token not in everything()


def test_a_token_that_the_service_refuses_is_renewed_within_the_step() -> None:
    with providing() as provider, reaching(provider.server):
        credential = make_credential(type="oauth2_client", values=provider.values())
        provider.refresh.add("refresh-first-token")
        stale = Tokens("stale-access-token", "refresh-first-token")
        store_tokens(credential, opened(credential).values, stale)
        run = run_of({"url": f"{provider.server.url}/api", "batching": {"size": 3}}, credential, 6)
        assert run.status == "completed", run.error_message
        assert [asked["grant_type"] for asked in provider.asked] == ["refresh_token"]
        assert not {"stale-access-token", "refresh-first-token"} & set(everything().split("'"))


def test_a_step_without_consent_says_what_is_to_be_done() -> None:
    with providing() as provider, reaching(provider.server):
        credential = make_credential(type="oauth2_client", values=provider.values())
        run = run_of({"url": f"{provider.server.url}/api"}, credential)
    step = steps_of(run)["call"]
    assert (run.status, step.error_code) == ("failed", "oauth_not_authorized")
    assert provider.api_calls() == []


def test_an_answer_kept_as_a_file_is_sent_on_as_one() -> None:
    reply = Reply(200, {"Content-Type": "image/png"}, b"\x89PNG")
    with serving(reply) as server, reaching(server):
        nodes = [
            node("start", "manual"),
            node("get", "http_call", params={"url": f"{server.url}/a.png", "response": "file"}),
            node(
                "put",
                "http_call",
                params={
                    "method": "PUT",
                    "url": server.url,
                    "body_kind": "multipart",
                    "files": {"image": "data"},
                },
            ),
        ]
        version = make_version(graph=graph(nodes, ["start -> get", "get -> put"]))
        run = execute(created(version))
    assert run.status == "completed", run.error_message
    sent = server.seen[1]
    assert b'filename="a.png"' in sent.body
    assert b"\x89PNG" in sent.body
