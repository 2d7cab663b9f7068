"""What the steps of a run give in all is counted in its row, and bounded."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from apps.engine.encoding import encode
from apps.engine.errors import NodeError
from apps.engine.kept import KeptBytes
from apps.nodes.files import Files, NoFiles
from apps.runs.models import Run
from apps.runs.start import StartRequest, start_run
from apps.runs.states import RunStatus
from apps.runs.walk import _limits
from tests.factories import make_user, make_version
from tests.graphs import chain
from tests.nodes.twins import RUN
from tests.runs.work import created, execute, steps_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cap(settings: LazySettings) -> Iterator[LazySettings]:
    """Settings whose limits count from now on."""
    _limits.cache_clear()
    yield settings
    _limits.cache_clear()


def started(size: int = 100) -> Run:
    version = make_version(graph=chain("start", "a", "b", "c"), is_published=True)
    asked = StartRequest(version=1, input={"text": "x" * size})
    return start_run(version.workflow, asked, by=make_user(version.workspace))


def test_a_run_tells_how_much_it_was_given_and_its_steps_gave() -> None:
    run = execute(started())
    assert run.status == RunStatus.COMPLETED
    given = sum(len(encode(step.output_json)) for step in run.steps.all())
    assert run.output_bytes == len(encode(run.input_json)) + given


def test_files_that_a_run_is_given_or_makes_count_too() -> None:
    version = make_version()
    file = {"id": str(version.pk), "fileSize": 7_000}
    forged = {"id": "x", "fileSize": -7_000}
    items = [{"json": {}, "binary": {"a": file, "b": forged, "c": "no reference"}}]
    run = created(version, items=items)
    assert run.output_bytes == 7_000 + len(encode(items))
    kept = KeptBytes(run.output_bytes, most=8_000)
    files = Files(RUN, NoFiles(), 10**6, count=kept.take)
    with pytest.raises(NodeError) as refused:
        files.keep(b"x" * 1_000)
    assert refused.value.code == "run_output_too_large"
    assert f"{run.output_bytes:,} bytes" in refused.value.message


def test_a_run_that_gives_too_much_in_all_ends_with_a_clear_error(cap: LazySettings) -> None:
    cap.MAX_RUN_OUTPUT_BYTES = 400
    run = execute(started())
    assert (run.status, run.error_code) == (RunStatus.FAILED, "run_output_too_large")
    assert "400 bytes" in (run.error_message or "")
    assert list(steps_of(run)) == ["start", "a"]


def test_what_earlier_claims_recorded_counts_too(cap: LazySettings) -> None:
    cap.MAX_RUN_OUTPUT_BYTES = 1_000
    run = started()
    Run.objects.filter(pk=run.pk).update(output_bytes=900)
    assert execute(run).error_code == "run_output_too_large"
