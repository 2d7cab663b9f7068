from django.apps import AppConfig


class VersionsConfig(AppConfig):
    name = "apps.versions"
    label = "versions"
    verbose_name = "Versions"

    def ready(self) -> None:
        from apps.versions import draft, uses  # noqa: F401 - connects their receivers
