"""Paths below `/api/v1/`."""

from django.urls import path

from apps.credentials.api import (
    CallbackView,
    ConsentView,
    CredentialsView,
    CredentialTypesView,
    CredentialView,
    ReplaceView,
    TrialView,
)

urlpatterns = [
    path("credentials", CredentialsView.as_view(), name="credentials"),
    path("credentials/<uuid:id>", CredentialView.as_view(), name="credential"),
    path("credentials/<uuid:id>/test", TrialView.as_view(), name="credential-test"),
    path("credentials/<uuid:id>/rotate", ReplaceView.as_view(), name="credential-rotate"),
    path("credentials/<uuid:id>/authorize", ConsentView.as_view(), name="credential-authorize"),
    path("oauth/callback", CallbackView.as_view(), name="oauth-callback"),
    path("credential-types", CredentialTypesView.as_view(), name="credential-types"),
]
