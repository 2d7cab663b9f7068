"""What is new in a mailbox. The cursor is the uid of the last message that was seen."""

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from apps.engine.encoding import encode
from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.nodes.confined import Confined
from apps.nodes.files import keep_file
from apps.nodes.outside.imap import IMAP_CREDENTIALS, Mailbox, open_mailbox
from apps.nodes.polls.found import Found, PollParams, Way

AT_ONCE = 20
MAX_BYTES = 10 * 1024 * 1024
"""Of a larger message only the head is read."""
ENOUGH_BYTES = 20 * 1024 * 1024
"""Once so much was read the rest is for the next look."""
KEPT_SHARE = 0.5
"""So is it once less of the time is left: of a slow server's messages none would ever be kept."""


class MailboxParams(PollParams):
    credential: str = Field(
        title="Credential",
        min_length=1,
        description="Of an IMAP server.",
        json_schema_extra={"x-widget": "credential"},
    )
    mailbox: str = Field(
        "INBOX", title="Mailbox", min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"
    )


def look_at_mailbox(params: MailboxParams, cursor: Json, way: Way) -> Found:
    """Read the messages that came since the last look. The first one finds nothing new.

    Nor does one at another mailbox, or at one whose server has numbered all messages anew. Raises
    NodeError, and RevokedError where the attempt's time is over.
    """
    credential = way.credential(params.credential, IMAP_CREDENTIALS).values
    opened = open_mailbox(credential, params.mailbox, way.services.egress, way.attempt)
    task = "apps.nodes.formats.mails:read_mail"
    with opened as mailbox, Confined(task, way.attempt) as read:
        here = {"mailbox": _known_by(credential, params.mailbox), "validity": mailbox.validity}
        if cursor is None or here.items() - cursor.items():
            return Found([], {**here, "uid": mailbox.last_uid})
        uids = mailbox.newer_than(cursor["uid"])
        found: list[Item] = []
        last, size = cursor["uid"], 0
        most = min(MAX_BYTES, way.services.file_bytes)
        least_s = way.attempt.remaining_s() * KEPT_SHARE
        for uid in uids[:AT_ONCE]:
            if size > ENOUGH_BYTES or (found and way.attempt.remaining_s() < least_s):
                break
            message = _message(mailbox, uid, read, most)
            if message is not None:
                found.append(_item(message, way))
                size += min(message["size"], most)
            last = uid
        if not uids:
            last = mailbox.last_uid
        return Found(found, {**here, "uid": last}, has_more=last < mailbox.last_uid)


def _known_by(credential: Mapping[str, Any], mailbox: str) -> str:
    """What a mailbox is known by, of which the uids are. Hashed, as it is not kept in the vault."""
    whose = [credential["host"], credential["port"], credential["username"], mailbox]
    return hashlib.sha256(encode(whose)).hexdigest()[:32]


def _message(mailbox: Mailbox, uid: int, read: Confined, most: int) -> dict[str, Any] | None:
    """What a message says, with its attachments in base64; None where it is gone again."""
    size = mailbox.size(uid)
    is_cut = size is not None and size > most
    content = None if size is None else mailbox.read(uid, "HEADER" if is_cut else "")
    if content is None:
        return None
    try:
        told = read({}, content)
    except NodeError as failed:
        if failed.code not in ("too_costly", "unreadable"):
            raise
        # It would fail each time: whoever gets it must see that there is one.
        told = {"error": failed.message, "attachments": ()}
    if is_cut:
        # What was not read is not empty.
        told |= {"text": None, "html": None, "attachments": ()}
    return {"uid": uid, "size": size, "is_cut": is_cut, **told}


def _item(message: dict[str, Any], way: Way) -> Item:
    """The message, its attachments as files `attachment_0` and so on."""
    files: dict[str, Json] = {
        f"attachment_{place}": keep_file(
            way.attempt.masked(b64decode(each["content"])), way.keep, each["name"], each["type"]
        )
        for place, each in enumerate(message.pop("attachments"))
    }
    return Item(message, files or None)
