"""What is wrong with a rule, as its kind and its channels want it: all of it at once."""

from collections.abc import Iterator

from apps.credentials.models import Credential
from apps.engine.errors import Fault, NodeError
from apps.nodes.credential_types import CREDENTIAL_TYPES
from apps.nodes.outside.egress import InvalidUrlError, parse_url
from apps.nodes.outside.mail_addresses import read_addresses
from apps.nodes.requests.auth import HTTP_CREDENTIALS
from apps.operations.alerts.kinds import KINDS, NUMBERS
from apps.operations.models.alerts import AlertRule
from apps.workflows.models import Workflow

LONGEST_NAME = 200
LONGEST_CHANNEL = 100
LONGEST_URL = 2_000
MOST_EMAILS = 20
LONGEST_REPEAT_H = 720
CREDENTIALS = {
    "slack_credential": ("slack",),
    "webhook_credential": HTTP_CREDENTIALS,
    "webhook_secret": ("webhook_secret",),
}
"""The credentials that a rule may name, and of which types they may be."""


def faults_of(rule: AlertRule) -> list[Fault]:
    """What of a rule is not as it must be. Its credentials are held, so that none is deleted
    before the rule is saved; for a transaction."""
    return [
        *_faults_of_condition(rule),
        *_faults_of_numbers(rule),
        *_faults_of_mail(rule),
        *_faults_of_credentials(rule),
        *_faults_of_webhook(rule),
    ]


def _faults_of_condition(rule: AlertRule) -> Iterator[Fault]:
    kind = KINDS[rule.kind]
    if not rule.name.strip():
        yield Fault("name", "blank", "Give it a name.")
    if len(rule.name) > LONGEST_NAME:
        yield Fault("name", "too_long", f"Must have at most {LONGEST_NAME} characters.")
    if rule.workspace_id is not None and not kind.is_of_workspaces:
        told = "No workspace owns workers: such a rule is for superusers, without a workspace."
        yield Fault("kind", "of_installation", told)
    if rule.workflow_id is None:
        return
    if not kind.takes_workflow:
        yield Fault("workflow", "unexpected", "A rule of this kind is about no workflow.")
    elif not Workflow.objects.filter(pk=rule.workflow_id, workspace=rule.workspace_id).exists():
        yield Fault("workflow", "unknown", "There is no such workflow in the rule's workspace.")


def _faults_of_numbers(rule: AlertRule) -> Iterator[Fault]:
    wanted = KINDS[rule.kind].numbers
    for name in NUMBERS:
        given = getattr(rule, name)
        number = wanted.get(name)
        if number is None and given is not None:
            yield Fault(name, "unexpected", "A rule of this kind has no such number.")
        elif number is not None and (given is None or not number.least <= given <= number.most):
            told = f"Must be between {number.least:,} and {number.most:,}."
            yield Fault(name, "out_of_range", told)
    if rule.repeat_after_h is not None and not 1 <= rule.repeat_after_h <= LONGEST_REPEAT_H:
        told = f"Must be between 1 and {LONGEST_REPEAT_H}, or empty."
        yield Fault("repeat_after_h", "out_of_range", told)


def _faults_of_mail(rule: AlertRule) -> Iterator[Fault]:
    if rule.to_operators and rule.workspace_id is not None:
        told = "Only rules of the installation tell the addresses of ALERT_EMAILS."
        yield Fault("to_operators", "of_installation", told)
    if len(rule.emails) > MOST_EMAILS:
        yield Fault("emails", "too_many", f"At most {MOST_EMAILS} addresses.")
        return
    for index, written in enumerate(rule.emails):
        try:
            is_one = len(read_addresses(written, "address")) == 1
        except NodeError:
            is_one = False
        if not is_one:
            told = f"“{written[:100]}” is no mail address, such as ops@example.org."
            yield Fault(f"emails[{index}]", "invalid", told)


def _faults_of_credentials(rule: AlertRule) -> Iterator[Fault]:
    named = {name: getattr(rule, f"{name}_id") for name in CREDENTIALS}
    rows = Credential.objects.select_for_update(no_key=True)
    # Rules of the installation may use those of all workspaces, as superusers may.
    if rule.workspace_id is not None:
        rows = rows.filter(workspace=rule.workspace_id)
    found = {row.pk: row for row in rows.filter(pk__in=[id for id in named.values() if id])}
    for name, id in named.items():
        if id is not None:
            yield from _faults_of_credential(name, found.get(id))
    if len(rule.slack_channel) > LONGEST_CHANNEL:
        told = f"Must have at most {LONGEST_CHANNEL} characters."
        yield Fault("slack_channel", "too_long", told)
    slack = found.get(named["slack_credential"])
    if rule.slack_channel and rule.slack_credential_id is None:
        yield Fault("slack_credential", "missing", "Choose who posts to the channel.")
    elif slack is not None and slack.type == "slack":
        yield from _faults_of_slack(rule, slack)


def _faults_of_credential(name: str, found: Credential | None) -> Iterator[Fault]:
    if found is None:
        yield Fault(name, "unknown", "There is no such credential where the rule is.")
    elif found.type not in CREDENTIALS[name]:
        wanted = " or ".join(CREDENTIAL_TYPES[type].label for type in CREDENTIALS[name])
        told = f"“{found}” is of the type {found.label}; here it must be {wanted}."
        yield Fault(name, "wrong_type", told)


def _faults_of_slack(rule: AlertRule, slack: Credential) -> Iterator[Fault]:
    if rule.slack_channel and "bot_token" not in slack.secret_names:
        told = f"“{slack}” has no bot token; its incoming webhook has a channel of its own."
        yield Fault("slack_channel", "unexpected", told)
    if not rule.slack_channel and "webhook_url" not in slack.secret_names:
        told = f"“{slack}” has no incoming webhook: say to which channel its bot posts."
        yield Fault("slack_channel", "missing", told)


def _faults_of_webhook(rule: AlertRule) -> Iterator[Fault]:
    if not rule.webhook_url:
        for name in ("webhook_credential", "webhook_secret"):
            if getattr(rule, f"{name}_id") is not None:
                yield Fault("webhook_url", "missing", "Say where the webhook is.")
                return
        return
    if len(rule.webhook_url) > LONGEST_URL:
        told = f"Must have at most {LONGEST_URL:,} characters."
        yield Fault("webhook_url", "too_long", told)
        return
    try:
        parse_url(rule.webhook_url)
    except InvalidUrlError as error:
        # Not the URL itself, which may be the secret.
        yield Fault("webhook_url", "invalid", f"That is no URL that can be called: {error.why}.")
