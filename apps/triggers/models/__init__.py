"""What starts runs from outside: webhooks, schedules, rows of an operator's models."""

from apps.triggers.models.hooks import (
    WebhookDelivery,
    WebhookEndpoint,
    WebhookListener,
    WebhookRefusal,
    WebhookReplay,
    WebhookRequest,
)
from apps.triggers.models.model_events import ModelListener
from apps.triggers.models.polls import Poll
from apps.triggers.models.schedules import Schedule, ScheduleFire

__all__ = [
    "ModelListener",
    "Poll",
    "Schedule",
    "ScheduleFire",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookListener",
    "WebhookRefusal",
    "WebhookReplay",
    "WebhookRequest",
]
