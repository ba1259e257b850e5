"""The address of an archive's store in PostgreSQL: postgresql://[USER@]HOST[:PORT]/DATABASE[?schema=NAME&...].

The password is in the environment variable PGPASSWORD or in the file ~/.pgpass (PGPASSFILE names another), where
PostgreSQL's own programs look for it: an address is shown in messages, lists of processes and settings.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from msgspec import Struct

from searchkit.errors import ConfigError

SCHEME = "postgresql:"
DEFAULT_SCHEMA = "searchkit"
_FORM = "Write it as postgresql://USER@HOST/DATABASE?schema=NAME"
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
# Parameters of libpq that say how to reach the server. Others would change how statements work.
_PARAMETERS = frozenset("host sslmode sslrootcert sslcert sslkey sslcrl gssencmode channel_binding service".split())
_WITHOUT_TLS = frozenset({"disable", "allow", "prefer"})


class Address(Struct, frozen=True, kw_only=True):
    """The parts of an address. `host` is empty for the socket of this machine; `parameters` are libpq's."""

    user: str
    host: str
    port: int
    database: str
    schema: str
    parameters: Mapping[str, str]

    def __str__(self) -> str:
        user = f"{quote(self.user)}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port else ""
        query = {**self.parameters, **({} if self.schema == DEFAULT_SCHEMA else {"schema": self.schema})}
        written = "&".join(f"{name}={quote(value)}" for name, value in query.items())
        return f"{SCHEME}//{user}{host}{port}/{quote(self.database)}{'?' if written else ''}{written}"

    def connection_parameters(self) -> dict[str, Any]:
        """Return the parameters for libpq. Without an `sslmode`, other machines must show a certificate."""
        found: dict[str, Any] = {"dbname": self.database, **self.parameters}
        found |= {name: value for name, value in (("user", self.user), ("host", self.host)) if value}
        if self.port:
            found["port"] = self.port
        if "sslmode" not in found and "service" not in found and not is_local(str(found.get("host", ""))):
            found["sslmode"] = "verify-full"
            found.setdefault("sslrootcert", "system")
        return found

    @property
    def is_encrypted(self) -> bool:
        """Return whether a connection to another machine must use TLS."""
        return str(self.connection_parameters().get("sslmode", "prefer")) not in _WITHOUT_TLS


def parse(url: str) -> Address:
    """Return the parts of an address. ConfigError if it is not one, or has a password."""
    try:
        parts = urlsplit(url)
        port, host = parts.port or 0, parts.hostname or ""
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query), max_num_fields=20)
    except ValueError as error:
        raise ConfigError("The address of the store is not one of PostgreSQL.", hint=f"{_FORM}.") from error
    parameters = dict(query)
    if parts.password is not None or "password" in parameters or "passfile" in parameters:
        raise ConfigError(
            "The address of the store has a password.",
            hint="Remove it; put the password into PGPASSWORD or the file ~/.pgpass.",
        )
    shown = f'"{url}"'
    if not url.startswith(f"{SCHEME}//") or parts.fragment or not parts.path.strip("/") or "/" in parts.path[1:]:
        raise ConfigError(f"{shown} does not name a database in PostgreSQL.", hint=f"{_FORM}.")
    schema = parameters.pop("schema", DEFAULT_SCHEMA)
    if not _NAME.fullmatch(schema) or schema.startswith("pg_") or schema == "public":
        raise ConfigError(
            f'The schema "{schema}" in {shown} is not usable.',
            hint="Use lower-case letters, digits and underscores, and neither public nor pg_...",
        )
    unknown = sorted(parameters.keys() - _PARAMETERS)
    if unknown:
        known = ", ".join(("schema", *sorted(_PARAMETERS)))
        raise ConfigError(f'Unknown parameter "{unknown[0]}" in {shown}.', hint=f"Known parameters: {known}.")
    return Address(
        user=unquote(parts.username or ""),
        host=host,
        port=port,
        database=unquote(parts.path[1:]),
        schema=schema,
        parameters=parameters,
    )


def is_local(host: str) -> bool:
    """Return whether a connection to this host stays on this machine."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
