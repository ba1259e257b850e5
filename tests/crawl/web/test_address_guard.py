"""No host inside the own network is asked, however it is written."""

import socket
import threading
import time
from collections.abc import Sequence

import pytest

from searchkit.crawl.web.address_guard import (
    address_fault,
    allowed_names,
    checked_addresses,
    name_fault,
    on_ports,
    resolve,
)
from searchkit.crawl.web.addresses import web_address
from searchkit.crawl.web.pages import FetchFailed
from tests.cases import cases


@pytest.mark.parametrize(
    "address",
    """
    127.0.0.1 127.255.0.1 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
    100.100.100.200 168.63.129.16 192.0.0.192 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
    240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1::1 2002:a9fe:a9fe:: 2001::1
    2001:db8::1 fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd00:ec2::254 ff02::1 ff0e::1 100::1 5f00::1 nonsense
    """.split(),
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert address_fault(address)
    with pytest.raises(FetchFailed, match=r"(private|invalid) address") as refused:
        checked_addresses(web_address("http://ledger.example/"), allow=(), resolve=lambda *_: [address])
    assert not refused.value.temporary
    # One public address among them does not help.
    with pytest.raises(FetchFailed):
        checked_addresses(web_address("http://x.example/"), allow=(), resolve=lambda *_: ["8.8.8.8", address])


@pytest.mark.parametrize(
    "address", "8.8.8.8 1.1.1.1 93.184.216.34 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808:: 2606:4700::1111".split()
)
def test_addresses_that_are_public(address: str) -> None:
    assert address_fault(address) == ""
    where = web_address("https://ledger.example/")
    assert checked_addresses(where, allow=(), resolve=lambda *_: [address]) == (address,)


@pytest.mark.parametrize("host", "127.1 0x7f000001 2130706433 0177.0.0.1 0 localhost".split())
def test_names_that_the_resolver_reads_as_loopback_are_refused(host: str) -> None:
    """The strict reading of addresses refuses most of these before; the guard does not rely on it."""
    found = resolve(host, 80)
    assert found
    assert all(map(address_fault, found))


def test_only_ports_of_web_servers_are_asked() -> None:
    for port in (22, 25, 6379, 9200, 11211):
        with pytest.raises(FetchFailed, match="port"):
            checked_addresses(web_address(f"http://ledger.example:{port}/"), allow=(), resolve=lambda *_: ["8.8.8.8"])
    for port in (80, 443, 8080):
        where = web_address(f"http://ledger.example:{port}/")
        assert checked_addresses(where, allow=(), resolve=lambda *_: ["8.8.8.8"])


def test_hosts_allowed_by_name_or_address() -> None:
    allow = allowed_names(["Intern.Example", "127.0.0.1", "[FD00::0:1]", "no such name"])
    for address in ("http://intern.example:9999/", "http://127.0.0.1:9999/", "http://[fd00::1]:9999/"):
        assert checked_addresses(web_address(address), allow=allow, resolve=lambda *_: ["10.0.0.1"]) == ("10.0.0.1",)
    # A name that is not allowed may lead to an address that is, and to no other.
    other = web_address("http://other.example/")
    assert checked_addresses(other, allow=allow, resolve=lambda *_: ["127.0.0.1"]) == ("127.0.0.1",)
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.2"):
        checked_addresses(other, allow=allow, resolve=lambda *_: ["127.0.0.1", "127.0.0.2"])
    other = web_address("http://other.example:9999/")
    assert checked_addresses(other, allow=allow, resolve=lambda *_: ["127.0.0.1"])
    with pytest.raises(FetchFailed, match="port"):
        checked_addresses(other, allow=allow, resolve=lambda *_: ["127.0.0.1", "8.8.8.8"])
    with pytest.raises(FetchFailed):
        checked_addresses(web_address("http://sub.intern.example/"), allow=allow, resolve=lambda *_: ["10.0.0.1"])


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "later"), True),
        (socket.gaierror(socket.EAI_NONAME, "never"), False),
        (OSError("net"), True),
        (UnicodeError("label"), True),
    ],
)
def test_a_name_that_does_not_resolve(error: Exception, passing: bool) -> None:
    def resolver(host: str, port: int) -> Sequence[str]:
        raise error

    with pytest.raises(FetchFailed, match="does not resolve") as failed:
        checked_addresses(web_address("http://ledger.example/"), allow=(), resolve=resolver)
    assert failed.value.temporary is passing
    with pytest.raises(FetchFailed, match="does not resolve"):
        checked_addresses(web_address("http://ledger.example/"), allow=(), resolve=lambda *_: [])


def test_a_silent_resolver_is_given_up() -> None:
    silent = threading.Event()

    def resolver(host: str, port: int) -> Sequence[str]:
        silent.wait(20)
        return ["8.8.8.8"]

    started = time.monotonic()
    with pytest.raises(FetchFailed, match=r"does not resolve within 0\.1 s") as failed:
        checked_addresses(web_address("http://ledger.example/"), allow=(), resolve=resolver, seconds=0.1)
    silent.set()
    assert failed.value.temporary
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(("target", "reason"), cases(__file__, "test_redirects_between_private_hosts_and_ports"))
def test_redirects_between_private_hosts_and_ports(target: str, reason: str) -> None:
    allow = allowed_names(["intern.example", "listed.example:6379", "10.0.0.1"])
    start, where = web_address("http://intern.example:8081/"), web_address(target)

    def checked() -> tuple[str, ...]:
        return checked_addresses(where, allow=allow, redirected_from=start, resolve=lambda *_: ["10.0.0.1"])

    if reason:
        with pytest.raises(FetchFailed, match=reason):
            checked()
    else:
        assert checked() == ("10.0.0.1",)


def test_names_that_hosts_may_have() -> None:
    for name in ("intranet.example", "Intranet.Example.", "10.0.0.1", "::1", "[fd00::1]", "bücher.example"):
        assert name_fault(name) == ""
    for name in ("a.example:8080", "10.0.0.1:8080", "[fd00::1]:80"):
        assert name_fault(name) == ""
    for name in ("a.example:", "a.example:99999", "http://a.example", "a.example/x", "[::1]:x", "a b", "", "127.1"):
        assert name_fault(name)


def test_each_connection_checks_the_name_again() -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34", "127.0.0.1"]])
    where = web_address("http://ledger.example/")

    def resolve(_host: str, _port: int) -> list[str]:
        return next(answers)

    assert checked_addresses(where, allow=(), resolve=resolve) == ("93.184.216.34",), "what is connected to is this"
    for _ in range(2):
        with pytest.raises(FetchFailed, match="private"):
            checked_addresses(where, allow=(), resolve=resolve)


def test_a_name_alone_is_allowed_on_the_ports_of_its_addresses() -> None:
    addresses = ("http://127.0.0.1:9000/a", "http://[::1]:7/", "https://desk.example/b", "nonsense:")
    names = ("127.0.0.1", "[::1]", "Desk.Example", "other.example", "10.0.0.5:8081", "[fd00::1]:5")
    assert on_ports(names, addresses) == (
        *("127.0.0.1:9000", "[::1]:7", "desk.example:443", "other.example:80", "other.example:443"),
        *("10.0.0.5:8081", "[fd00::1]:5"),
    )
