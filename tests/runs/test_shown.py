"""What a step took, where that is only known by its sources."""

from typing import Any

import pytest

from apps.runs.models import Run, StepRun
from apps.runs.shown import LISTED_BYTES, with_payloads
from apps.runs.states import StepStatus
from tests.factories import make_run, make_step

pytestmark = pytest.mark.django_db


def given(run: Run, node: str, iteration: int, size: int = 1) -> StepRun:
    output = {"main": [{"json": {"text": "x" * size}}]}
    return make_step(run, node, iteration=iteration, output_json=output)


def taking(run: Run, *sources: tuple[str, int, str]) -> StepRun:
    return make_step(run, "end", sources={"main": [list(source) for source in sources]})


@pytest.mark.parametrize("whole", [False, True])
def test_the_last_step_of_a_long_loop_took_what_every_batch_gave(whole: bool) -> None:
    run = make_run()
    first = given(run, "body", 0)
    StepRun.objects.bulk_create(
        StepRun(
            workspace_id=run.workspace_id,
            run=run,
            node_id="body",
            iteration=n,
            status=StepStatus.COMPLETED,
            output_json={"main": [{"json": {"n": n}}]},
            started_at=first.started_at,
            seq_started=n + 1,
            seq=n + 1,
        )
        for n in range(1, 2_500)
    )
    last = taking(run, *(("body", n, "main") for n in range(1, 2_500)))
    [shown] = with_payloads([last], whole=whole)
    assert [item["json"]["n"] for item in shown.input_json["main"]] == list(range(1, 2_500))


def test_a_list_reads_no_sources_that_are_too_large_together(
    django_assert_num_queries: Any,
) -> None:
    run = make_run()
    for n in range(3):
        given(run, "body", n, LISTED_BYTES // 2)
    last = taking(run, *(("body", n, "main") for n in range(3)))
    with django_assert_num_queries(1):
        [shown] = with_payloads([last])
    assert (shown.input_json, shown.left_out) == (None, ["input_json"])
    [shown] = with_payloads([last], whole=True)
    assert len(shown.input_json["main"]) == 3


def test_not_even_a_whole_step_has_more_than_a_step_could_give(settings: Any) -> None:
    settings.MAX_STEP_OUTPUT_BYTES = 1_000
    run = make_run()
    for n in range(3):
        given(run, "body", n, 500)
    [shown] = with_payloads([taking(run, *(("body", n, "main") for n in range(3)))], whole=True)
    assert shown.left_out == ["input_json"]


def test_of_a_step_whose_sources_were_not_taken_over_the_input_is_not_known() -> None:
    run = make_run()
    given(run, "body", 0)
    [shown] = with_payloads([taking(run, ("body", 0, "main"), ("body", 1, "main"))])
    assert (shown.input_json, shown.left_out) == (None, [])
