from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "apps.operations"

    def ready(self) -> None:
        from apps.operations.bulk.forget import delete_old_jobs
        from apps.operations.bulk.go_on import go_on, until_next_s
        from apps.runs.control import Regular, lengthy
        from apps.runs.tidy import chores

        chores["bulk_jobs"] = delete_old_jobs
        lengthy["bulk jobs"] = Regular(go_on, until_next_s)
