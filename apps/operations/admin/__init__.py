"""The admin of the installation, and of what is done to many runs."""

from apps.operations.admin import beat, jobs

__all__ = ["beat", "jobs"]
