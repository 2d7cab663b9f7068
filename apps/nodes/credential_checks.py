"""Tries a credential on the service that it is for, doing nothing there."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import NodeError, RevokedError
from apps.nodes.context import Services
from apps.nodes.lone_attempt import LoneAttempt, lone_attempt, lone_http
from apps.nodes.outside.egress import told_url
from apps.nodes.outside.imap import open_mailbox
from apps.nodes.outside.mail import Mail
from apps.nodes.requests.auth import authorised, secret_url
from apps.nodes.vault import Credential

CHECK_S = 15.0
SLACK_AUTH_TEST = "https://slack.com/api/auth.test"

_OF_THE_WAY = frozenset(
    {
        "bad_response",
        "credential_refused",
        "egress_refused",
        "insecure_tls_refused",
        "invalid_host",
        "invalid_url",
        "response_too_large",
        "tls",
        "too_many_redirects",
        "url_failed",
    }
)

Check = Callable[[Mapping[str, Any], Services, LoneAttempt], None]
"""Raises NodeError where the service does not take these values."""


def check_credential(credential: Credential, services: Services, url: str = "") -> None:
    """Try a credential on its service, of HTTP credentials by a GET of the URL.

    Raises NodeError with what is wrong, within `CHECK_S` seconds; it tells no secret.
    """
    with lone_attempt(CHECK_S) as attempt:
        attempt.hide(credential.secrets)
        try:
            if check := CHECKS.get(credential.type):
                check(credential.values, services, attempt)
            else:
                _check_http(credential, services, attempt, url)
        except RevokedError:
            told = f"There was no answer within {CHECK_S:g} s."
            raise NodeError("timeout", told, retryable=True) from None
        except NodeError as error:
            raise attempt.masker.error(error) from None


def tells_of_credential(error: NodeError) -> bool:
    """Whether an error of a try is about the credential, not about the way to its service."""
    return not error.retryable and error.code not in _OF_THE_WAY


def _check_http(credential: Credential, services: Services, attempt: LoneAttempt, url: str) -> None:
    address, secrets = authorised(credential, url)
    http = lone_http(services, attempt)
    try:
        response = http.request("GET", address, secrets=secrets, timeout_s=CHECK_S)
    finally:
        http.close()
    if response.status >= 400:
        # By its status alone: what else a server answers is nobody's business here.
        code = "http_status" if response.status in (401, 403) else "url_failed"
        raise NodeError(code, f"GET {told_url(url)} answered {response.status}.")


def _check_slack(values: Mapping[str, Any], services: Services, attempt: LoneAttempt) -> None:
    http = lone_http(services, attempt)
    try:
        if token := values["bot_token"]:
            bearer = {"Authorization": f"Bearer {token}"}
            answer = http.request(
                "POST", SLACK_AUTH_TEST, secrets=bearer, timeout_s=CHECK_S, max_redirects=0
            )
            _require_ok(answer.content)
        if url := values["webhook_url"]:
            # Without a text there is no message: a webhook that is there finds fault with that.
            with secret_url("the incoming webhook"):
                answer = http.request(
                    "POST", url, content=b"{}", timeout_s=CHECK_S, max_redirects=0
                )
            if answer.status not in (200, 400):
                told = f"The incoming webhook answered {answer.status}: it is not there any more."
                raise NodeError("slack_refused", told)
    finally:
        http.close()


def _require_ok(content: bytes) -> None:
    try:
        answer = read_json(content)
    except NotJsonError:
        answer = None
    if not isinstance(answer, dict) or answer.get("ok") is not True:
        why = answer.get("error") if isinstance(answer, dict) else None
        told = why if isinstance(why, str) and re.fullmatch(r"[a-z_]{1,64}", why) else "no reason"
        raise NodeError("slack_refused", f"Slack does not take the bot token: {told}.")


def _check_postgres(values: Mapping[str, Any], services: Services, attempt: LoneAttempt) -> None:
    session = services.postgres(services.egress, attempt, values)
    try:
        with session.transaction(is_repeatable=True):
            session.run("SELECT 1")
    finally:
        session.close()


def _check_smtp(values: Mapping[str, Any], services: Services, attempt: LoneAttempt) -> None:
    Mail(attempt, services.egress, services.mailer, lambda: attempt.key(0)).log_in(values)


def _check_imap(values: Mapping[str, Any], services: Services, attempt: LoneAttempt) -> None:
    with open_mailbox(values, "INBOX", services.egress, attempt):
        pass


CHECKS: dict[str, Check] = {
    "slack": _check_slack,
    "postgres": _check_postgres,
    "smtp": _check_smtp,
    "imap": _check_imap,
}
