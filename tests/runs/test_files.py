"""The files of runs: kept once, opened only by the runs that have them, gone with the last."""

import hashlib
import tempfile
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.engine.ports import RunInfo
from apps.runs.files import DatabaseFiles, give_files, own_files, store_file
from apps.runs.models import Payload, Run
from apps.runs.payloads import PIECE_BYTES, read_payload, store_payload
from apps.runs.tidy import delete_unreferenced_payloads
from tests.factories import make_run, make_workspace

pytestmark = pytest.mark.django_db
FILES = DatabaseFiles()


def info(run: Run) -> RunInfo:
    return RunInfo(
        run.pk, run.workspace_id, run.workflow_id, "", 1, "manual", "UTC", timezone.now()
    )


def test_a_run_reads_back_what_it_kept() -> None:
    run = info(make_run())
    assert FILES.read(run, FILES.keep(run, b"%PDF", "application/pdf")) == b"%PDF"


def test_the_same_content_is_kept_once() -> None:
    run = info(make_run())
    assert FILES.keep(run, b"x", "text/plain") == FILES.keep(run, b"x", "text/plain")


def test_another_run_cannot_open_it_though_it_knows_the_reference() -> None:
    one = make_run()
    id = FILES.keep(info(one), b"x", "text/plain")
    of_workspace = make_run(one.version)
    assert FILES.read(info(of_workspace), id) is None
    assert FILES.read(info(make_run()), id) is None


@pytest.mark.parametrize("id", ["", "no uuid", str(UUID(int=1)), "\x00"])
def test_what_is_no_file_opens_nothing(id: str) -> None:
    assert FILES.read(info(make_run()), id) is None


def test_a_file_that_the_storage_lost_opens_nothing() -> None:
    run = info(make_run())
    id = FILES.keep(run, b"x", "text/plain")
    default_storage.delete(Payload.objects.get(pk=id).file)
    assert FILES.read(run, id) is None


def test_a_run_that_takes_over_steps_opens_their_files() -> None:
    source = make_run()
    id = FILES.keep(info(source), b"x", "text/plain")
    again = make_run(source.version)
    give_files(source.pk, again)
    give_files(source.pk, again)
    assert FILES.read(info(again), id) == b"x"


def test_the_clean_up_spares_what_a_run_has_and_takes_it_when_the_run_is_gone() -> None:
    run = make_run()
    FILES.keep(info(run), b"x", "text/plain")
    later = timezone.now() + timedelta(days=2)
    assert delete_unreferenced_payloads(later) == 0
    run.delete()
    assert delete_unreferenced_payloads(later) == 1


def test_an_open_file_is_stored_whole_wherever_it_stands() -> None:
    content = b"0123456789abcdef" * (PIECE_BYTES // 8)
    with tempfile.SpooledTemporaryFile(max_size=1_000) as file:
        file.write(content)
        id = store_payload(make_workspace().pk, file, "image/png")
    payload = Payload.objects.get(pk=id)
    assert read_payload(id) == content
    assert (payload.size, payload.content_type) == (len(content), "image/png")
    assert payload.sha256 == hashlib.sha256(content).hexdigest()


def test_a_file_and_the_same_bytes_are_one_payload() -> None:
    workspace = make_workspace().pk
    assert store_payload(workspace, BytesIO(b"same")) == store_payload(workspace, b"same")


def test_a_file_that_was_stored_for_a_run_opens_once_the_run_has_it() -> None:
    run = make_run()
    reference = store_file(
        run.workspace_id, BytesIO(b"%PDF"), name="../a/invoice.PDF", media_type="application/pdf"
    )
    id = reference["id"]
    assert reference == {
        "id": id,
        "mimeType": "application/pdf",
        "fileName": "invoice.PDF",
        "fileExtension": "pdf",
        "fileSize": 4,
    }
    assert FILES.read(info(run), id) is None
    own_files(run, [{"json": {}, "binary": {"data": reference}}])
    assert FILES.read(info(run), id) == b"%PDF"
