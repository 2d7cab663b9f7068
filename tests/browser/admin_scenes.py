"""All pages of the admin with rows on each, to be looked at and examined."""

from __future__ import annotations

import json
import os
import re

from playwright.sync_api import Locator, Page

from tests.browser.scenes import Scene
from tests.installation import Installation


def admin_scenes(installation: Installation) -> list[Scene]:
    """Fill an installation, and say which pages its admin has then.

    A process of its own makes the rows: where browsers are steered there is no database.
    """
    process = installation.start("-m", "tests.browser.admin_scenes")
    assert process.popen.wait(timeout=100) == 0, process.output()
    pages = json.loads(process.output().splitlines()[-1])
    workflow = pages["admin, a workflows.workflow"]
    return [
        *(Scene(_as_file(name), path, _content) for name, path in pages.items()),
        Scene("limits-dialog", workflow, _content, (_change_limits,)),
    ]


def _as_file(name: str) -> str:
    return re.sub(r"[^a-z.]+", "-", name.lower())


def _content(page: Page) -> Locator:
    return page.locator("#content")


def _change_limits(page: Page) -> None:
    # On a phone the buttons above are in a menu; the link among the limits leads to a page.
    menu = page.get_by_text("more_horiz")
    if menu.is_visible():
        menu.click()
    page.get_by_role("link", name="Change limits…").first.click()
    page.get_by_role("button", name="Publish with these limits").wait_for()


def main() -> None:
    """Make the rows, and print the pages."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowforge.settings")
    django.setup()
    from apps.runs.models import Worker
    from apps.versions.change_limits import change_limits
    from apps.workflows.models import Workflow
    from tests.api.admin_pages import admin_asks, admin_reads, rows_of
    from tests.api.routes import Scene as Rows
    from tests.graphs import chain

    made = Rows()
    # A workflow with limits, of which the draft has one otherwise.
    draft = chain("start", "end", concurrency=10)
    Workflow.objects.filter(pk=made.workflow.pk).update(draft_graph=draft)
    limits = {"concurrency": {"limit": 5, "key": "={{ $json.body.customer }}"}, "timeout_s": 3600}
    change_limits(made.workflow, limits, seen=made.version.version, by=None)
    rows = rows_of(made)
    # Of workers the one that works: of others the row is gone before anybody looks.
    rows["runs.worker"] = Worker.objects.earliest("created_at")
    print(json.dumps(dict(admin_reads(rows)) | dict(admin_asks(made, rows))))


if __name__ == "__main__":
    main()
