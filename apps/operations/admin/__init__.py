"""The admin of the installation, of what is done to many runs, and of failures of one kind."""

from apps.operations.admin import beat, groups, jobs, notes

__all__ = ["beat", "groups", "jobs", "notes"]
