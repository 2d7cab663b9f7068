from django.apps import AppConfig


class FlowForgeConfig(AppConfig):
    name = "flowforge"

    def ready(self) -> None:
        from flowforge import checks  # noqa: F401  registers them
