from django.apps import AppConfig


class TriggersConfig(AppConfig):
    name = "apps.triggers"

    def ready(self) -> None:
        from apps.runs.control import Regular, regular
        from apps.runs.periodic import periodic
        from apps.runs.tidy import chores
        from apps.triggers import live  # noqa: F401 - connects its receivers
        from apps.triggers.failures import tell_failures, until_next_s
        from apps.triggers.hooks.deliveries import delete_old_deliveries
        from apps.triggers.hooks.inbox import delete_old_requests
        from apps.triggers.hooks.refusals import delete_old_refusals
        from apps.triggers.periodic import RECKON, TICK
        from apps.triggers.polls.look import look_when_due
        from apps.triggers.schedules.fire import fire_due, until_due_s
        from apps.triggers.schedules.forget import delete_old_fires

        periodic.extend((TICK, RECKON))
        chores["hook_requests"] = delete_old_requests
        chores["hook_refusals"] = delete_old_refusals
        chores["hook_deliveries"] = delete_old_deliveries
        chores["schedule_fires"] = delete_old_fires
        regular.append(Regular(fire_due, until_due_s))
        regular.append(Regular(tell_failures, until_next_s))
        # Its times are minutes apart: that of the next turn is soon enough.
        regular.append(Regular(look_when_due, lambda: None))
