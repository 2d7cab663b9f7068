"""Where nodes may connect: every spelling of a private address is refused, public ones are not."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.nodes.outside.addresses import is_public
from apps.nodes.outside.egress import EgressPolicy, parse_url
from tests.nodes.hostile import cases
from tests.nodes.sending import http_to
from tests.nodes.servers import trap

NEVER_CONNECTED = {"egress_refused", "invalid_url", "name_not_resolved"}


def answering(*answers: Sequence[str] | OSError) -> Callable[[str], Sequence[str]]:
    """A resolver that gives these answers in order, the last for ever."""
    left = list(answers)

    def resolve(host: str) -> Sequence[str]:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, OSError):
            raise answer
        return answer

    return resolve


def vetted(policy: EgressPolicy, url: str) -> list[str]:
    """The addresses to which a request to this URL would connect."""
    parsed = parse_url(url)
    return [str(address) for address in policy.vet(parsed.host, parsed.port)]


def unknown(host: str) -> Sequence[str]:
    raise OSError(f"nobody knows {host}")


def is_judged(case: Any) -> bool:
    return case["expect"] in ("allow", "refuse") and "redirect" not in case


@pytest.mark.parametrize("case", cases("ssrf.jsonl", is_judged))
def test_hostile_urls_are_judged_rightly_and_reach_nothing(case: Any) -> None:
    told = [
        OSError("SERVFAIL") if "SERVFAIL" in names else names for names in case.get("resolves", ())
    ]
    policy = EgressPolicy(resolve=answering(*told) if told else unknown)
    if case["expect"] == "allow":
        assert vetted(policy, case["url"])
        return
    with trap() as hidden, http_to(policy=policy) as http:
        with pytest.raises(NodeError) as refusal:
            http.request("POST", case["url"].replace("{trap}", str(hidden.port)))
        assert refusal.value.code in NEVER_CONNECTED
        assert hidden.connections() == 0


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("8.8.8.8", True),
        ("172.15.255.255", True),
        ("172.32.0.0", True),
        ("192.0.0.192", False),  # metadata of one cloud
        ("168.63.129.16", False),  # metadata of another, on a public address
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("2606:4700:4700::1111", True),
        ("::1", False),
        ("::7f00:1", False),  # v4-compatible
        ("::ffff:10.0.0.1", False),  # v4-mapped
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),  # NAT64
        ("64:ff9b::808:808", True),
        ("64:ff9b:1::808:808", False),  # NAT64 for local use
        ("2002:7f00:1::", False),  # 6to4
        ("2002:808:808::1", True),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),  # Teredo
        ("2a00::5efe:7f00:1", False),  # ISATAP
        ("2a00::200:5efe:808:808", True),
        ("fec0::1", False),  # site-local
        ("fe80::1", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("3fff::1", False),
    ],
)
def test_only_public_addresses_are_public(text: str, verdict: bool) -> None:
    assert is_public(ip_address(text)) is verdict


@pytest.mark.parametrize(
    ("entry", "url", "verdict"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000/echo", True),
        ("127.0.0.1:8000", "http://127.0.0.1:8001/echo", False),
        ("127.0.0.1:8000", "http://127.0.0.2:8000/", False),
        ("10.0.0.0/8", "http://10.20.30.40:9200/", True),
        ("10.0.0.0/8", "http://11.20.30.40.test/", False),
        ("api.internal:443", "https://api.internal/v1", True),
        ("api.internal:443", "http://api.internal/v1", False),
        ("api.internal", "http://api.internal:8080/", True),
        ("API.Internal.", "http://api.internal/", True),
        ("[::1]:8000", "http://[::1]:8000/", True),
        ("10.0.0.1", "http://[::ffff:10.0.0.1]/", True),
    ],
)
def test_the_operator_opens_hosts_ports_and_networks(entry: str, url: str, verdict: bool) -> None:
    policy = EgressPolicy([entry], resolve=answering(["10.1.1.1"] if verdict else ["192.168.1.1"]))
    if verdict:
        assert vetted(policy, url)
        return
    with pytest.raises(NodeError, match="refused"):
        vetted(policy, url)


@pytest.mark.parametrize("entry", ["", "http://x/", "a:b", "a:0", "a:65536", "x y"])
def test_a_wrong_entry_of_the_setting_is_told_at_start(entry: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        EgressPolicy([entry])


def test_a_name_with_an_opened_and_another_private_address_uses_the_opened_one() -> None:
    policy = EgressPolicy(["127.0.0.1:8000"], resolve=answering(["::1", "127.0.0.1"]))
    assert vetted(policy, "http://localhost:8000/") == ["127.0.0.1"]


def test_a_name_that_is_never_told_is_waited_for_no_longer_than_a_connection() -> None:
    silence = threading.Event()
    policy = EgressPolicy(resolve=lambda host: [str(silence.wait(10))])
    with http_to(policy=policy) as http, pytest.raises(NodeError) as failure:
        http.request("GET", "http://slow.test/", timeout_s=0.1)
    silence.set()
    assert (failure.value.code, failure.value.retryable) == ("timeout", True)


def test_the_addresses_of_both_answers_are_kept_when_all_are_public() -> None:
    policy = EgressPolicy(resolve=answering(["8.8.8.8"], ["8.8.4.4"]))
    assert vetted(policy, "http://round.test/") == ["8.8.8.8", "8.8.4.4"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("HTTP://Example.TEST", "http://example.test/"),
        ("https://example.test:443/a?b#c", "https://example.test/a?b#c"),
        ("http://example.test.:8080/", "http://example.test:8080/"),
        ("http://bücher.test/", "http://xn--bcher-kva.test/"),
        ("http://[2001:DB8:0::1]/", "http://[2001:db8::1]/"),
        ("http://my_host.test?x=1", "http://my_host.test?x=1"),
    ],
)
def test_a_url_is_brought_into_one_spelling(written: str, read: str) -> None:
    assert str(parse_url(written)) == read


def test_half_a_character_in_a_url_is_refused() -> None:
    with pytest.raises(NodeError, match="half a character"):
        parse_url("http://a.test/\ud83d")


def test_what_stands_before_the_host_of_a_url_is_told_to_nobody() -> None:
    with pytest.raises(NodeError) as refusal:
        parse_url("http://ada:s3cret@a.test/")
    assert "'http://a.test/'" in refusal.value.message


def test_an_address_is_vetted_for_protocols_without_urls() -> None:
    with pytest.raises(NodeError, match="refused"):
        EgressPolicy().vet("127.0.0.1", 5432)


def test_a_connection_goes_to_the_address_that_was_checked(listener: int) -> None:
    policy = EgressPolicy(
        [f"127.0.0.1:{listener}"], resolve=answering(["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"])
    )
    with policy.connect("pinned.test", listener, timeout_s=2) as connection:
        assert connection.getpeername() == ("127.0.0.1", listener)


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_watch_sees_a_connection_past_the_policy(listener: int) -> None:
    with socket.socket() as stray, pytest.raises(AssertionError, match="past the egress policy"):
        stray.connect(("127.0.0.1", listener))
