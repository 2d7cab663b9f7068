"""Divides the steps by months, so that old ones can be dropped at once."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.engine.errors import FlowForgeError
from apps.runs.partitions import (
    drop_steps,
    is_partitioned,
    make_coming,
    partition_steps,
    partitions,
)


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day of the form YYYY-MM-DD") from error


class Command(BaseCommand):
    help = (
        "Keep steps in partitions, one for the runs of each month. PostgreSQL only; for a large "
        "installation stop workers and web first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--drop-before",
            type=_day,
            metavar="YYYY-MM-DD",
            help="Drop the months that were over by then; the runs stay, without steps.",
        )

    def handle(self, *args: Any, drop_before: datetime | None, **options: Any) -> None:
        now = timezone.now()
        if drop_before is not None and not is_partitioned():
            raise CommandError(
                "The steps are in no partitions yet, so none can be dropped. Without --drop-before "
                "this command makes them; stop workers and web first."
            )
        try:
            partition_steps(now)
        except FlowForgeError as error:
            raise CommandError(error.message) from error
        make_coming(now)
        if drop_before is not None:
            dropped, kept = drop_steps(drop_before)
            for name in dropped:
                self.stdout.write(f"{name} dropped")
            for name in kept:
                self.stderr.write(f"{name} stays: a run of it has not ended")
        for each in partitions():
            self.stdout.write(each.name)
