"""What starts runs, in the admin."""

from apps.triggers.admin import endpoints, inbox, polls, schedules

__all__ = ["endpoints", "inbox", "polls", "schedules"]
