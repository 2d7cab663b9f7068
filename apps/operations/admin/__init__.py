"""The admin of the installation, of alerts, of what is done to many runs, of failures of one kind,
and of notes."""

from apps.operations.admin import alert_rules, alerts, beat, groups, jobs, notes

__all__ = ["alert_rules", "alerts", "beat", "groups", "jobs", "notes"]
