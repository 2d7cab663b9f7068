import resource
from typing import Any

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

from flowforge.log import log_uncaught


class FlowForgeConfig(AppConfig):
    name = "flowforge"
    default = True

    def ready(self) -> None:
        from flowforge import checks  # noqa: F401  registers them

        log_uncaught()
        leave_no_core()
        pre_migrate.connect(take_all_time)
        post_migrate.connect(take_no_more_time)


def leave_no_core() -> None:
    """Have the system write no image of this process, secrets included, where it dies."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


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
    """Django's admin, with Unfold's site."""

    default_site = "unfold.sites.UnfoldAdminSite"
    default = False
