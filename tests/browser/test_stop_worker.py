"""A worker of a cluster is stopped from the admin: a real process ends, and its run goes on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.integration import flows
from tests.integration.cluster import Cluster
from tests.integration.effects import EffectServer
from tests.services import MissingBinaryError, leave_out, wait_for

# The test starts PostgreSQL, Redis, a server, two workers and beat.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory, effects: EffectServer) -> Iterator[Cluster]:
    """The worker of the one-process server is not stopped so."""
    try:
        made = Cluster(tmp_path_factory.mktemp("cluster"), effects)
    except MissingBinaryError as missing:
        leave_out(str(missing))
    with made:
        made.begin()
        yield made


@pytest.fixture
def root(browser: Browser, cluster: Cluster) -> Iterator[Page]:
    """A page of who may do all of it."""
    page = browser.new_page(base_url=cluster.url)
    who = {"email": cluster.email, "password": cluster.password}
    assert page.request.post("/api/v1/auth/login", data=who).ok
    yield page
    page.close()


def test_a_superuser_stops_a_worker_which_ends_after_it_has_handed_its_run_back(
    root: Page, cluster: Cluster, effects: EffectServer
) -> None:
    cluster.workflow(flows.held("held", effects, "run_again"), "Held")
    effects.hold()
    run = cluster.hook("held", {})
    wait_for(lambda: effects.begun_by(run))
    process = cluster.parts[cluster.worker_of(run)]

    root.goto("/admin/runs/worker/")
    row = root.get_by_role("row").filter(has_text=f":{process.pid}")
    row.get_by_role("link").first.click()
    root.get_by_role("link", name="Stop").click()
    dialog = root.locator("#dialog")
    expect(dialog).to_contain_text(run)
    dialog.get_by_role("button", name="Stop", exact=True).click()
    expect(root.get_by_text("1 worker asked to stop.")).to_be_visible()

    # It takes longer than `DRAIN_S`: another worker makes it anew.
    wait_for(lambda: effects.begun_by(run)["effect:0"] == 2)
    assert process.popen.wait(timeout=60) == 0
    effects.release()
    assert cluster.ended(run)["status"] == "completed"
    assert cluster.rows("SELECT crashes FROM runs WHERE id = %s", run) == [(0,)]
    root.goto("/admin/runs/worker/")
    expect(root.get_by_text("1 worker takes runs of every queue")).to_be_visible()
    expect(row).to_have_count(0)
