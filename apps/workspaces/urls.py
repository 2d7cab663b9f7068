"""Paths below `/api/v1/`."""

from django.urls import path

from apps.workspaces.api.api_keys import ApiKeysView, ApiKeyView
from apps.workspaces.api.audit import AuditView
from apps.workspaces.api.invitations import InvitationsView, InvitationView, SendAgainView
from apps.workspaces.api.members import MembersView, MemberView
from apps.workspaces.api.session import LoginView, LogoutView, MeView
from apps.workspaces.api.sessions import SessionsView, SessionView
from apps.workspaces.api.variables import VariablesView, VariableView
from apps.workspaces.api.workspaces import WorkspacesView, WorkspaceView

urlpatterns = [
    path("auth/login", LoginView.as_view(), name="login"),
    path("auth/logout", LogoutView.as_view(), name="logout"),
    path("me", MeView.as_view(), name="me"),
    path("me/sessions", SessionsView.as_view(), name="sessions"),
    path("me/sessions/<uuid:id>", SessionView.as_view(), name="session"),
    path("workspaces", WorkspacesView.as_view(), name="workspaces"),
    path("workspaces/<uuid:id>", WorkspaceView.as_view(), name="workspace"),
    path("workspaces/<uuid:id>/members", MembersView.as_view(), name="members"),
    path("workspaces/<uuid:id>/members/<uuid:member>", MemberView.as_view(), name="member"),
    path("workspaces/<uuid:id>/invitations", InvitationsView.as_view(), name="invitations"),
    path(
        "workspaces/<uuid:id>/invitations/<uuid:invitation>",
        InvitationView.as_view(),
        name="invitation-of-workspace",
    ),
    path(
        "workspaces/<uuid:id>/invitations/<uuid:invitation>/send",
        SendAgainView.as_view(),
        name="send-invitation",
    ),
    path("workspaces/<uuid:id>/api-keys", ApiKeysView.as_view(), name="api-keys"),
    path("workspaces/<uuid:id>/api-keys/<uuid:key>", ApiKeyView.as_view(), name="api-key"),
    path("workspaces/<uuid:id>/variables", VariablesView.as_view(), name="variables"),
    path("workspaces/<uuid:id>/variables/<uuid:variable>", VariableView.as_view(), name="variable"),
    path("workspaces/<uuid:id>/audit", AuditView.as_view(), name="audit"),
]
