"""What axe-core finds on the main pages: who cannot see or use a mouse works with them too."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.scenes import Scene, scenes, show
from tests.installation import ROOT, Installation

pytestmark = pytest.mark.browser

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
GRAVE = ("serious", "critical")
EXAMINED = {
    *("workflows", "workflow", "editor", "node", "versions", "credentials", "schedules"),
    *("members", "api-keys", "settings", "compare", "runs", "run", "failed-run"),
}
"""One of each kind of page: an examination takes its time."""


@pytest.fixture(scope="module")
def all_scenes(installation: Installation) -> list[Scene]:
    return [scene for scene in scenes(installation) if scene.name in EXAMINED]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_has_a_grave_fault_of_accessibility(
    signed_in: Page, all_scenes: list[Scene], scheme: Any, width: int
) -> None:
    page = signed_in
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    found = []
    for scene in all_scenes:
        show(page, scene)
        page.evaluate(AXE.read_text())
        result: Any = page.evaluate("() => axe.run()")
        for fault in result["violations"]:
            if fault["impact"] in GRAVE:
                found += [f"{scene.name}: {_told(fault, node)}" for node in fault["nodes"]]
    assert not found, "\n".join(found)


def _told(fault: Any, node: Any) -> str:
    why = " ".join(node["failureSummary"].split())
    return f"{fault['id']} at {node['target']}: {node['html'][:120]}: {why}"
