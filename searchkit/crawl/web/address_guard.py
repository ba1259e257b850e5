"""Decide which hosts may be asked: none in a private network, however its address is written or obtained.

An address on a page, or a redirect, must not make the crawler ask what only this machine can reach (server-side request
forgery). So a name is resolved once, each of its addresses must be public, and the connection is made to such an
address, not to the name, which might resolve to another address by then.
"""

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

from searchkit.crawl.web.addresses import WebAddress, host_name, web_address
from searchkit.crawl.web.pages import FetchFailed

Resolve = Callable[[str, int], Sequence[str]]
"""From a host name and a port to its IP addresses, best first. Raises OSError if there are none."""

# Ports of web servers. Other services must not receive requests.
PORTS = frozenset({80, 443, 8000, 8008, 8080, 8443, 8888})

_IPv4 = ipaddress.IPv4Address
_IPv6 = ipaddress.IPv6Address
_UNICAST = ipaddress.IPv6Network("2000::/3")  # the allocated part of IPv6 (RFC 4291, 2.4)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address
_PROTOCOL = ipaddress.IPv4Network("192.0.0.0/24")  # RFC 6890; before 3.13 Python calls most of it global
# Public by its number, but an internal service of every machine in a large cloud.
_CLOUD_INTERNAL = frozenset({_IPv4("168.63.129.16")})
# System resolvers may try for a minute and longer.
_RESOLVE_SECONDS = 10.0
# Temporary errors of getaddrinfo; the others mean that the name does not exist.
_TEMPORARY = frozenset({socket.EAI_AGAIN, socket.EAI_SYSTEM, socket.EAI_MEMORY})
UNRESOLVED = "host name does not resolve"
_PRIVATE = "private address"


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of `host` according to the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def name_fault(name: str) -> str:
    """Return why `name` is not a host name or IP address, alone or with a port, for the setting that allows hosts;
    empty if it is."""
    try:
        _normal(name)
    except ValueError as error:
        return str(error)
    return ""


def allowed_names(names: Collection[str]) -> frozenset[str]:
    """Return the names and addresses of allowed private hosts in the form they are compared in, without invalid
    ones."""
    return frozenset(_normal(name) for name in names if not name_fault(name))


def on_ports(names: Collection[str], addresses: Collection[str]) -> tuple[str, ...]:
    """Return valid names of allowed hosts with ports: a name alone has those with which the web `addresses` name it, or
    else the usual ones."""
    named: dict[str, set[int]] = {}
    for address in addresses:
        with suppress(ValueError):
            where = web_address(address)
            named.setdefault(where.host, set()).add(where.port)
    return tuple(
        written
        for name in map(_normal, names)
        for written in (
            [name]
            if name.startswith("[") or name.count(":") == 1
            else [_with_port(name, port) for port in sorted(named.get(name, {80, 443}))]
        )
    )


def _normal(name: str) -> str:
    with suppress(ValueError):
        return _IPv6(name.strip("[]")).compressed
    host, colon, port = name.rpartition(":")
    if colon and port.isascii() and port.isdecimal() and 0 < int(port) < 65_536:
        return _with_port(_normal(host), int(port))
    if "/" in name or ":" in name:
        raise ValueError("more than a host and a port")
    return host_name(name)


def checked_addresses(
    where: WebAddress,
    *,
    allow: Collection[str],
    redirected_from: WebAddress | None = None,
    resolve: Resolve = resolve,
    seconds: float = _RESOLVE_SECONDS,
) -> tuple[str, ...]:
    """Return the IP addresses to connect to for `where`, best first, at least one.

    A host in `allow` (from `allowed_names`), by name or by all its addresses, may have any address and port, or only
    the port listed with it. A redirect to another host needs its name in `allow`, and one to another port that port,
    unless both are public. Raise FetchFailed if the host may not be asked, or does not resolve within `seconds`.
    """
    try:
        found = _resolve_in_time(resolve, where, seconds)
    except socket.gaierror as error:
        raise FetchFailed(UNRESOLVED, temporary=error.errno in _TEMPORARY) from None
    except (OSError, UnicodeError):
        raise FetchFailed(UNRESOLVED, temporary=True) from None
    if not found:
        raise FetchFailed(UNRESOLVED, temporary=True)
    moved = redirected_from is not None and redirected_from.host != where.host
    strangers = list(found)
    if not {where.host, _with_port(where.host, where.port)}.isdisjoint(allow):
        strangers = []
    elif not moved:
        strangers = [address for address in found if {address, _with_port(address, where.port)}.isdisjoint(allow)]
    for address in strangers:
        if fault := address_fault(address):
            hint = (
                "; to allow it, name host and port in allow_hosts or --allow-host (pages), or in alert_hosts (webhooks)"
                if fault == _PRIVATE
                else ""
            )
            raise FetchFailed(f"{fault} ({address}){hint}")
    is_known_port = redirected_from is None or redirected_from.port == where.port
    any_port = not strangers and (is_known_port or _with_port(where.host, where.port) in allow)
    if where.port not in PORTS and not any_port:
        raise FetchFailed(f"port {where.port} is not allowed")
    return tuple(found)


def _with_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _resolve_in_time(resolve: Resolve, where: WebAddress, seconds: float) -> Sequence[str]:
    """Call `resolve`, which cannot be interrupted, in a thread; leave the thread behind after `seconds`."""
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put(resolve(where.host, where.port))
        except Exception as error:  # noqa: BLE001 - raised again in the waiting thread
            answers.put(error)

    # A daemon, because a stalled resolver must not delay the end of the program.
    threading.Thread(target=work, name="searchkit-resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise FetchFailed(f"{UNRESOLVED} within {seconds:.2g} s", temporary=True) from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def address_fault(address: str) -> str:
    """Return "private address" or "invalid address" for an IP address that is not public; empty if it is public."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "invalid address"
    if isinstance(parsed, _IPv6):
        inner = _embedded_ipv4(parsed)
        if parsed.scope_id is not None or (inner is None and parsed.is_loopback):
            return _PRIVATE
        if inner is None:
            is_public = parsed in _UNICAST and parsed.is_global and not parsed.is_multicast
            return "" if is_public else _PRIVATE
        parsed = inner
    is_public = parsed.is_global and not parsed.is_multicast and not parsed.is_reserved
    return "" if is_public and parsed not in _CLOUD_INTERNAL and parsed not in _PROTOCOL else _PRIVATE


def _embedded_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to: mapped, through NAT64, or 6to4."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return _IPv4(int(address) & 0xFFFF_FFFF)
    return address.sixtofour
