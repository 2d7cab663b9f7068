"""What a step fails with is recorded, whatever characters are in it."""

import pytest

from apps.runs.start import StartRequest, start_run
from apps.runs.states import RunStatus
from tests.factories import make_user, make_version
from tests.graphs import graph, node
from tests.runs.work import execute, steps_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "message", ["$json.name.slice(0, 1)", "'x'.repeat(1999) + $json.name", "'\\0'"]
)
def test_half_a_character_in_an_error_is_replaced(message: str) -> None:
    params = {"language": "javascript", "mode": "each", "code": f"throw new Error({message})"}
    document = graph(
        [node("start", "manual"), node("half", "transform", params=params)], ["start -> half"]
    )
    version = make_version(graph=document, is_published=True)
    asked = StartRequest(version=1, input={"name": "\U0001f600"})
    run = execute(start_run(version.workflow, asked, by=make_user(version.workspace)))
    assert (run.status, run.error_code, run.crashes) == (RunStatus.FAILED, "js_error", 0)
    assert "\ufffd" in str(run.error_message)
    assert "\ufffd" in str(steps_of(run)["half"].error)
