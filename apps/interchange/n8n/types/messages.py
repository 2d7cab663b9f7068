"""What tells people."""

from apps.engine.items import Json
from apps.interchange.n8n.given import UnsupportedError
from apps.interchange.n8n.source import Made, Source


def email(source: Source) -> Made:
    given, options = source.given, source.given.inner("options")
    if given.text("operation", "send") != "send":
        return _asked(source, "email")
    params: dict[str, Json] = {
        "from": given.text("fromEmail"),
        "to": given.text("toEmail"),
        "subject": given.text("subject"),
    }
    for ours, key in (("cc", "ccEmail"), ("bcc", "bccEmail"), ("reply_to", "replyTo")):
        if text := options.text(key) or given.text(key):
            params[ours] = text
    format = given.text("emailFormat", "both" if source.version < 2 else "html")
    if format != "html" and given.text("text"):
        params["text"] = given.text("text")
    if format != "text" and given.text("html"):
        params["html"] = given.text("html")
    if attachments := options.text("attachments") or given.text("attachments"):
        params["attachments"] = attachments
    return Made("email", params)


def slack(source: Source) -> Made:
    given = source.given
    if given.text("resource", "message") != "message":
        raise UnsupportedError("Of Slack only messages are sent.")
    operation = given.text("operation", "post")
    if operation == "sendAndWait":
        return _asked(source, "slack")
    if operation not in ("post", "create"):
        raise UnsupportedError(f"The operation “{operation[:40]}” has no counterpart.")
    chosen = "user" if given.text("select") == "user" else "channelId"
    options = given.inner("otherOptions")
    params: dict[str, Json] = {
        "channel": given.text(chosen) or given.text("channel"),
        "text": given.text("text"),
        "markup": True,
    }
    if given.text("messageType") == "block" and "blocksUi" in given:
        params["blocks"] = given.value("blocksUi")
    elif given.text("messageType") == "attachment" or given.value("attachments"):
        source.warn("Attachments of Slack are not taken over; use blocks.")
    if thread := options.inner("thread_ts", "replyValues").text("thread_ts"):
        params["thread_ts"] = thread
    return Made("slack", params)


def _asked(source: Source, by: str) -> Made:
    """What sends a question and waits for the answer."""
    given = source.given
    if given.text("responseType", "approval") != "approval":
        raise UnsupportedError("It asks by a form: send the address of a Form Page instead.")
    source.warn("Draw what follows from “approved” and “rejected”: n8n has one output for both.")
    params: dict[str, Json] = {"question": given.text("subject") or source.name, "ask_by": by}
    params["details"] = given.text("message")
    if by == "email":
        params |= {"to": given.text("toEmail"), "from": given.text("fromEmail")}
    else:
        params["channel"] = given.text("channelId")
    return Made("approval", params, outputs=("approved",))
