"""Who asks: `Authorization: Bearer ff_…`."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.workspaces.api_keys import verify
from apps.workspaces.models import ApiKey


class ApiKeyAuthentication(BaseAuthentication):
    """The request's user is the API key itself: a principal with one workspace and one role."""

    def authenticate(self, request: Request) -> tuple[ApiKey, ApiKey] | None:
        scheme, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = verify(text.strip())
        if key is None:
            raise AuthenticationFailed("The API key is unknown, revoked or expired.")
        return key, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="FlowForge"'
