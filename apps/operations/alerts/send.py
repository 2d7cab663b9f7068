"""Messages are sent by whoever comes to them, and tried again for a day.

Nothing is held while somebody outside is asked: who takes a message puts off its next attempt for
so long that, if they die, another one sends it. So a receiver may get it twice, with the same id.
One that kills whoever sends it is tried ever more rarely, too, and given up like the others.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from apps.engine.encoding import storable
from apps.engine.errors import NodeError
from apps.operations.alerts.channels import send
from apps.operations.models.alerts import AlertDelivery
from apps.runs import sql
from apps.workspaces.querysets import TenantQuerySet

logger = logging.getLogger(__name__)

Status = AlertDelivery.Status
TAKEN_FOR = timedelta(minutes=2)
"""More than a message takes to be sent."""
AGAIN_S = 30.0
"""After the first attempt; after each further one twice as long, up to `LONGEST_S`."""
LONGEST_S = 3_600.0
UNKNOWN = "Who sent it last died meanwhile: whether it arrived is not known."
TURN_S = 20.0
"""After so long a turn ends, so that who takes it can be stopped."""


def send_due() -> int:
    """Send the messages whose turn it is; gives how many attempts were made."""
    give_up_at = time.monotonic() + TURN_S
    count = 0
    while time.monotonic() < give_up_at and _due().exists():
        delivery = _take_next()
        if delivery is None:
            break
        if _was_lost(delivery) and delivery.give_up_at < sql.database_now():
            _note(delivery, status=Status.FAILED, answer=UNKNOWN, next_attempt_at=None)
            continue
        _attempt(delivery)
        count += 1
    return count


def _due() -> TenantQuerySet:
    return AlertDelivery.objects.filter(status=Status.PENDING, next_attempt_at__lte=Now())


def _take_next() -> AlertDelivery | None:
    """Take the next message that nobody else takes; its `answer` is that of the attempt before."""
    with transaction.atomic():
        held = _due().select_for_update(of=("self",), skip_locked=True)
        found = held.select_related(
            "workspace",
            "alert",
            "rule__slack_credential",
            "rule__webhook_credential",
            "rule__webhook_secret",
        )
        delivery: AlertDelivery | None = found.order_by("next_attempt_at").first()
        if delivery is not None:
            delivery.attempts += 1
            pause = timedelta(seconds=pause_s(delivery.attempts))
            delivery.next_attempt_at = sql.database_now() + max(TAKEN_FOR, pause)
            AlertDelivery.objects.filter(pk=delivery.pk).update(
                attempts=delivery.attempts, next_attempt_at=delivery.next_attempt_at, answer=""
            )
    return delivery


def _was_lost(delivery: AlertDelivery) -> bool:
    """Whether who made the attempt before noted nothing of it."""
    return delivery.attempts > 1 and not delivery.answer


def _attempt(delivery: AlertDelivery) -> None:
    if not connection.in_atomic_block:
        connection.close()  # others may have it while we wait
    try:
        answer = send(delivery)
    except NodeError as error:
        _note_failure(delivery, f"{error.message} {error.hint or ''}".strip())
    except OSError as error:  # as all errors of mail are
        _note_failure(delivery, f"The mail could not be sent: {error}")
    except Exception:
        # A fault of ours, which must keep no other delivery from being sent; it is tried again.
        logger.exception("the alert delivery %s could not be sent", delivery.pk)
        _note_failure(delivery, "It failed unexpectedly; the server's log has the details.")
    else:
        now = timezone.now()
        _note(delivery, status=Status.SENT, answer=answer, sent_at=now, next_attempt_at=None)


def _note_failure(delivery: AlertDelivery, why: str) -> None:
    now = sql.database_now()
    again_at = now + timedelta(seconds=pause_s(delivery.attempts))
    logger.warning("an alert was not sent (attempt %d): %s", delivery.attempts, why)
    if again_at > delivery.give_up_at:
        _note(delivery, status=Status.FAILED, answer=why, next_attempt_at=None)
    else:
        _note(delivery, answer=why, next_attempt_at=again_at)


def pause_s(attempts: int) -> float:
    """How long after so many attempts the next one is made."""
    return float(min(AGAIN_S * 2 ** (attempts - 1), LONGEST_S))


def _note(delivery: AlertDelivery, *, answer: str, **fields: str | datetime | None) -> None:
    """Write what came of an attempt, unless another one was begun since."""
    same = AlertDelivery.objects.filter(
        pk=delivery.pk, attempts=delivery.attempts, status=Status.PENDING
    )
    same.update(answer=storable(answer)[:500], **fields)
