"""`make pictures`: the pages as they look, light and dark, by mouse and on a phone.

`python -m tests.browser.pictures run 'admin-list*'` takes that one and those lists alone.
"""

import os
import shutil
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from tests.browser.admin_scenes import admin_scenes
from tests.browser.scenes import Scene, scenes, show
from tests.installation import ROOT, Installation

FOLDER = ROOT / "docs/pictures"
PHONE = 390
SIZES = {1440: 900, PHONE: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ANIMATIONS_MS = 400


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="flowforge-pictures-"))
    try:
        with (
            Installation(folder) as installation,
            sync_playwright() as play,
        ):
            installation.serve()
            sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=sandbox)
            asked = sys.argv[1:] or ["*"]
            for scene in [*scenes(installation), *admin_scenes(installation)]:
                if any(fnmatch(scene.name, pattern) for pattern in asked):
                    take(browser, installation, scene)
            browser.close()
    finally:
        shutil.rmtree(folder)


def take(browser: Browser, installation: Installation, scene: Scene) -> None:
    for width, height in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(
                base_url=installation.url,
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                reduced_motion="reduce",
                has_touch=width == PHONE,
                is_mobile=width == PHONE,
            )
            page = context.new_page()
            who = {"email": installation.email, "password": installation.password}
            assert page.request.post("/api/v1/auth/login", data=who).ok
            show(page, scene)
            page.wait_for_timeout(ANIMATIONS_MS)
            path = FOLDER / f"{scene.name}-{scheme}-{width}.png"
            page.screenshot(path=path, full_page=scene.name.startswith("admin"))
            print(path.relative_to(ROOT), flush=True)
            context.close()


if __name__ == "__main__":
    main()
