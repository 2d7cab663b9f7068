"""What is meant by a name that nothing is called."""

import pytest

from apps.engine.suggest import did_you_mean
from apps.nodes.registry import library


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("dellay", "delay"),
        ("errorTrigger", "error"),
        ("formTrigger", "form"),
        ("scheduleTrigger", "schedule"),
        ("manualTrigger", "manual"),
        ("webhookTrigger", "webhook"),
        ("n8n-nodes-base.errorTrigger", "error"),
        # What is called so stays what is meant.
        ("emailTrigger", "email_trigger"),
        ("splitOut", "split_out"),
    ],
)
def test_the_nearest_is_named(name: str, meant: str) -> None:
    assert did_you_mean(name, library().types()) == f" Did you mean “{meant}”?"


def test_where_none_is_near_nothing_is_said() -> None:
    assert did_you_mean("quetzalcoatl", library().types()) == ""
