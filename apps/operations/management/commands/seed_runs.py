"""Fills a database with runs, to be measured beside them."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.engine.errors import FlowForgeError
from apps.operations.seed.seed import SPAN, seed
from apps.workspaces.models import User


class Command(BaseCommand):
    help = (
        "Fill the database with runs of the last months, in workspaces that are made for them: "
        "for tests of a large installation, and nothing takes them back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "workspace", help="How the first of the new workspaces is to be called."
        )
        parser.add_argument("--owner", required=True, help="E-mail address of who is to own them.")
        parser.add_argument("--runs", type=int, default=1_000_000)

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(email=options["owner"].lower()).first()
        if owner is None:
            raise CommandError(f"There is no user “{options['owner']}”.")
        name, runs, begun = options["workspace"], options["runs"], time.perf_counter()
        if runs < 1:
            raise CommandError("--runs must be at least 1.")
        self.stdout.write(
            f"Making the workspace “{name}” and two beside it, with {runs:,} runs of the last "
            f"{SPAN.days} days."
        )
        try:
            steps = seed(name, owner, runs)
        except FlowForgeError as refusal:
            raise CommandError(f"{refusal.message} Name another: nothing was made.") from refusal
        took = time.perf_counter() - begun
        self.stdout.write(f"{runs:,} runs, {steps:,} steps in {took:.0f} s")
