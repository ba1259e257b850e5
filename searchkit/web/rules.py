"""What the settings say about access: names of the site, ways to log in, and who may do what."""

from collections.abc import Collection, Iterable
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

from msgspec import Struct

from searchkit.config import Config
from searchkit.config.private import Role, read_tokens
from searchkit.errors import ConfigError, UsageError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


class User(Struct, frozen=True, kw_only=True):
    """Who sent a request. The name is empty without a login."""

    name: str
    role: Role


class Rules(Struct, frozen=True, kw_only=True, dict=True):  # a dict, for the cached property
    """Who may use the site. Without any way to log in, everyone who reaches it is an editor.

    `hosts` are the names under which the site may be requested. `proxies` may name the user in `user_header`.
    `readers` and `editors` are those whom a proxy has identified: names, *@DOMAIN, or * for all.
    """

    hosts: frozenset[str] = LOOPBACK
    tokens: Path | None = None
    proxies: tuple[str, ...] = ()
    user_header: str = ""
    readers: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()

    @property
    def needs_login(self) -> bool:
        """Whether users have to log in."""
        return bool(self.tokens or self.user_header)

    def is_proxy(self, address: str) -> bool:
        """Whether a connection from this address comes from one of the proxies."""
        try:
            parsed = _unmapped(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)

    def client(self, address: str, named: Iterable[str] = ()) -> str:
        """Return whom a connection serves: its address, or behind proxies the last one that they have `named`. The
        addresses of a network (/64) with IPv6 are one client."""
        for client in (address, *reversed([*named])):
            if not self.is_proxy(client):
                break
        try:
            parsed = _unmapped(client)
        except ValueError:
            return client
        return str(ip_network((parsed, 64), strict=False) if parsed.version == 6 else parsed)

    def user(self, name: str) -> User | None:
        """Return the user whom a proxy has identified; None if that user may not read."""
        if _is_listed(name, self.editors):
            return User(name=name, role="editor")
        return User(name=name, role="reader") if _is_listed(name, self.readers) else None

    @cached_property
    def _networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(written) for written in self.proxies)


def _unmapped(address: str) -> IPv4Address | IPv6Address:
    """Return the address; an IPv4 address within IPv6 as itself."""
    parsed = ip_address(address.partition("%")[0])
    return (isinstance(parsed, IPv6Address) and parsed.ipv4_mapped) or parsed


def _is_listed(name: str, listed: Collection[str]) -> bool:
    name = name.casefold()
    domain = name.rpartition("@")[2] if "@" in name else ""
    return any(entry == "*" or entry.casefold() in {name, f"*@{domain}"} for entry in listed)


def is_local(address: str) -> bool:
    """Return whether only this machine reaches the address."""
    try:
        return _unmapped(address).is_loopback
    except ValueError:
        return False


def rules_for(config: Config, address: str) -> Rules:
    """Return the rules of the settings for a server on `address`.

    ConfigError for settings that contradict each other or a file that cannot be used, UsageError if other machines
    would reach the site without a login."""
    if config.serve_user_header and not config.serve_proxies:
        raise ConfigError(
            "serve_user_header is set without serve_proxies, so anyone could send this header.",
            hint='Name the proxy: serve_proxies = ["127.0.0.1"]',
        )
    if config.serve_user_header and not config.serve_readers and not config.serve_editors:
        raise ConfigError(
            "No user may read: serve_readers and serve_editors are empty.",
            hint='Name users, or everyone who can log in: serve_readers = ["*"]',
        )
    tokens = Path(config.serve_tokens) if config.serve_tokens else None
    if tokens and not read_tokens(tokens) and not config.serve_user_header:
        raise ConfigError(f"{tokens} has no tokens.", hint="Create an access token: searchkit tokens add NAME")
    rules = Rules(
        hosts=frozenset({*LOOPBACK, *map(str.casefold, config.serve_hosts), *_bound(address)}),
        tokens=tokens,
        proxies=config.serve_proxies,
        user_header=config.serve_user_header,
        readers=config.serve_readers,
        editors=config.serve_editors,
    )
    if not rules.needs_login and not (is_local(address) and rules.hosts <= {*LOOPBACK, *_bound(address)}):
        where = f"the address {address}" if not is_local(address) else f"the name {config.serve_hosts[0]}"
        raise UsageError(
            f"Other machines can reach {where}, and no login is set, so everyone could read and edit the archive.",
            hint="Set serve_tokens or serve_user_header in searchkit.toml (docs/server.md), or leave out "
            + ("--host." if not is_local(address) else "serve_hosts."),
        )
    return rules


def _bound(address: str) -> set[str]:
    return {f"[{address}]" if ":" in address else address}
