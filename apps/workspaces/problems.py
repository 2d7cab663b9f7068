"""Turns every error into a problem (RFC 9457), with all faults of the request by path."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.engine.encoding import NotJsonError
from apps.engine.errors import Fault, FaultsError, FlowForgeError
from apps.expressions.errors import JavaScriptError
from apps.workspaces.errors import (
    ConflictError,
    NoRoomError,
    NotAllowedError,
    TooOftenError,
    WrongCredentialsError,
)
from apps.workspaces.reconnect import drop_broken_connections

CONTENT_TYPE = "application/problem+json"
SIGN_IN = "Sign in, or send an API key: Authorization: Bearer ff_…"
API_PATHS = ("/api/", "/runs/")

_STATUS: dict[type[Exception], HTTPStatus] = {
    ConflictError: HTTPStatus.CONFLICT,
    NoRoomError: HTTPStatus.INSUFFICIENT_STORAGE,
    NotAllowedError: HTTPStatus.FORBIDDEN,
    TooOftenError: HTTPStatus.TOO_MANY_REQUESTS,
    NotJsonError: HTTPStatus.BAD_REQUEST,
    WrongCredentialsError: HTTPStatus.BAD_REQUEST,
    FlowForgeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    Http404: HTTPStatus.NOT_FOUND,
    # It was there when the request began: somebody deleted it meanwhile.
    ObjectDoesNotExist: HTTPStatus.NOT_FOUND,
    PermissionDenied: HTTPStatus.FORBIDDEN,
    RequestDataTooBig: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    SuspiciousOperation: HTTPStatus.BAD_REQUEST,
    UnreadablePostError: HTTPStatus.BAD_REQUEST,
    # The database is away, or somebody else holds what this request needs for too long.
    OperationalError: HTTPStatus.SERVICE_UNAVAILABLE,
    InterfaceError: HTTPStatus.SERVICE_UNAVAILABLE,
}
_SENTENCES = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read.",
    HTTPStatus.FORBIDDEN: "This is not allowed.",
    HTTPStatus.NOT_FOUND: "There is nothing here, or nothing that you may see.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong in FlowForge; its log says what.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database does not answer in time. Try again.",
}


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an error that a view raised; None for what is FlowForge's own fault (500)."""
    status = _status(error)
    if status is None:
        return None
    set_rollback()
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        drop_broken_connections()
    faults = _faults(error, status)
    body = problem(status, _detail(error, faults), faults)
    if isinstance(error, ConflictError):
        body |= error.current
    return Response(body, status, headers=_headers(error), content_type=CONTENT_TYPE)


def problem(status: HTTPStatus, detail: str, faults: list[Fault]) -> dict[str, Any]:
    """The members of a problem."""
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "errors": [fault.as_dict() for fault in faults],
    }


def _status(error: Exception) -> HTTPStatus | None:
    if isinstance(error, exceptions.ValidationError):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, exceptions.APIException):
        return HTTPStatus(error.status_code)
    if isinstance(error, JavaScriptError) and error.retryable:  # all its processes are at work
        return HTTPStatus.SERVICE_UNAVAILABLE
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), None)


def _faults(error: Exception, status: HTTPStatus) -> list[Fault]:
    if isinstance(error, FaultsError):
        return error.faults
    if isinstance(error, FlowForgeError):
        return [Fault("", error.code, error.message)]
    if isinstance(error, exceptions.ValidationError):
        return list(faults_of(error.detail))
    if isinstance(error, exceptions.NotAuthenticated):
        return [Fault("", "not_authenticated", SIGN_IN)]
    if isinstance(error, exceptions.APIException):
        return [Fault("", str(error.get_codes()), str(error.detail))]
    return [Fault("", status.name.lower(), _SENTENCES[status])]


def _detail(error: Exception, faults: list[Fault]) -> str:
    if isinstance(error, FlowForgeError):
        return f"{error.message} {error.hint}" if error.hint else error.message
    return faults[0].message if len(faults) == 1 else f"The request has {len(faults)} faults."


def faults_of(detail: Any, path: str = "") -> Iterator[Fault]:
    """The faults in what REST framework's serializers say: paths like `members[2].role`."""
    if isinstance(detail, dict):
        for key, part in detail.items():
            inner = path if key == "non_field_errors" else f"{path}.{key}".lstrip(".")
            yield from faults_of(part, inner)
    elif isinstance(detail, list):
        for index, part in enumerate(detail):
            is_sentence = isinstance(part, exceptions.ErrorDetail)
            yield from faults_of(part, path if is_sentence else f"{path}[{index}]")
    else:
        code = getattr(detail, "code", "invalid")
        yield Fault(path, "missing" if code == "required" else code, str(detail))


def _headers(error: Exception) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, round(wait)))
    return headers


# --- What no view of the API has seen ----------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    status = _status(exception) or HTTPStatus.BAD_REQUEST
    return _answer(request, status) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, HTTPStatus.FORBIDDEN) or defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, HTTPStatus.NOT_FOUND) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return _answer(request, status) or defaults.server_error(request)


def _answer(request: HttpRequest, status: HTTPStatus) -> HttpResponse | None:
    if not request.path.startswith(API_PATHS):
        return None
    fault = Fault("", status.name.lower(), _SENTENCES[status])
    body = problem(status, fault.message, [fault])
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)
