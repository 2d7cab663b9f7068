"""`manage.py node_reference`: writes the reference of the node types into docs/nodes."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.nodes.reference import pages
from apps.nodes.registry import library


class Command(BaseCommand):
    help = "Write the reference of the node types into docs/nodes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Write nothing; fail where a page is not as it is."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.BASE_DIR, "docs", "nodes")
        wanted = pages(library().all())
        found = {path.name: path.read_text() for path in folder.glob("*.md")}
        if options["check"]:
            stale = sorted(name for name in wanted | found if wanted.get(name) != found.get(name))
            if stale:
                raise CommandError(f"docs/nodes is stale ({', '.join(stale)}): make reference")
            return
        folder.mkdir(exist_ok=True)
        for name in found.keys() - wanted.keys():
            (folder / name).unlink()
        for name, text in wanted.items():
            (folder / name).write_text(text)
        self.stdout.write(f"{len(wanted)} pages in docs/nodes")
