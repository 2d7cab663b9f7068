"""What a run's webhook is to answer, kept with the step that says so."""

from typing import Any

import pytest

from apps.runs.models import Payload, Run, RunAnswer
from tests.factories import make_version
from tests.graphs import graph, node
from tests.runs.work import created, execute

pytestmark = pytest.mark.django_db


def run_answering(*answers: dict[str, Any]) -> Run:
    nodes = [node("start", "manual")]
    edges = []
    for place, params in enumerate(answers):
        nodes.append(node(f"a{place}", "respond_to_webhook", params=params))
        edges.append(f"{nodes[-2]['id']} -> a{place}")
    version = make_version(graph=graph(nodes, edges))
    return execute(created(version, items=[{"json": {"id": 7}}]))


def test_the_first_answer_of_a_run_is_kept() -> None:
    run = run_answering({"status": 201}, {"answer": "nothing"})
    answer = RunAnswer.objects.get(run=run)
    assert (answer.status, bytes(answer.body)) == (201, b'{"id":7}')
    assert answer.headers == {"content-type": "application/json"}


def test_a_large_body_is_kept_as_a_payload() -> None:
    run = run_answering({"answer": "text", "body": "x" * 300_000})
    answer = RunAnswer.objects.get(run=run)
    assert bytes(answer.body) == b""
    assert Payload.objects.get(pk=answer.payload_id).size == 300_000


def test_a_step_that_fails_answers_nothing() -> None:
    run = run_answering({"headers": {"X-City": "Zürich"}})
    assert run.status == "failed"
    assert not RunAnswer.objects.exists()
