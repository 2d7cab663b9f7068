"""Downloads on the host of hooks, where HOOKS_HOST names one: what senders and builders made then
shares no origin with the app. That host knows no session, so the right is asked before."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from apps.runs.download import download
from apps.runs.models import Payload
from apps.runs.payloads import is_referred_to
from apps.workspaces.permissions import Principal

VALID_S = 60
_signer = TimestampSigner(salt="download")


def hand_over(payload: Payload, *, to: Principal) -> HttpResponseBase:
    """The download, to who may have it.

    A person's browser, which bears a session, is led to the host of hooks where there is one, by an
    address that is good for this payload and a minute.
    """
    if not settings.HOOKS_HOST or to.as_user is None:
        return download(payload)
    token = _signer.sign(payload.pk.hex)
    answer = HttpResponseRedirect(f"{settings.HOOKS_URL}/files/{token}")
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def file(request: HttpRequest, token: str) -> HttpResponseBase:
    """`GET /files/{token}`: the download that a person was led to."""
    try:
        id = UUID(_signer.unsign(token, max_age=VALID_S))
    except SignatureExpired:
        sentence = f"This address was good for {VALID_S} seconds: begin the download again."
        return HttpResponse(sentence, status=410, content_type="text/plain; charset=utf-8")
    except BadSignature:
        raise Http404 from None
    payload = Payload.objects.filter(is_referred_to(), pk=id).first()
    if payload is None:
        raise Http404
    return download(payload)
