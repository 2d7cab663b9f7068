"""The hourly clean-up, by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.runs.tidy import tidy


class Command(BaseCommand):
    help = "Delete now what beat's task “Tidy up” deletes each hour: see docs/operations.md."

    def handle(self, *args: Any, **options: Any) -> None:
        for kind, count in tidy().items():
            self.stdout.write(f"{kind}: {count}")
