from django.apps import AppConfig


class TriggersConfig(AppConfig):
    name = "apps.triggers"

    def ready(self) -> None:
        from apps.triggers import live  # noqa: F401 - connects its receivers
