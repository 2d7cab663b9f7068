"""What is new in a mailbox. The cursor is the uid of the last message that was seen."""

from base64 import b64decode
from typing import Any

from pydantic import Field

from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.nodes.confined import Confined
from apps.nodes.files import keep_file
from apps.nodes.outside.imap import Mailbox, open_mailbox
from apps.nodes.polls.found import Found, PollParams, Way

AT_ONCE = 20
MAX_BYTES = 10 * 1024 * 1024
"""Of a larger message only the head is read."""
ENOUGH_BYTES = 20 * 1024 * 1024
"""Once so much was read the rest is for the next look."""


class MailboxParams(PollParams):
    credential: str = Field(
        title="Credential",
        min_length=1,
        description="The id of a credential of an IMAP server.",
        json_schema_extra={"x-widget": "credential"},
    )
    mailbox: str = Field(
        "INBOX", title="Mailbox", min_length=1, max_length=200, pattern=r"^[ -~]*$"
    )


def look_at_mailbox(params: MailboxParams, cursor: Json, way: Way) -> Found:
    """Read the messages that came since the last look. The first one finds nothing new.

    Nor does one at a mailbox whose server has numbered all messages anew. Raises NodeError, and
    RevokedError where the attempt's time is over.
    """
    opened = open_mailbox(way.credential, params.mailbox, way.services.egress, way.attempt)
    task = "apps.nodes.formats.mails:read_mail"
    with opened as mailbox, Confined(task, way.attempt) as read:
        if cursor is None or cursor["validity"] != mailbox.validity:
            return Found([], {"validity": mailbox.validity, "uid": mailbox.last_uid()})
        uids = mailbox.newer_than(cursor["uid"])
        found: list[Item] = []
        last, size = cursor["uid"], 0
        most = min(MAX_BYTES, way.services.file_bytes)
        for uid in uids[:AT_ONCE]:
            if size > ENOUGH_BYTES:
                break
            message = _message(mailbox, uid, read, most)
            if message is not None:
                found.append(_item(message, way))
                size += min(message["size"], most)
            last = uid
        has_more = bool(uids) and last < uids[-1]
        return Found(found, {"validity": mailbox.validity, "uid": last}, has_more)


def _message(mailbox: Mailbox, uid: int, read: Confined, most: int) -> dict[str, Any] | None:
    """What a message says, with its attachments in base64; None where it is gone again."""
    size = mailbox.size(uid)
    is_cut = size is not None and size > most
    content = None if size is None else mailbox.read(uid, "HEADER" if is_cut else "")
    if content is None:
        return None
    try:
        told, error = read({}, content), None
    except NodeError as failed:
        # It would fail each time: whoever gets it must see that there is one.
        told, error = {"attachments": None}, failed.message
    return {"uid": uid, "size": size, "is_cut": is_cut, "error": error, **told}


def _item(message: dict[str, Any], way: Way) -> Item:
    """The message, its attachments as files `attachment_0` and so on."""
    attachments = message.pop("attachments") or ()
    files: dict[str, Json] = {
        f"attachment_{place}": keep_file(
            b64decode(each["content"]), way.keep, each["name"], each["type"]
        )
        for place, each in enumerate(attachments)
    }
    return Item(message, files or None)
