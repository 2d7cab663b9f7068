"""What starts runs, in the admin."""

from apps.triggers.admin import endpoints, inbox

__all__ = ["endpoints", "inbox"]
