"""What a page's main thread takes, by Chromium's own counters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Locator, Page

MOVES = 40
STEP_PX = 3

_COUNT_FRAMES = """() => {
    window.framesSeen = 0;
    const next = () => { window.framesSeen += 1; window.counting = requestAnimationFrame(next); };
    window.counting = requestAnimationFrame(next);
}"""
_FRAMES = "() => { cancelAnimationFrame(window.counting); return window.framesSeen; }"


@dataclass(frozen=True, slots=True)
class Moved:
    """What one drag of the mouse cost."""

    busy_ms: float
    frames: int

    @property
    def a_frame_ms(self) -> float:
        """Of the main thread."""
        return self.busy_ms / self.frames


class Watch:
    """Looks at one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("Performance.enable")

    def metrics(self) -> dict[str, float]:
        answer: Any = self.session.send("Performance.getMetrics")
        return {each["name"]: each["value"] for each in answer["metrics"]}

    def busy_s(self) -> float:
        """Since the page's process began."""
        return self.metrics()["TaskDuration"]

    def heap_mb(self) -> float:
        """Of what is still in use."""
        self.session.send("HeapProfiler.collectGarbage")
        return self.metrics()["JSHeapUsedSize"] / 2**20

    def drag(self, x: float, y: float) -> Moved:
        """Press the mouse there, move it on and on to the right and back, and let it go."""
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + STEP_PX, y)
        self.page.evaluate(_COUNT_FRAMES)
        before = self.busy_s()
        for number in range(2, MOVES + 2):
            away = min(number, MOVES - number)
            mouse.move(x + away * STEP_PX, y + away)
        frames, busy_s = self.page.evaluate(_FRAMES), self.busy_s() - before
        mouse.up()
        return Moved(busy_s * 1000, frames)


def middle_of(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
