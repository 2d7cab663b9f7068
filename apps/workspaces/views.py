"""The base of every view whose rows belong to a workspace."""

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.engine.errors import Fault, FaultsError
from apps.workspaces.api.body import Body
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import Principal, principal_of, require
from apps.workspaces.problems import faults_of
from apps.workspaces.unknown_names import unknown_parameters

Row = TypeVar("Row", bound=Model)


class HasRight(BasePermission):
    """Asks the table of rights for the action that the view names for the request's method."""

    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        workspace = obj.pk if isinstance(obj, Workspace) else obj.workspace_id
        require(principal_of(request), view.right, workspace)  # type: ignore[attr-defined]
        return True


class TenantView(GenericAPIView):
    """Rows of the asker's workspaces: others do not exist (404), what the role forbids is 403.

    `rights` names the action (`permissions.RIGHTS`) that each method takes, `choices` what the
    parameters of a list may say that are neither filters nor of its pages.
    """

    rights: ClassVar[dict[str, str]]
    choices: ClassVar[dict[str, Sequence[str]]] = {}
    permission_classes = [IsAuthenticated, HasRight]
    lookup_field = "id"
    # OPTIONS would tell of fields what the OpenAPI document tells better.
    metadata_class = None

    @property
    def principal(self) -> Principal:
        return principal_of(self.request)

    @property
    def right(self) -> str:
        method = str(self.request.method)
        return self.rights["GET" if method == "HEAD" else method]

    def get_queryset(self) -> QuerySet[Any]:
        rows: Any = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.visible_to(self.principal)

    def allowed(self) -> QuerySet[Any]:
        """The rows of those workspaces only in which the principal may do this action."""
        rows: Any = super().get_queryset()
        return rows.visible_to(self.principal, self.right)

    def find(self, rows: QuerySet[Row], **lookup: Any) -> Row:
        """One of these rows that the principal may do this action with; else 404 or 403."""
        row = rows.filter(**lookup).first()
        if row is None:
            raise Http404
        self.check_object_permissions(self.request, row)
        return row

    def workspace(self, id: UUID | None) -> Workspace:
        """The workspace that the request is about, if the principal may do this action in it.

        None: the one of who has only one.
        """
        if id is None:
            roles = self.principal.roles()
            if len(roles) != 1:
                raise FaultsError([Fault("workspace", "missing", "Say in which workspace.")])
            [id] = roles
        return self.find(Workspace.objects.visible_to(self.principal), pk=id)

    def paginate_queryset(self, queryset: Any) -> Any:
        """A page of these rows, filtered as the query says. Raises all faults of the query."""
        faults = self._parameter_faults()
        try:
            queryset = self.filter_queryset(queryset)
        except ValidationError as error:
            faults.extend(faults_of(error.detail))
        try:
            page = super().paginate_queryset(queryset.none() if faults else queryset)
        except FaultsError as error:
            faults.extend(error.faults)
        if faults:
            raise FaultsError(faults)
        return page

    def _parameter_faults(self) -> list[Fault]:
        """What is wrong with the names in the query, and with `choices`."""
        given = self.request.query_params
        of_pages: Any = self.paginator
        known = {
            *self.choices,
            *getattr(getattr(self, "filterset_class", None), "base_filters", ()),
            *(each["name"] for each in of_pages.get_schema_operation_parameters(self)),
        }
        return unknown_parameters(given, known) + [
            Fault(name, "unknown", f"“{name}” must be one of {', '.join(choices)}.")
            for name, choices in self.choices.items()
            if name in given and given[name] not in choices
        ]

    def parsed(self, serializer: type[Body]) -> dict[str, Any]:
        """The request's body, read by a serializer. Raises all its faults."""
        reading = serializer(data=self.request.data, context={"request": self.request})
        reading.is_valid(raise_exception=True)
        return dict(reading.validated_data)
