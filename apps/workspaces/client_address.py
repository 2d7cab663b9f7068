"""Where a request comes from: the one place that believes proxies."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address of who asks. `X-Forwarded-For` counts only as far as TRUSTED_PROXIES wrote it:
    read from its end, the first address that is none of theirs."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    while _is_trusted(address) and forwarded:
        before = forwarded.pop().strip()
        if not _is_address(before):
            break
        address = before
    return address


def _is_trusted(address: str) -> bool:
    return _is_address(address) and any(
        ip_address(address) in ip_network(network) for network in settings.TRUSTED_PROXIES
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
