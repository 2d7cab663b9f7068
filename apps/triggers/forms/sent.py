"""What a browser sends of a form: texts, and files that stay on the disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.defaultfilters import filesizeformat

from apps.triggers.errors import RefusedError

_KINDS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Sent:
    """By the fields' names, in the order in which they were sent."""

    texts: Mapping[str, Sequence[str]]
    files: Mapping[str, Sequence[UploadedFile]]

    def text(self, name: str) -> str:
        return next(iter(self.texts.get(name, ())), "")


def read_sent(request: HttpRequest) -> Sent:
    """Read the body of a request. Raises RefusedError."""
    if request.content_type not in _KINDS:
        sentence = f"A form is sent as {' or '.join(_KINDS)}."
        raise RefusedError(415, "unsupported_content_type", sentence)
    has_files = request.content_type == _KINDS[1]
    most = settings.MAX_UPLOAD_BYTES if has_files else settings.MAX_BODY_BYTES
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise _too_large(most)
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    try:
        return Sent(dict(request.POST.lists()), dict(request.FILES.lists()))
    except RequestDataTooBig:
        raise _too_large(settings.MAX_BODY_BYTES) from None  # its texts
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        raise RefusedError(400, "unreadable", "What was sent cannot be read.") from None


def _too_large(most: int) -> RefusedError:
    told = filesizeformat(most)
    return RefusedError(413, "too_large", f"All that is sent together may have at most {told}.")
