"""Messages that come into a mailbox start runs."""

from dataclasses import replace

import pytest

from apps.nodes.context import bound, services
from apps.runs.models import Run, RunFile
from apps.runs.payloads import read_payload
from apps.runs.states import RunStatus
from apps.triggers.models import Poll
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow
from tests.factories import make_credential, make_version, make_workflow, make_workspace
from tests.graphs import graph, node
from tests.nodes.imap import mailbox_server, message
from tests.runs.work import execute
from tests.triggers.test_polls import look_again, look_now

pytestmark = pytest.mark.django_db


def test_a_message_that_comes_into_a_mailbox_starts_a_run() -> None:
    with mailbox_server() as server, bound(replace(services(), egress=server.policy)):
        workflow = make_workflow()
        credential = make_credential(workflow.workspace, "imap", server.values)
        params = {"credential": str(credential.pk)}
        nodes = [node("came", "email_trigger", params=params), node("end")]
        make_version(workflow, graph(nodes, ["came -> end"]), is_published=True)
        activate_workflow(workflow, by=None)
        look_now()
        order = message("An order")
        order.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="a.pdf")
        server.put(order)
        look_again()
        look_again()
    run = execute(Run.objects.get())
    [item] = run.input_json
    assert item["json"]["subject"] == "An order"
    [file] = RunFile.objects.filter(run=run)
    assert item["binary"]["attachment_0"]["id"] == str(file.payload_id)
    assert read_payload(file.payload_id) == b"%PDF-1.7"
    assert run.status == RunStatus.COMPLETED


def test_a_message_is_kept_whatever_signs_it_has() -> None:
    with mailbox_server() as server, bound(replace(services(), egress=server.policy)):
        workflow = make_workflow()
        credential = make_credential(workflow.workspace, "imap", server.values)
        nodes = [node("came", "email_trigger", params={"credential": str(credential.pk)})]
        make_version(workflow, graph(nodes), is_published=True)
        activate_workflow(workflow, by=None)
        look_now()
        server.put(b"Subject: a\0b\n\n\0\n")
        server.put(b"Subject: \xff\xfe\nContent-Type: text/plain; charset=utf-16\n\n\x00\xd8\n")
        server.put(
            b"Subject: =?utf-16?b?ANg=?=\nContent-Disposition: attachment; filename=\xff\n\n."
        )
        look_again()
    assert Poll.objects.get().error == ""
    for run in Run.objects.order_by("id"):
        assert execute(run).status == RunStatus.COMPLETED
    assert [run.input_json[0]["json"]["uid"] for run in Run.objects.order_by("id")] == [1, 2, 3]


def test_a_credential_of_another_workspace_opens_nothing() -> None:
    with mailbox_server() as server, bound(replace(services(), egress=server.policy)):
        workflow = make_workflow()
        credential = make_credential(workflow.workspace, "imap", server.values)
        params = {"credential": str(credential.pk)}
        version = make_version(workflow, graph([node("came", "email_trigger", params=params)]))
        publish_version(version, by=None)
        workflow.refresh_from_db()
        activate_workflow(workflow, by=None)
        type(credential).objects.filter(pk=credential.pk).update(workspace=make_workspace())
        look_now()
    assert server.commands == []
    assert "There is no credential" in Poll.objects.get().error
