"""What axe-core finds on the main pages: who cannot see or use a mouse works with them too."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.admin_scenes import admin_scenes
from tests.browser.scenes import Scene, scenes, show
from tests.installation import ROOT, Installation
from tests.migrated import migrated_sqlite

pytestmark = pytest.mark.browser

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
GRAVE = ("serious", "critical")
EXAMINED = {
    *("workflows", "workflow", "editor", "node", "versions", "credentials", "schedules"),
    *("members", "api-keys", "settings", "compare", "runs", "run", "failed-run"),
    *("admin", "admin-list-of-runs.run", "admin-list-of-runs.worker"),
    *("admin-list-of-workspaces.auditentry", "admin-list-of-workflows.workflow"),
    *("admin-a-runs.run", "admin-a-runs.steprun", "admin-a-operations.errorgroup"),
    *("admin-a-operations.alertrule", "admin-a-triggers.schedule", "admin-a-workspaces.workspace"),
    *("admin-a-workspaces.user", "admin-a-versions.workflowversion", "admin-a-runs.worker"),
    *("admin-add-a-runs.run", "admin-add-a-credentials.credential", "admin-add-a-runs.hold"),
    *("admin-delete-a-workspaces.variable", "admin-assign-a-operations.errorgroup"),
    *("admin-decide-a-runs.steprun", "admin-events-of-a-run", "admin-grid-of-a-workflow"),
    "limits-dialog",
}
"""One of each kind of page: an examination takes its time."""
OPENED = {
    *("menu", "workflow-menu", "workspaces", "statuses", "retry", "problems"),
    *("editor-runs", "palette", "commands", "more-filters", "console", "timeline", "operations"),
}
"""What opens or is pointed at on them."""


@pytest.fixture(scope="module")
def all_scenes(installation: Installation) -> list[Scene]:
    return scenes(installation)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_has_a_grave_fault_of_accessibility(
    signed_in: Page, all_scenes: list[Scene], scheme: Any, width: int
) -> None:
    page = signed_in
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    _examine(page, [scene for scene in all_scenes if scene.name in EXAMINED])


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_nothing_that_opens_has_a_grave_fault_of_accessibility(
    signed_in: Page, all_scenes: list[Scene], scheme: Any, width: int
) -> None:
    page = signed_in
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    _examine(page, [scene for scene in all_scenes if scene.name in OPENED])


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, list[Scene]]]:
    """An installation of its own with rows of everything, which others would stumble over."""
    folder = tmp_path_factory.mktemp("admin")
    with Installation(folder, migrated_sqlite(folder)) as installation:
        installation.serve()
        scenes = admin_scenes(installation)
        yield installation, [scene for scene in scenes if scene.name in EXAMINED]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_no_page_of_the_admin_has_a_grave_fault_of_accessibility(
    browser: Browser, filled: tuple[Installation, list[Scene]], scheme: Any, width: int
) -> None:
    installation, pages = filled
    page = browser.new_page(
        base_url=installation.url,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 900},
    )
    who = {"email": installation.email, "password": installation.password}
    assert page.request.post("/api/v1/auth/login", data=who).ok
    _examine(page, pages)
    page.close()


def _examine(page: Page, scenes: list[Scene]) -> None:
    found = []
    for scene in scenes:
        show(page, scene)
        page.evaluate(AXE.read_text())
        result: Any = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
        for fault in result["violations"]:
            if fault["impact"] in GRAVE:
                found += [f"{scene.name}: {_told(fault, node)}" for node in fault["nodes"]]
    assert not found, "\n".join(found)


def _told(fault: Any, node: Any) -> str:
    why = " ".join(node["failureSummary"].split())
    return f"{fault['id']} at {node['target']}: {node['html'][:120]}: {why}"
