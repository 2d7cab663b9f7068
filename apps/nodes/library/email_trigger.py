"""Email Trigger: starts a run for each message that comes into a mailbox."""

from apps.engine.items import Item
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.outside.imap import IMAP_CREDENTIALS
from apps.nodes.polls.mailbox import MailboxParams

MESSAGE = {
    "uid": 7,
    "size": 1_234,
    "is_cut": False,
    "error": None,
    "message_id": "<1@shop.test>",
    "in_reply_to": None,
    "subject": "An order",
    "date": "2026-03-02T06:00:00Z",
    "from": [{"name": "Ada", "address": "ada@shop.test"}],
    "to": [{"name": "", "address": "orders@ours.test"}],
    "cc": [],
    "reply_to": [],
    "text": "Two of them, please.\n",
    "html": None,
}


@node(
    type="email_trigger",
    label="Email Trigger (IMAP)",
    group="triggers",
    icon="inbox",
    keywords=("mail", "inbox"),
    kind=Kind.TRIGGER,
    each="item",
    inputs=(),
    credentials=IMAP_CREDENTIALS,
    examples=[
        Example(
            title="What comes into the inbox",
            params={"credential": "0190b5a4-7e3c-7000-8000-000000000001", "every_minutes": 2},
            takes=[MESSAGE],
            gives=[MESSAGE],
        )
    ],
)
def email_trigger(item: Item, params: MailboxParams, ctx: StepContext) -> Item:
    """Starts a run for each message that comes into a mailbox, read by IMAP.

    What is there at the first look, right after the workflow was activated, is not new. Nothing is
    changed in the mailbox: what was not seen stays unseen. Of a message over 10 MB only the head is
    read (`is_cut`). Attachments are files of the item: `attachment_0` and so on, up to 100. What
    cannot be read is null, and `error` says so.
    """
    return item
