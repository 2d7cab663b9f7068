"""Bodies that came in chunks, without saying how long they are."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class ChunkedBodyMiddleware:
    """Says how long a chunked body was: without that it would be taken for an empty one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "Transfer-Encoding" in request.headers and "CONTENT_LENGTH" not in request.META:
            # Raises RequestDataTooBig for what is over the limit.
            request.META["CONTENT_LENGTH"] = str(len(request.body))
        return self.get_response(request)
