"""Which hosts may be asked: none inside the own network, however its address is written or comes about.

An address on a page, or a redirect, must not make the crawler ask what only this machine can reach (server-side request
forgery). So a name is resolved once, every one of its addresses must be routable in the public internet, and the
connection is made to such an address and not to the name again, which might resolve to something else by then.
"""

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Collection, Sequence

from searchkit.crawl.web.addresses import WebAddress, host_name
from searchkit.crawl.web.responses import FetchFailed

Resolve = Callable[[str, int], Sequence[str]]
"""From a host's name and a port to its IP addresses, best first. OSError when there are none."""

# Where web servers listen. Other ports are those of other services, which must not be sent anything.
PORTS = frozenset({80, 443, 8000, 8008, 8080, 8443, 8888})

_IPv4 = ipaddress.IPv4Address
_IPv6 = ipaddress.IPv6Address
_UNICAST = ipaddress.IPv6Network("2000::/3")  # the part of IPv6 that is given out (RFC 4291, 2.4)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address
# Public by its number, but the door to the inside of every machine of one large cloud.
_CLOUD_INSIDES = frozenset({_IPv4("168.63.129.16")})

# Seconds for a name to become an address: resolvers of the system may try for a minute and longer.
_PATIENCE = 10.0

# Errors of getaddrinfo that can pass; the others say that there is no such name.
_PASSING = frozenset({socket.EAI_AGAIN, socket.EAI_SYSTEM, socket.EAI_MEMORY})


def resolve(host: str, port: int) -> list[str]:
    """The addresses of `host` as this machine's resolver gives them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def name_fault(name: str) -> str:
    """Why no host has this name or IP address, said of what somebody wrote who allows hosts; empty when one may."""
    try:
        _IPv6(name.strip("[]"))
    except ValueError:
        pass
    else:
        return ""
    if "/" in name or ":" in name:
        return "is more than the name of a host"
    try:
        host_name(name)
    except ValueError as error:
        return str(error)
    return ""


def allowed_names(names: Collection[str]) -> frozenset[str]:
    """Names and IP addresses of hosts that may be asked though they are private, in the form they are compared in."""
    return frozenset(_normal(name) for name in names)


def _normal(name: str) -> str:
    try:
        return _IPv6(name.strip("[]")).compressed
    except ValueError:
        pass
    try:
        return host_name(name)
    except ValueError:
        return name  # no host has such a name, so it allows nothing


def checked_addresses(
    where: WebAddress, *, allow: Collection[str], resolve: Resolve = resolve, seconds: float = _PATIENCE
) -> tuple[str, ...]:
    """The IP addresses to connect to for `where`, best first; never none.

    `allow` is from `allowed_names`; a host in it, by name or by all its addresses, may have any address and any port.
    FetchFailed when the host may not be asked, or has no address; after `seconds` it has none.
    """
    try:
        found = _in_time(resolve, where, seconds)
    except socket.gaierror as error:
        raise FetchFailed("has no address (its name does not resolve)", passing=error.errno in _PASSING) from None
    except (OSError, UnicodeError):
        raise FetchFailed("has no address (its name does not resolve)", passing=True) from None
    if not found:
        raise FetchFailed("has no address (its name does not resolve)", passing=True)
    if where.host not in allow:
        strange = [address for address in found if address not in allow]
        for address in strange:
            if kind := inside(address):
                raise FetchFailed(f"has {kind} address ({address})")
        if strange and where.port not in PORTS:
            raise FetchFailed(f"has a port that is not asked ({where.port})")
    return tuple(found)


def _in_time(resolve: Resolve, where: WebAddress, seconds: float) -> Sequence[str]:
    """What `resolve` says. FetchFailed when it says nothing for so long; it cannot be interrupted, so it is left."""
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(where.host, where.port))
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            answers.put(error)

    # A daemon: a resolver that never answers must not hold up the end of the program.
    threading.Thread(target=ask, name="searchkit-resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise FetchFailed(f"has no address (its name does not resolve within {seconds:.2g} s)", passing=True) from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def inside(address: str) -> str:
    """What keeps an IP address from being public, with its article ("a private"); empty when it is public."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return "an impossible"
    if isinstance(read, _IPv6):
        if read.scope_id is not None:
            return "a local"
        within = _carried(read)
        if within is None:
            if read.is_loopback:
                return "a private"
            return "" if read in _UNICAST and read.is_global and not read.is_multicast else "a private"
        read = within
    if read.is_global and not read.is_multicast and not read.is_reserved and read not in _CLOUD_INSIDES:
        return ""
    return "a private"


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside an IPv6 address that leads there: mapped, through NAT64, or 6to4."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return _IPv4(int(address) & 0xFFFF_FFFF)
    return address.sixtofour
