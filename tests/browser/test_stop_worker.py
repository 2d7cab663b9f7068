"""A worker of a cluster is stopped from the admin: a real process ends, and its run goes on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.integration import flows
from tests.integration.cluster import Cluster
from tests.integration.effects import EffectServer
from tests.services import MissingBinaryError, leave_out, wait_for

# The test starts PostgreSQL, Redis, a server, two workers and beat.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="session")
def installation(
    tmp_path_factory: pytest.TempPathFactory, effects: EffectServer
) -> Iterator[Cluster]:
    """In place of the one-process server, whose worker is not stopped so."""
    try:
        cluster = Cluster(tmp_path_factory.mktemp("cluster"), effects)
    except MissingBinaryError as missing:
        leave_out(str(missing))
    with cluster:
        cluster.begin()
        yield cluster


def test_a_superuser_stops_a_worker_which_ends_after_it_has_handed_its_run_back(
    signed_in: Page, installation: Cluster, effects: EffectServer
) -> None:
    installation.workflow(flows.held("held", effects, "run_again"), "Held")
    effects.hold()
    run = installation.hook("held", {})
    wait_for(lambda: effects.begun_by(run))
    process = installation.parts[installation.worker_of(run)]

    signed_in.goto("/admin/runs/worker/")
    row = signed_in.get_by_role("row").filter(has_text=f":{process.pid}")
    row.get_by_role("link").first.click()
    signed_in.get_by_role("link", name="Stop").click()
    dialog = signed_in.locator("#dialog")
    expect(dialog).to_contain_text(run)
    dialog.get_by_role("button", name="Stop", exact=True).click()
    expect(signed_in.get_by_text("1 worker asked to stop.")).to_be_visible()

    # It takes longer than `DRAIN_S`: another worker makes it anew.
    wait_for(lambda: effects.begun_by(run)["effect:0"] == 2)
    assert process.popen.wait(timeout=60) == 0
    effects.release()
    assert installation.ended(run)["status"] == "completed"
    assert installation.rows("SELECT crashes FROM runs WHERE id = %s", run) == [(0,)]
    signed_in.goto("/admin/runs/worker/")
    expect(signed_in.get_by_text("1 worker takes runs of every queue")).to_be_visible()
    expect(row).to_have_count(0)
