from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "apps.operations"

    def ready(self) -> None:
        from apps.operations.alerts import credentials, given_up  # noqa: F401 - connect receivers
        from apps.operations.alerts.forget import delete_old_alerts
        from apps.operations.alerts.lookout import DEEDS, seldom
        from apps.operations.board import count
        from apps.operations.bulk.counts import keep_counts
        from apps.operations.bulk.forget import delete_old_jobs
        from apps.operations.bulk.go_on import go_on, until_next_s
        from apps.operations.groups import gather, wake
        from apps.operations.groups.forget import delete_old_groups
        from apps.runs.control import Regular, lengthy, regular
        from apps.runs.tidy import chores

        chores["bulk_jobs"] = delete_old_jobs
        chores["bulk_jobs_counted"] = keep_counts
        chores["error_groups"] = delete_old_groups
        regular.append(Regular(wake.wake_snoozed, wake.until_next_s))
        regular.append(Regular(gather.gather_failures, gather.until_next_s))
        chores["alerts"] = delete_old_alerts
        chores["run_stats"] = count.delete_old_stats
        lengthy["run stats"] = Regular(count.count_ended, count.until_next_s)
        lengthy["bulk jobs"] = Regular(go_on, until_next_s)
        for name, deed in DEEDS.items():
            lengthy[name] = Regular(seldom(deed), lambda: None)
