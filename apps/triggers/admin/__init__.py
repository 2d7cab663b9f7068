"""What starts runs, in the admin."""

from apps.triggers.admin import endpoints

__all__ = ["endpoints"]
