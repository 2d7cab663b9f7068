"""How many requests a minute a webhook takes."""

import math
import time
from uuid import UUID

from django.db.models import QuerySet

from apps.triggers.errors import RefusedError
from apps.triggers.models import WebhookRequest

MINUTE_MS = 60_000


class Rates:
    """What webhooks have taken of the minute past, all web processes together.

    For one batch: it asks the inbox once. What others take at the same moment is not seen, so the
    limit may be passed by a few.
    """

    def __init__(self) -> None:
        self._now_ms = int(time.time() * 1_000)
        self._taken: dict[UUID, int] = {}
        self._wait_s: dict[UUID, int] = {}

    def check(self, endpoint: UUID, limit: int | None) -> None:
        """Raise RefusedError where the endpoint has taken as many as it may."""
        if limit is None:
            return
        if endpoint not in self._taken:
            self._taken[endpoint] = self._past_minute(endpoint)[:limit].count()
        if self._taken[endpoint] >= limit:
            if endpoint not in self._wait_s:
                self._wait_s[endpoint] = self._seconds_left(endpoint)
            raise RefusedError(
                429,
                "rate_limited",
                f"This hook takes {limit:,} requests a minute.",
                **{"Retry-After": str(self._wait_s[endpoint])},
            )

    def count(self, endpoint: UUID) -> None:
        """Count a request that is taken."""
        if endpoint in self._taken:
            self._taken[endpoint] += 1

    def _past_minute(self, endpoint: UUID) -> QuerySet[WebhookRequest]:
        # Ids are ordered in time, and so is the index.
        since = UUID(int=(self._now_ms - MINUTE_MS) << 80)
        return WebhookRequest.objects.filter(endpoint=endpoint, id__gte=since)

    def _seconds_left(self, endpoint: UUID) -> int:
        """Until the oldest of the past minute counts no more."""
        oldest = self._past_minute(endpoint).order_by("id").values_list("id", flat=True).first()
        age_ms = self._now_ms - (oldest.int >> 80) if oldest else 0
        return max(1, math.ceil((MINUTE_MS - age_ms) / 1_000))
