"""A credential: a secret with a type and a name, readable by the vault alone."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.credentials.querysets import CredentialQuerySet, SealedQuerySet
from apps.nodes.credential_types import CREDENTIAL_TYPES
from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import Identified, Workspace


class Credential(Identified):
    """A stored secret with a type. Its values are sealed; what is shown stands beside them."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="credentials", db_index=False
    )
    name = models.CharField(max_length=200)
    name_folded = models.TextField(
        db_default="",
        editable=False,
        help_text="The name for searching: both databases fold case differently.",
    )
    type = models.CharField(max_length=64)
    public_values = OrderedJSONField(
        default=dict, editable=False, help_text="A copy of the values that are no secret."
    )
    secret_names = OrderedJSONField(
        default=list, editable=False, help_text="Which secrets it has: their names alone."
    )
    sealed = models.TextField(editable=False, help_text="All values, encrypted for this row alone.")
    key_id = models.CharField(
        max_length=16, editable=False, help_text="Which of the vault's keys sealed it."
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    last_tested_at = models.DateTimeField(null=True, editable=False)
    last_test_error = models.TextField(
        blank=True, editable=False, help_text="What the last test found; empty: all was well."
    )

    objects = CredentialQuerySet.as_manager()

    class Meta:
        db_table = "credentials"
        ordering = ("-id",)
        constraints = [
            # Serves: the credentials of a workspace by name.
            models.UniqueConstraint(
                fields=("workspace", "name"), name="credentials_name_once_a_workspace"
            ),
        ]
        indexes = [
            # Serves: the credentials of a workspace, newest first.
            models.Index(fields=("workspace", "-id"), name="credentials_newest"),
            # Serves: which are sealed by a key that is to go, or that is gone?
            models.Index(fields=("key_id", "id"), name="credentials_by_key"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_folded = self.name.casefold()
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        """Its type, as people call it."""
        known = CREDENTIAL_TYPES.get(self.type)
        return known.label if known else self.type


class OAuthGrant(models.Model):
    """The tokens that an authorization server gave for a credential, and whose turn to renew it is.

    A turn is a lease and no lock: nobody holds a transaction open while a server is asked.
    """

    type = "oauth_grant"

    credential = models.OneToOneField(
        Credential, models.CASCADE, primary_key=True, related_name="grant"
    )
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    sealed = models.TextField(blank=True, editable=False, help_text="The tokens, encrypted.")
    key_id = models.CharField(max_length=16, blank=True, editable=False)
    asked_as = models.CharField(
        max_length=64, blank=True, editable=False, help_text="A hash of whom was asked for what."
    )
    generation = models.PositiveIntegerField(
        default=0, editable=False, help_text="How many times tokens were stored."
    )
    obtained_at = models.DateTimeField(null=True, editable=False)
    renewing_by = models.UUIDField(null=True, editable=False)
    renewing_until = models.DateTimeField(null=True, editable=False)

    objects = SealedQuerySet.as_manager()

    class Meta:
        db_table = "oauth_grants"

    def __str__(self) -> str:
        return f"tokens of {self.credential}"
