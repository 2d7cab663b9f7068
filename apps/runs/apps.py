from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RunsConfig(AppConfig):
    name = "apps.runs"

    def ready(self) -> None:
        from apps.runs.periodic import register_periodic_tasks
        from apps.runs.ports import bind_services

        bind_services()
        post_migrate.connect(register_periodic_tasks, sender=self)
