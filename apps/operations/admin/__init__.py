"""The admin of the installation, of alerts, of what is done to many runs, of failures of one kind,
of notes, and what the page of a workspace tells."""

from apps.operations.admin import alert_rules, alerts, beat, groups, jobs, notes, workspace_page

__all__ = ["alert_rules", "alerts", "beat", "groups", "jobs", "notes", "workspace_page"]
