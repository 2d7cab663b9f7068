"""The duties of those who operate FlowForge, in the admin: as the operator of a workspace where
that role may, as superuser where the installation itself is touched."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import button, hooked, named
from tests.graphs import graph
from tests.installation import Installation
from tests.services import wait_for

# The first of them starts an installation and makes its operator.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
OPERATOR, PASSWORD = "operator@example.test", "a quiet green lake"
MAKE_OPERATOR = f"""
from apps.workspaces.models import Membership, User, Workspace
user = User.objects.create_user("{OPERATOR}", "{PASSWORD}", is_staff=True)
Membership.objects.create(workspace=Workspace.objects.get(), user=user, role="operator")
"""


@pytest.fixture(scope="module")
def operator_account(installation: Installation) -> None:
    installation.manage("shell", "-c", MAKE_OPERATOR)


@pytest.fixture
def operator(page: Page, installation: Installation, operator_account: None) -> Page:
    """The admin's first page, of the operator of the one workspace."""
    who = {"email": OPERATOR, "password": PASSWORD}
    assert page.request.post("/api/v1/auth/login", data=who).ok
    page.goto("/admin/")
    return page


def in_sidebar(page: Page, model: str) -> None:
    page.locator(f"a[href='/admin/{model}/']").first.click()


def open_workflow(page: Page, name: str) -> None:
    in_sidebar(page, "workflows/workflow")
    page.get_by_role("row").filter(has_text=name).get_by_role("link").first.click()
    expect(page.get_by_role("navigation", name="Of this workflow")).to_be_visible()


def its_runs(page: Page) -> None:
    of_workflow = page.get_by_role("navigation", name="Of this workflow")
    of_workflow.get_by_role("link", name="Runs", exact=True).click()
    expect(page).to_have_url(re.compile("workflow__id__exact"))


def do_to_all(page: Page, what: str) -> str:
    """Have it counted, then begun; gives the count's sentence."""
    page.get_by_role("link", name="Do something to all that this filter finds…").click()
    page.locator("select[name=workspace]").select_option(label="Demo")
    page.locator("select[name=what]").select_option(label=what)
    page.get_by_role("button", name="Count").click()
    counted = page.locator("main strong, form strong").first.inner_text()
    page.get_by_role("button", name="Begin").click()
    expect(page).to_have_url(re.compile(r"/operations/bulkjob/.+/change/"))
    return counted


def expect_all_done(page: Page, count: int) -> None:
    """The page of the job tells so by itself, and offers to stop it no more."""
    expect(page.get_by_text(f"{count} of {count} done")).to_be_visible(timeout=60_000)
    expect(button(page, "Stop")).to_have_count(0)


def test_an_operator_finds_what_failed_and_retries_all_of_it(
    operator: Page, installation: Installation
) -> None:
    stop = named("stop", "stop_and_error", "Stop", params={"message": "The warehouse is closed."})
    workflow = installation.workflow(hooked("nightly-orders", stop), "Orders of the night")
    failed = [installation.hook("nightly-orders", {"n": n}) for n in range(3)]
    for run in failed:
        assert installation.ended(run)["status"] == "failed"

    operator.goto("/admin/")
    operator.get_by_role("link", name=re.compile("^Failed")).first.click()
    row = operator.get_by_role("row").filter(has_text=failed[0][-12:])
    expect(row).to_contain_text("The warehouse is closed.")

    open_workflow(operator, "Orders of the night")
    its_runs(operator)
    operator.goto(f"{operator.url}&status__exact=failed")
    expect(operator.get_by_role("row").filter(has_text="Orders of the night")).to_have_count(3)
    counted = do_to_all(operator, "Retry from the start, on their own version")
    assert counted.startswith("3 runs")
    expect_all_done(operator, 3)
    runs = installation.api("GET", f"runs?workflow={workflow}")["results"]
    assert sorted(run["retry_of"] for run in runs if run["retry_of"]) == sorted(failed)


def test_an_operator_stops_a_runaway_workflow(operator: Page, installation: Installation) -> None:
    wait = named("wait", "delay", "Wait", params={"seconds": 3_000})
    workflow = installation.workflow(hooked("runaway", wait), "Runs away")
    runs = [installation.hook("runaway", {}) for _ in range(2)]

    open_workflow(operator, "Runs away")
    button(operator, "Pause").click()
    operator.get_by_label("Reason").fill("It calls itself.")
    operator.get_by_role("button", name="Pause").click()
    expect(operator.get_by_text("1 workflow paused.")).to_be_visible()
    expect(operator.get_by_text(f"It calls itself. ({OPERATOR}")).to_be_visible()
    late = installation.hook("runaway", {})

    its_runs(operator)
    counted = do_to_all(operator, "Cancel those that are open")
    assert counted.startswith("3 runs")
    expect_all_done(operator, 3)
    for run in (*runs, late):
        assert installation.ended(run)["status"] == "cancelled"
    assert installation.api("GET", f"workflows/{workflow}")["status"] == "active"


def test_an_operator_pauses_a_schedule(operator: Page, installation: Installation) -> None:
    nightly = named("tick", "schedule", "Tick", params={"cron": "15 4 * * *"})
    nodes = [nightly, named("end", "no_operation", "End")]
    installation.workflow(graph(nodes, ["tick -> end"]), "Report of the night")

    in_sidebar(operator, "triggers/schedule")
    row = operator.get_by_role("row").filter(has_text="Report of the night")
    row.get_by_role("link").first.click()
    button(operator, "Pause").click()
    operator.get_by_role("button", name="Pause").click()
    expect(operator.get_by_text("1 schedule paused.")).to_be_visible()
    in_sidebar(operator, "triggers/schedule")
    expect(row).to_contain_text("paused")


def test_an_operator_sees_nothing_of_the_installation(operator: Page) -> None:
    for page in ("runs/worker", "django_celery_beat/periodictask"):
        assert operator.request.get(f"/admin/{page}/").status == 403
    expect(operator.get_by_role("link", name="Workers and queues")).to_have_count(0)


def test_a_superuser_drains_a_worker_and_has_it_work_again(
    signed_in: Page, installation: Installation
) -> None:
    signed_in.goto("/admin/runs/worker/")
    row = signed_in.get_by_role("row").filter(has_text="flowforge")
    expect(row).to_contain_text("working")
    row.get_by_role("link").first.click()
    button(signed_in, "Drain").click()
    signed_in.get_by_role("button", name="Drain").click()
    expect(signed_in.get_by_text("1 worker asked to drain.")).to_be_visible()

    def is_drained() -> bool:
        signed_in.goto("/admin/runs/worker/")
        return "drained" in row.inner_text().lower()

    wait_for(is_drained, 60, every=0.5)
    expect(signed_in.get_by_text("Nobody takes runs")).to_be_visible()
    row.get_by_role("link").first.click()
    button(signed_in, "Undo the drain").click()
    signed_in.get_by_role("button", name="Work again").click()
    expect(signed_in.get_by_text("1 worker asked to work again.")).to_be_visible()
    installation.workflow(hooked("after", named("end", "no_operation", "End")), "Afterwards")
    assert installation.ended(installation.hook("after", {}))["status"] == "completed"


def test_a_version_is_rolled_back_after_a_look_at_what_that_changes(
    signed_in: Page, installation: Installation
) -> None:
    good = hooked("rolled", named("say", "transform", "Say", params={"code": "return items;"}))
    workflow = installation.workflow(good, "Rolled back")
    good["nodes"][1]["params"]["code"] = "throw new Error('Oh no.');"
    path = f"workflows/{workflow}"
    version = installation.api("POST", f"{path}/versions", {"graph": good})["version"]
    installation.api("POST", f"{path}/publish", {"version": version})

    signed_in.goto("/admin/")
    open_workflow(signed_in, "Rolled back")
    versions = signed_in.get_by_role("table").filter(has_text="Saved")
    versions.get_by_role("link", name="1", exact=True).click()
    changes = signed_in.get_by_role("group", name="params.code")
    expect(changes).to_contain_text("throw new Error('Oh no.');")
    expect(changes).to_contain_text("return items;")
    button(signed_in, "Roll back to this").click()
    expect(signed_in.get_by_text("Roll back to this version?")).to_be_visible()
    signed_in.get_by_role("button", name="Roll back").click()
    expect(signed_in.get_by_text("1 version published.")).to_be_visible()
    assert installation.api("GET", path)["version"] == 1
    assert installation.ended(installation.hook("rolled", {}))["status"] == "completed"


def test_the_limits_of_a_workflow_are_changed_on_its_page(
    signed_in: Page, installation: Installation
) -> None:
    workflow = installation.workflow(
        hooked("limited", named("end", "no_operation", "End")), "To be limited"
    )
    signed_in.goto("/admin/")
    open_workflow(signed_in, "To be limited")
    signed_in.get_by_role("link", name="Change limits…").first.click()
    signed_in.get_by_label("Runs at once", exact=True).fill("two")
    publish = signed_in.get_by_role("button", name="Publish with these limits")
    publish.click()
    # It is scrolled to, from the end of the dialog.
    at_once = signed_in.get_by_label("Runs at once", exact=True)
    expect(at_once).to_be_focused()
    expect(at_once).to_be_in_viewport()
    expect(signed_in.get_by_text("Enter a whole number.")).to_be_visible()

    at_once.fill("2")
    publish.click()
    told = "Version 2 is published: runs at once no limit → 2."
    expect(signed_in.get_by_text(told)).to_be_visible()
    path = f"workflows/{workflow}"
    assert installation.api("GET", path)["version"] == 2
    for graph_of in ("versions/2", "draft"):
        found = installation.api("GET", f"{path}/{graph_of}")["graph"]
        assert found["settings"] == {"concurrency": {"limit": 2}}
