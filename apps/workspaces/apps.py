from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "apps.workspaces"
    label = "workspaces"
    verbose_name = "Workspaces"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from apps.workspaces import openapi  # noqa: F401  # registers itself
        from apps.workspaces.sessions import note_sign_in

        user_logged_in.connect(note_sign_in)
