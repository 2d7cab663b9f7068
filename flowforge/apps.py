from typing import Any

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class FlowForgeConfig(AppConfig):
    name = "flowforge"
    default = True

    def ready(self) -> None:
        from flowforge import checks  # noqa: F401  registers them

        pre_migrate.connect(take_all_time)
        post_migrate.connect(take_no_more_time)


def take_all_time(using: str, **kwargs: Any) -> None:
    """Let migrations run as long as they need: to index a large table takes longer than any
    statement of the application may."""
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")


def take_no_more_time(using: str, **kwargs: Any) -> None:
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("RESET statement_timeout")


class AdminConfig(admin.AdminConfig):
    """Django's admin, with a site of our own."""

    default_site = "flowforge.admin_site.AdminSite"
    default = False
