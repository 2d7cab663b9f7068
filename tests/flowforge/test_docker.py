"""What the image and the compose file set, as the settings read it."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from apps.nodes.outside.egress import EgressPolicy
from tests.flowforge.test_settings import settings_with

DOCKER = Path(__file__).parents[2] / "docker"


def may_call_itself(var_dir: Path, environment: dict[str, str]) -> bool:
    """Whether nodes may reach the address that the demo calls, and it is answered there."""
    shown = settings_with(var_dir, environment, "OWN_URL", "EGRESS_ALLOW", "ALLOWED_HOSTS")
    own: Any = urlsplit(shown["OWN_URL"])
    policy = EgressPolicy(shown["EGRESS_ALLOW"], lambda host: ["127.0.0.1"])
    return bool(policy.vet(own.hostname, own.port)) and own.hostname in shown["ALLOWED_HOSTS"]


def test_the_demo_works_in_the_image(tmp_path: Path) -> None:
    text = (DOCKER / "Dockerfile").read_text()
    environment = dict(re.findall(r"\b(HOST|PORT|EGRESS_ALLOW)=(\S+)", text))
    assert may_call_itself(tmp_path, environment)


def test_the_demo_works_between_containers(tmp_path: Path) -> None:
    compose = yaml.safe_load((DOCKER / "compose.yml").read_text())
    for service in ("web", "worker"):
        environment = compose["services"][service]["environment"]
        assert may_call_itself(tmp_path, environment | {"PUBLIC_URL": "http://127.0.0.1:8000"})
    assert urlsplit(environment["OWN_URL"]).hostname in compose["services"]
