"""What starts runs from outside: webhooks and schedules."""

from apps.triggers.models.hooks import (
    WebhookDelivery,
    WebhookEndpoint,
    WebhookListener,
    WebhookReplay,
    WebhookRequest,
)
from apps.triggers.models.schedules import Schedule, ScheduleFire

__all__ = [
    "Schedule",
    "ScheduleFire",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookListener",
    "WebhookReplay",
    "WebhookRequest",
]
