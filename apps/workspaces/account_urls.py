"""Paths below `/account/`: pages for who is not signed in."""

from django.urls import path

from apps.workspaces.forgotten import ForgottenView, NewPasswordView, link_sent, password_set
from apps.workspaces.invited import invited

urlpatterns = [
    path("invitation/<str:token>", invited, name="invitation"),
    # By this name the admin's sign-in page finds it.
    path("password-reset", ForgottenView.as_view(), name="admin_password_reset"),
    path("password-reset/sent", link_sent, name="password_reset_sent"),
    path("password-reset/done", password_set, name="password_reset_done"),
    path(
        "password-reset/<str:uidb64>/<str:token>",
        NewPasswordView.as_view(),
        name="password_reset_confirm",
    ),
]
