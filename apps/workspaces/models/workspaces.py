"""Workspaces, and what they have for all their workflows."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from apps.workspaces.querysets import TenantQuerySet, WorkspaceQuerySet

VARIABLE_NAME = r"^[A-Za-z_][A-Za-z0-9_]*\Z"
VARIABLE_NAME_RULE = "A name has letters, digits and “_” only, and does not begin with a digit."


class Identified(models.Model):
    """A row with a UUIDv7 key: ordered in time, made before the row is written."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class Workspace(Identified):
    """A tenant: all that its members build and run together."""

    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        db_table = "workspaces"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class Variable(Identified):
    """A value that all workflows of a workspace read as `$vars.name`. No secret: all see it."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="variables", db_index=False
    )
    name = models.CharField(
        max_length=50,
        validators=[RegexValidator(VARIABLE_NAME, VARIABLE_NAME_RULE)],
        help_text="Expressions read it as $vars.name.",
    )
    value = models.TextField(
        blank=True, max_length=4_000, help_text="Text, no secret: everybody here can read it."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "variables"
        ordering = ("name",)
        constraints = [
            # Serves: the variables of a workspace, for a run or by name.
            models.UniqueConstraint(fields=("workspace", "name"), name="variables_once_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
