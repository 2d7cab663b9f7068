"""Makes the first admin and the demo workspace, where there is nobody yet."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.operations.demo import set_up_demo


class Command(BaseCommand):
    help = "Make the first admin and a demo workspace, and print how to get in, this once."

    def handle(self, *args: Any, **options: Any) -> None:
        access = set_up_demo(settings.OWN_URL)
        if access is None:
            raise CommandError("There are users already: nothing was made.")
        self.stdout.write(f"admin     {access.email}\npassword  {access.password}")
        self.stdout.write(f"API key   {access.api_key}")
