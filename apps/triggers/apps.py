from django.apps import AppConfig


class TriggersConfig(AppConfig):
    name = "apps.triggers"

    def ready(self) -> None:
        from apps.runs.control import Regular, regular
        from apps.runs.periodic import periodic
        from apps.triggers import live  # noqa: F401 - connects its receivers
        from apps.triggers.periodic import TICK
        from apps.triggers.schedules.fire import fire_due, until_due_s

        periodic.append(TICK)
        regular.append(Regular(fire_due, until_due_s))
