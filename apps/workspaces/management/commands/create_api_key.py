"""Makes an API key and prints it, this once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.workspaces.api_keys import create_api_key
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import Role


class Command(BaseCommand):
    help = "Make an API key of a workspace and print it. It cannot be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "workspace", nargs="?", help="Name or id; may be left out where there is only one."
        )
        parser.add_argument("--role", choices=Role.values, default=Role.EDITOR.value)
        parser.add_argument("--name", default="", help="What the key is for.")
        parser.add_argument("--days", type=int, help="Days until it expires; without: never.")

    def handle(self, *args: Any, **options: Any) -> None:
        lifetime = options["days"]
        _, text = create_api_key(
            _find_workspace(options["workspace"]),
            Role(options["role"]),
            name=options["name"],
            expires_at=timezone.now() + timedelta(days=lifetime) if lifetime else None,
        )
        self.stdout.write(text)


def _find_workspace(wanted: str | None) -> Workspace:
    found = Workspace.objects.all()
    if wanted is not None:
        found = found.filter(pk=wanted) if _is_id(wanted) else found.filter(name=wanted)
    names = ", ".join(f"“{workspace}” ({workspace.pk})" for workspace in found[:10])
    match list(found[:2]):
        case [workspace]:
            return workspace
        case []:
            raise CommandError(f"There is no workspace {wanted or ''}.".replace(" .", "."))
        case _:
            raise CommandError(f"Which workspace? There are {names}.")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
