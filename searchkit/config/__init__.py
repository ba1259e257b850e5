"""Config: the user's settings, each with its origin, typed and composed once. `kinds` reads their values,
`sources` the sources.

Priority: command-line flag, environment (`SEARCHKIT_*`), the nearest `searchkit.toml` in the working folder or above,
default. No lower layer reads any of these.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from searchkit.config import kinds
from searchkit.errors import ConfigError, did_you_mean
from searchkit.files import read_toml
from searchkit.store.base import Shared

FILE_NAME = "searchkit.toml"
PREFIX = "SEARCHKIT_"


class Setting(Struct, frozen=True, kw_only=True):
    """A setting for display: its value as text, and the origin of the value."""

    name: str
    value: str
    origin: str
    describes: str


class Config(Struct, frozen=True, kw_only=True):
    """All settings. `origins` names, per setting, the flag, variable or file that set it, or "default".

    `file` is the searchkit.toml read, if any; `source_tables` are its `[[source]]` tables, which `sources` parses.
    """

    archive: Path
    engine: str
    store: str
    captures: str
    workers: int
    max_file_mb: int
    ocr: bool
    max_minutes: int
    contact: str
    sendmail: str
    alert_hosts: tuple[str, ...]
    alert_folder: str
    timestamp_authority: str
    timestamp_certificates: str
    timestamp_policies: tuple[str, ...]
    serve_archives: tuple[str, ...]
    serve_hosts: tuple[str, ...]
    serve_tokens: str
    serve_proxies: tuple[str, ...]
    serve_user_header: str
    serve_readers: tuple[str, ...]
    serve_editors: tuple[str, ...]
    serve_seconds: int
    serve_workers: int
    origins: Mapping[str, str]
    file: Path | None = None
    source_tables: tuple[Mapping[str, Any], ...] = ()

    @property
    def shared(self) -> Shared:
        """What a new archive shares with other machines."""
        return Shared(store=self.store, captures=self.captures)

    def settings(self) -> tuple[Setting, ...]:
        """Return every setting for display, in the order of the documentation."""
        return tuple(
            Setting(name=name, value=_display(getattr(self, name)), origin=self.origins[name], describes=row.describes)
            for name, row in _KNOWN.items()
        )


class _Row(Struct, frozen=True):
    """A known setting. `is_path`: a relative path in searchkit.toml starts at its folder."""

    default: Any
    kind: kinds.Kind
    describes: str
    is_path: bool = False


_KNOWN = {
    "archive": _Row(
        Path("index"), kinds.folder, "folder of the archive; relative to searchkit.toml when set there", is_path=True
    ),
    "engine": _Row("whoosh:", kinds.engine, "search engine of a new archive"),
    "store": _Row("", kinds.store, "address of the store in PostgreSQL, for an archive that several machines share"),
    "captures": _Row(
        "",
        kinds.optional_path("folder"),
        "folder of the captures, which several machines may share; relative to searchkit.toml",
        is_path=True,
    ),
    "workers": _Row(0, kinds.number(0, 256), "processes that parse and annotate documents; 0 means one per core"),
    "max_file_mb": _Row(20, kinds.number(1, 100_000), "maximum file size in megabytes; JSON Lines files have no limit"),
    "ocr": _Row(False, kinds.flag, "whether programs of this machine read scans, images and old Office files"),
    "max_minutes": _Row(30, kinds.number(1, 1_440), "minutes after which a run fetches nothing more from the web"),
    "contact": _Row(
        "",
        kinds.contact,
        "your e-mail or web address, sent with every request so that site owners can reach you",
    ),
    "sendmail": _Row("/usr/sbin/sendmail", kinds.program, "program that sends the mail of alerts"),
    "alert_hosts": _Row(
        (), kinds.names("chat.your-desk.example"), "private or unencrypted hosts that alerts may post to"
    ),
    "alert_folder": _Row(
        "",
        kinds.optional_path("folder"),
        "folder where alerts may write files, besides the archive; relative to searchkit.toml",
        is_path=True,
    ),
    "timestamp_authority": _Row(
        "", kinds.word, "address of the time-stamp authority that export --timestamp asks, if it names none"
    ),
    "timestamp_certificates": _Row(
        "",
        kinds.optional_path("file or folder"),
        "file or folder with the certificates of the time-stamp authorities that you trust",
        is_path=True,
    ),
    "timestamp_policies": _Row((), kinds.names("1.2.3.4"), "policies of time stamps that you accept; empty: any"),
    "serve_archives": _Row((), kinds.archives, "several archives to serve, each below /a/NAME", is_path=True),
    "serve_hosts": _Row(
        (), kinds.names("news.your-desk.example"), "host names under which browsers reach the reading room"
    ),
    "serve_tokens": _Row("", kinds.optional_path("file"), "file with the access tokens of readers", is_path=True),
    "serve_proxies": _Row((), kinds.networks, "addresses of the proxies in front of the reading room"),
    "serve_user_header": _Row("", kinds.header, "header in which these proxies name the user who has logged in"),
    "serve_readers": _Row(
        (), kinds.names("*@your-desk.example"), "who may read after a login at a proxy; * means everyone"
    ),
    "serve_editors": _Row((), kinds.names("anna@your-desk.example"), "who may also change marks, searches and alerts"),
    "serve_seconds": _Row(10, kinds.number(1, 600), "seconds after which the reading room ends an answer"),
    "serve_workers": _Row(2, kinds.number(1, 64), "processes that answer the readers"),
}
_SOURCE = "source"  # tables, not a setting


def load(
    flags: Mapping[str, Any],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    trust: bool = False,
) -> Config:
    """Compose the settings from `flags` (None: not given), `environment` and the searchkit.toml above `folder`.

    Raises ConfigError for unknown settings, invalid values, a file that is not TOML, and without `trust` for a file
    that another user can change.
    """
    environment = os.environ if environment is None else environment
    path = find_file(folder or Path.cwd())
    if path and not trust:
        _refuse_foreign(path)
    written = _read_file(path) if path else {}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, row in _KNOWN.items():
        variable = PREFIX + name.upper()
        if flags.get(name) is not None:  # an empty flag is an invalid value
            value, origin = flags[name], f"--{name.replace('_', '-')}"
        elif environment.get(variable):
            value, origin = environment[variable], variable
        elif path and name in written:
            value, origin = written[name], str(path)
            if row.is_path:
                value = _placed(value, path.parent)
        else:
            values[name], origins[name] = row.default, "default"
            continue
        try:
            values[name] = row.kind(value)
        except ValueError as error:
            raise ConfigError(f'{origin}: {name} is "{value}".', hint=str(error)) from None
        origins[name] = origin
    tables = _source_tables(written, path) if path else ()
    return Config(**values, origins=origins, file=path, source_tables=tables)


def _placed(value: Any, folder: Path) -> Any:
    """Return the path, or the paths of a list, as seen from `folder`."""
    if isinstance(value, list):
        return [_placed(each, folder) for each in value]
    return str(folder / Path(value).expanduser()) if isinstance(value, str) and value else value


def _source_tables(written: Mapping[str, Any], path: Path) -> tuple[Mapping[str, Any], ...]:
    tables = written.get(_SOURCE, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(f"{path}: source is not a list of tables.", hint="Start each source with a line [[source]].")
    return tuple(tables)


def find_file(folder: Path) -> Path | None:
    """Return the nearest searchkit.toml in `folder` or above; None if there is none."""
    for candidate in (folder, *folder.parents):
        path = candidate / FILE_NAME
        if path.is_file():
            return path
    return None


def _refuse_foreign(path: Path) -> None:
    """Raise ConfigError if a user other than this one and root can change the file or replace it.

    The file names a program that sends mail, and hosts that alerts may post to.
    """
    for place in (path, path.parent):
        state = place.stat()
        is_shared = state.st_mode & stat.S_IWOTH and not state.st_mode & stat.S_ISVTX
        if is_shared or state.st_uid not in {0, os.geteuid()}:
            owner = "can be changed by any user" if is_shared else "belongs to another user"
            raise ConfigError(
                f"{place} {owner}, so {path.name} is not used.", hint="If you trust it: searchkit --trust COMMAND."
            )


def _read_file(path: Path) -> Mapping[str, Any]:
    try:
        written = read_toml(path.read_bytes(), str(path))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    for name in written:
        if name not in _KNOWN and name != _SOURCE:
            suggestion = did_you_mean(name, _KNOWN)
            raise ConfigError(f'{path}: unknown setting "{name}".{suggestion}', hint=f"Settings: {', '.join(_KNOWN)}.")
    return written


def _display(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)
