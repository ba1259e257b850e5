"""Send requests to a cluster: the next server if one fails, retries with growing pauses, and errors in one line.

urllib3, which crawl/ needs anyway, is enough: the engine sends seven kinds of requests. opensearch-py would add 35 MB.
"""

import base64
import os
import random
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import urllib3
from msgspec import Struct
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as ReadTimeout

from searchkit.cluster.postgres.address import is_local  # it does not load psycopg
from searchkit.errors import ArchiveError, ConfigError, SearchkitError, StorageFull, TryAgain, UsageError
from searchkit.statements.text import one_line

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
    if parts.scheme == "http" and not is_local(host):
        raise ConfigError(
            f"{host} would be reached without encryption: http is for this machine only.",
            hint="Use https, or a tunnel that ends on this machine.",
        )
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


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


# Seconds during which a request is repeated. Readers wait for less long than a run that has work to lose.
READ_PATIENCE, WRITE_PATIENCE = 3.0, 90.0
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0
_CONNECTIONS = 8
_REPEATABLE = frozenset({408, 429, 502, 503, 504})
# Kinds of errors between nodes, which a node may answer with the status 500 just after another one has died.
_NODE_ERRORS = frozenset(
    {
        "connect_transport_exception",
        "node_closed_exception",
        "node_disconnected_exception",
        "node_not_connected_exception",
        "receive_timeout_transport_exception",
        "send_request_transport_exception",
    }
)
_MAX_REASON = 300


class Refused(Exception):
    """The cluster refused a request, for a reason that the caller may handle."""

    def __init__(self, status: int, kind: str, reason: str) -> None:
        super().__init__(f"{kind}: {reason}")
        self.status = status
        self.kind = kind
        self.reason = reason


class Client:
    """Connections to the servers of a location; safe for several threads."""

    def __init__(self, location: Location, credentials: Credentials) -> None:
        self.location = location
        self._servers = [*location.servers]
        self._headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if credentials.user:
            pair = f"{credentials.user}:{credentials.password}".encode()
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"
        self._pool = urllib3.PoolManager(
            maxsize=_CONNECTIONS,
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
            retries=False,
            ca_certs=credentials.ca_certs or None,
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.clear()

    def request(self, method: str, path: str, body: Any = None, *, patience: float = READ_PATIENCE) -> Any:
        """Return the answer to a request; a body that is not bytes is sent as JSON. Repeat it for `patience` seconds
        while the cluster cannot be reached or is busy, so it must be one that may run twice.

        Refused if the cluster refuses the request itself, SearchkitError for all else.
        """
        content = body if body is None or isinstance(body, bytes) else msgspec.json.encode(body)
        end = time.monotonic() + patience
        for pause in pauses():
            error = self._attempt(method, path, content)
            if not isinstance(error, SearchkitError | Refused):
                return error
            if not isinstance(error, TryAgain) or isinstance(error, StorageFull) or time.monotonic() + pause >= end:
                raise error
            time.sleep(pause)
        raise AssertionError("pauses do not end")

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        patience: float = WRITE_PATIENCE,
        accepted: Collection[int | str] = (),
    ) -> Any:
        """Do the same as `request`, but return None for a refusal with a status or of a kind that is `accepted`, and
        raise SearchkitError for all others."""
        try:
            return self.request(method, path, body, patience=patience)
        except Refused as error:
            if error.status in accepted or error.kind in accepted:
                return None
            raise unexpected(self.location, error) from error

    def _attempt(self, method: str, path: str, content: bytes | None) -> Any:
        """Return the answer of the first server that gives one, or the error. What a server answers says more than
        that another one cannot be reached."""
        unreachable: SearchkitError | None = None
        failed: Exception | None = None
        servers = [*self._servers]
        for server in servers:
            try:
                answer = self._pool.request(method, server + path, body=content, headers=self._headers)
            except HTTPError as error:
                unreachable = self._unreachable(server, error, servers)
                if isinstance(unreachable, ConfigError):
                    return unreachable
                self._put_last(server)
                continue
            if answer.status < 300:
                return _decoded(answer.data, server)
            failed = self._failed(server, answer.status, answer.data)
            if answer.status not in {502, 503, 504} or not isinstance(failed, TryAgain):
                break
            self._put_last(server)
        return failed or unreachable

    def _put_last(self, server: str) -> None:
        if server in self._servers[:-1]:
            self._servers = [other for other in self._servers if other != server] + [server]

    def _unreachable(self, server: str, error: HTTPError, servers: Sequence[str]) -> SearchkitError:
        reason = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        if isinstance(reason, SSLError):
            return ConfigError(
                f"The TLS connection to {server} failed: {_reason(reason)}.",
                hint=f"Set {CA_CERTS} to the file with the certificate of the authority that signed for this server.",
            )
        if isinstance(reason, ReadTimeout) and not isinstance(reason, NewConnectionError):
            what = "did not answer in time"
        else:
            what = f"cannot be reached: {_reason(reason)}"
        others = ", ".join(servers[:-1])
        return TryAgain(
            f"The search cluster at {server} {what}.{f' The same for {others}.' if others else ''}",
            hint="The store has all documents. Try again when the cluster runs.",
        )

    def _failed(self, server: str, status: int, content: bytes) -> Exception:
        """Return the error of an answer."""
        kind, reason = _error_of(content)
        if status == 401:
            return ConfigError(
                f"{server} refuses the user name or the password (HTTP 401).",
                hint=f"Set {USER}, and {PASSWORD} or {PASSWORD_FILE}.",
            )
        if not kind:
            what = f"{server} is not an OpenSearch server, or a proxy in front of it failed: HTTP {status}"
            return TryAgain(f"{what}.") if status in _REPEATABLE else ConfigError(f"{what}.")
        return failure(server, status, kind, reason)


def failure(server: str, status: int, kind: str, reason: str) -> Exception:
    """Return the error for what a cluster refuses, of a request or of a part of one."""
    shown = one_line(reason)[:_MAX_REASON]
    if kind == "cluster_block_exception":
        if "disk usage" in reason or "read-only / allow delete" in reason:
            return StorageFull(
                f"The search cluster at {server} lacks disk space: its indexes are read-only (flood-stage watermark).",
                hint="Free space on its nodes. The store has all documents; the next command updates the index.",
            )
        return TryAgain(
            f"The search cluster at {server} blocks writing: {shown}.",
            hint="Remove the block, or wait until the cluster has a manager.",
        )
    if kind == "index_create_block_exception":
        return TryAgain(
            f"The search cluster at {server} allows no new indexes: {shown}.",
            hint="Free disk space on its nodes, or remove the block (cluster.blocks.create_index).",
        )
    if kind == "security_exception":
        return ConfigError(
            f"The user may not do this on {server}: {shown}.",
            hint="The user needs all permissions on the indexes of the prefix.",
        )
    if kind == "retry_on_primary_exception":
        return TryAgain(
            f"The search cluster at {server} cannot write to a part of the index: {shown}.",
            hint="Try again. If it stays so, restart the node that holds the primary of this part.",
        )
    if kind in {"too_many_nested_clauses", "too_many_clauses"} or "maxClauseCount" in reason:
        return UsageError("The query has more conditions than the search cluster allows.", hint="Write fewer of them.")
    if kind in {"search_phase_execution_exception", "no_shard_available_action_exception"} and status == 503:
        return TryAgain(
            f"The search cluster at {server} is red: parts of the index are not available.",
            hint="Start its missing nodes, then try again.",
        )
    if status in _REPEATABLE or kind in _NODE_ERRORS:
        return TryAgain(f"The search cluster at {server} is busy: {shown}.")
    return Refused(status, kind, shown)


def unexpected(location: Location, error: Refused) -> SearchkitError:
    """Return the error of a refusal that nothing handles; TryAgain if another process has removed the index."""
    if error.kind == "index_not_found_exception":
        return removed(location)
    return ArchiveError(f"The search cluster at {location.servers[0]} refused a request: {error}.")


def removed(location: Location) -> TryAgain:
    """Return the error of an index that another process has removed or is replacing."""
    return TryAgain(
        f"The index {location} was removed, or is being rebuilt.",
        hint="The store has all documents. Run the same command again.",
    )


def pauses() -> Iterator[float]:
    """Yield growing pauses, each with a random part, so that several clients do not return at the same time."""
    pause = _FIRST_PAUSE
    while True:
        yield pause * random.uniform(0.5, 1.0)  # noqa: S311
        pause = min(2 * pause, _LONGEST_PAUSE)


def _decoded(content: bytes, server: str) -> Any:
    if not content:  # the answer to HEAD
        return {}
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:
        return ConfigError(f"{server} is not an OpenSearch server: its answer is not JSON.")


def _error_of(content: bytes) -> tuple[str, str]:
    """Return the kind and the reason of an error, or of the first part of an index that failed; empty if the answer is
    not one of OpenSearch."""
    try:
        answer = msgspec.json.decode(content)
        error = answer["error"] if "error" in answer else answer["_shards"]["failures"][0]["reason"]
        if isinstance(error, str):
            return "error", error
        cause = (error.get("root_cause") or [error])[0]
        kind = str(error["type"])
        causes = " ".join(str(part.get("reason", "")) for part in (error, cause, error.get("caused_by") or {}))
        inner = str(cause.get("type", ""))
    except (msgspec.DecodeError, KeyError, TypeError, IndexError, AttributeError):
        return "", ""
    if kind == "search_phase_execution_exception" and inner and "shard" not in inner:
        kind = inner  # the outer kind of a failed search is always the same
    return kind, causes


def _reason(error: object) -> str:
    text = one_line(str(error))
    return text.rpartition("] ")[2].rpartition(": ")[2].rstrip(".)'") if "Errno" in text else text[:_MAX_REASON]
