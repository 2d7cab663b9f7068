"""What starts runs from outside: webhooks and schedules."""

from apps.triggers.models.hooks import WebhookEndpoint, WebhookReplay, WebhookRequest
from apps.triggers.models.schedules import Schedule, ScheduleFire

__all__ = ["Schedule", "ScheduleFire", "WebhookEndpoint", "WebhookReplay", "WebhookRequest"]
