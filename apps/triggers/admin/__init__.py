"""What starts runs, in the admin."""

from apps.triggers.admin import endpoints, inbox, schedules

__all__ = ["endpoints", "inbox", "schedules"]
