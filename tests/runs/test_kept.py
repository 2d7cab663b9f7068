"""What has run is kept as long as its runs are."""

import pytest
from django.db.models import RestrictedError

from apps.runs.models import Run
from tests.factories import make_run, make_step

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kept", ["workflow", "version"])
def test_what_has_run_is_not_deleted(kept: str) -> None:
    run = make_run()
    with pytest.raises(RestrictedError):
        getattr(run, kept).delete()
    run.refresh_from_db()


def test_a_workspace_takes_all_that_is_its_own_with_it() -> None:
    run = make_run()
    make_step(run)
    run.workspace.delete()
    assert not Run.objects.exists()
