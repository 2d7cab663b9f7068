from django.apps import AppConfig
from django.contrib.admin import apps as admin


class FlowForgeConfig(AppConfig):
    name = "flowforge"
    default = True

    def ready(self) -> None:
        from flowforge import checks  # noqa: F401  registers them


class AdminConfig(admin.AdminConfig):
    """Django's admin, with a site of our own."""

    default_site = "flowforge.admin_site.AdminSite"
    default = False
