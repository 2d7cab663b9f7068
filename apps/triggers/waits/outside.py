"""Views for people and programs outside, who have no session."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt

from apps.triggers.bodies.bounded import raise_refused
from apps.triggers.errors import RefusedError
from apps.triggers.waits.pages import refusal

View = Callable[..., HttpResponse]


def outside(*methods: str) -> Callable[[View], View]:
    """A view for who has no session: what they may do is not theirs alone, so nobody forges it."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, **asked: str) -> HttpResponse:
            try:
                if request.method not in methods:
                    allowed = ", ".join(methods)
                    sentence = f"This address takes {allowed}."
                    raise RefusedError(405, "method_not_allowed", sentence, Allow=allowed)
                raise_refused(request)
                return view(request, **asked)
            except RefusedError as refused:
                return refusal(request, refused)
            except RequestDataTooBig:
                sentence = f"The body is larger than {settings.MAX_BODY_BYTES:,} bytes."
                return refusal(request, RefusedError(413, "too_large", sentence))
            except (MultiPartParserError, SuspiciousOperation):
                sentence = "The form cannot be read, or has too many fields."
                return refusal(request, RefusedError(400, "invalid_form", sentence))

        return answer

    return decorate
