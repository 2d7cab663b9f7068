"""Workspaces, people, keys and what they changed, in the admin."""

from django.contrib import admin
from django.contrib.auth.models import Group

from apps.workspaces.admin import audit, invitations, keys, users, variables, workspaces

__all__ = ["audit", "invitations", "keys", "users", "variables", "workspaces"]

# Who may do what is said by roles in workspaces: groups would be a second table of rights.
admin.site.unregister(Group)
