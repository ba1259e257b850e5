"""Where the indexes of an archive are: the servers and the prefix of `opensearch:https://host:9200/prefix`, and the
credentials, which come from the environment or a file, never from the address."""

import os
import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from searchkit.errors import ConfigError

SCHEME = "opensearch"
USER, PASSWORD, PASSWORD_FILE, CA_CERTS = (
    f"SEARCHKIT_OPENSEARCH_{name}" for name in ("USER", "PASSWORD", "PASSWORD_FILE", "CA_CERTS")
)
_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_FORM = "opensearch:https://host:9200/prefix"
_HINT = f"Write it as {_FORM}; several servers are separated by commas."


class Location(Struct, frozen=True, kw_only=True):
    """The servers (`https://host:9200`) and the prefix of the names of the indexes."""

    servers: tuple[str, ...]
    prefix: str

    def __str__(self) -> str:
        return f"{', '.join(self.servers)} (prefix {self.prefix})"


class Credentials(Struct, frozen=True, kw_only=True):
    """A user with password, and the file of certificate authorities to trust; each may be empty."""

    user: str = ""
    password: str = ""
    ca_certs: str = ""

    def __repr__(self) -> str:
        return "Credentials(...)"  # no traceback shows the password


def location(engine: str) -> Location:
    """Return the location that the URI of an engine names. ConfigError if it is not valid."""
    written, _, prefix = engine.removeprefix(f"{SCHEME}:").rpartition("/")
    if "@" in engine:
        raise ConfigError(
            "The address of the engine contains a user or a password, which logs and lists of processes would show.",
            hint=f"Set {USER}, and {PASSWORD} or {PASSWORD_FILE}, in the environment.",
        )
    if not _PREFIX.fullmatch(prefix):
        raise ConfigError(f'"{engine}" names no prefix of indexes in small letters, digits, "-" and "_".', hint=_HINT)
    return Location(servers=tuple(_server(each, engine) for each in written.split(",")), prefix=prefix)


def _server(written: str, engine: str) -> str:
    try:
        parts = urlsplit(written)
        host, port = parts.hostname, parts.port or 9200
    except ValueError:
        host, port = None, 0
    if not host or parts.scheme not in {"http", "https"} or parts.path or parts.query or parts.fragment:
        raise ConfigError(f'"{written}" in "{engine}" is not the address of a server.', hint=_HINT)
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigError(
            f"{host} would be reached without encryption: http is for this machine only.",
            hint="Use https, or a tunnel that ends on this machine.",
        )
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def credentials(environment: Mapping[str, str] | None = None) -> Credentials:
    """Return the credentials that the environment names. ConfigError if its files cannot be read."""
    environment = os.environ if environment is None else environment
    password, file, ca_certs = (environment.get(name, "") for name in (PASSWORD, PASSWORD_FILE, CA_CERTS))
    if file and not password:
        try:
            password = Path(file).read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not text"
            raise ConfigError(f"The password file {file} of {PASSWORD_FILE} cannot be read: {reason}.") from error
    if ca_certs and not Path(ca_certs).is_file():
        raise ConfigError(f"The file {ca_certs} of {CA_CERTS} does not exist.")
    return Credentials(user=environment.get(USER, ""), password=password, ca_certs=ca_certs)
