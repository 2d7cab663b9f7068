"""Schedule: starts runs at set times."""

from apps.engine.items import Item
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.schedules.recurrence import ScheduleParams


@node(
    type="schedule",
    label="Schedule",
    group="triggers",
    icon="calendar-clock",
    keywords=("cron", "timer", "interval"),
    place=2,
    kind=Kind.TRIGGER,
    each="item",
    inputs=(),
    examples=[
        Example(
            title="Workdays at eight",
            params={"cron": "0 8 * * mon-fri", "timezone": "Europe/Riga"},
            takes=[{"scheduled_at": "2026-03-02T06:00:00.000Z", "timezone": "Europe/Riga"}],
            gives=[{"scheduled_at": "2026-03-02T06:00:00.000Z", "timezone": "Europe/Riga"}],
        ),
        Example(
            title="Every second week, on Monday",
            params={"rules": [{"unit": "weeks", "every": 2, "on": [1], "at": "09:30"}]},
            gives=[{}],
        ),
    ],
)
def schedule(item: Item, params: ScheduleParams, ctx: StepContext) -> Item:
    """Starts runs at set times, by a cron expression or by rules.

    Gives one item with `scheduled_at`, `fired_at`, `timezone` and `schedule`.
    """
    return item
