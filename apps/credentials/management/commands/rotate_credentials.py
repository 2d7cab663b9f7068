"""Seals all credentials with the first key of CREDENTIAL_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.credentials.rotate import rotate_credentials
from apps.credentials.seal import known_key_ids


class Command(BaseCommand):
    help = "Seal all credentials with the first of CREDENTIAL_KEYS, so that older keys may go."

    def handle(self, *args: Any, **options: Any) -> None:
        rotation = rotate_credentials()
        for error in rotation.closed:
            self.stderr.write(f"{error.message} {error.hint}")
        self.stdout.write(f"{rotation.sealed} sealed anew with the key {known_key_ids()[0]}.")
        if lost := len(rotation.closed_tokens):
            self.stderr.write(
                f"The tokens of {lost} OAuth2 credentials open with none of the keys. Add the "
                "missing key, or authorize again those to which a person consents."
            )
        if rotation.closed:
            raise CommandError(f"{len(rotation.closed)} stay as they are: no key opens them.")
