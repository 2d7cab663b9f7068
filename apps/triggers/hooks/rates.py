"""How many requests a minute a webhook takes."""

import time
from uuid import UUID

from apps.triggers.hooks.errors import RefusedError
from apps.triggers.models import WebhookRequest

MINUTE_MS = 60_000


class Rates:
    """What webhooks have taken of the minute past, all web processes together.

    For one batch: it counts the inbox once. What others take at the same moment is not seen, so the
    limit may be passed by a few.
    """

    def __init__(self) -> None:
        self._taken: dict[UUID, int] = {}

    def check(self, endpoint: UUID, limit: int | None) -> None:
        """Raise RefusedError where the endpoint has taken as many as it may."""
        if limit is None:
            return
        now_ms = int(time.time() * 1_000)
        # Ids are ordered in time, and so is the index.
        rows = WebhookRequest.objects.filter(
            endpoint=endpoint, id__gte=UUID(int=(now_ms - MINUTE_MS) << 80)
        )
        if endpoint not in self._taken:
            self._taken[endpoint] = rows[:limit].count()
        if self._taken[endpoint] >= limit:
            oldest = rows.order_by("id").values_list("id", flat=True).first()
            left_ms = MINUTE_MS - (now_ms - (oldest.int >> 80) if oldest else 0)
            raise RefusedError(
                429,
                "rate_limited",
                f"This hook takes {limit:,} requests a minute.",
                **{"Retry-After": str(max(1, -(-left_ms // 1_000)))},
            )

    def count(self, endpoint: UUID) -> None:
        """Count a request that is taken."""
        if endpoint in self._taken:
            self._taken[endpoint] += 1
