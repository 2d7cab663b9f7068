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
    return [Scene(_as_file(name), path, _content) for name, path in pages.items()]


def _as_file(name: str) -> str:
    return re.sub(r"[^a-z.]+", "-", name.lower())


def _content(page: Page) -> Locator:
    return page.locator("#content")


def main() -> None:
    """Make the rows, and print the pages."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowforge.settings")
    django.setup()
    from apps.runs.models import Worker
    from tests.api.admin_pages import admin_asks, admin_reads, rows_of
    from tests.api.routes import Scene as Rows

    made = Rows()
    rows = rows_of(made)
    # Of workers the one that works: of others the row is gone before anybody looks.
    rows["runs.worker"] = Worker.objects.earliest("created_at")
    print(json.dumps(dict(admin_reads(rows)) | dict(admin_asks(made, rows))))


if __name__ == "__main__":
    main()
