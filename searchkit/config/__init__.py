"""Config: the user's settings, each with its origin, typed and composed once. `sources` reads the sources.

Priority: command-line flag, environment (`SEARCHKIT_*`), the nearest `searchkit.toml` in the working folder or above,
default. No lower layer reads any of these.
"""

import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from searchkit.errors import ConfigError, did_you_mean
from searchkit.files import is_list, read_toml, shipped_text, what_to_write
from searchkit.store.base import Shared

FILE_NAME = "searchkit.toml"
PREFIX = "SEARCHKIT_"
_ARCHIVE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_PASSWORD = re.compile(r"//[^/@]{0,500}:[^/]{0,500}@|[?&]pass")


class Setting(Struct, frozen=True, kw_only=True):
    """A setting for display: its value as text, and the origin of the value."""

    name: str
    value: str
    origin: str
    describes: str


# --- how settings are written: `write` says it to users, `read` completes a value of the right type -------------------


def _absolute(written: str) -> str:
    return str(Path(written).expanduser().absolute()) if written else ""


def _engine(written: str) -> str:
    if written.isalpha():
        return f"{written}:"
    if ":" not in written:
        raise ValueError(written)
    return written


def _store(written: str) -> str:
    """Return the address of a store. Its parts are checked when it is used, but a password is refused here, before
    anything shows it."""
    if _PASSWORD.search(written):
        raise ConfigError(
            "The setting store has a password.",
            hint="Remove it; put the password into PGPASSWORD or the file ~/.pgpass.",
        )
    if written and not written.startswith("postgresql://"):
        raise ValueError(written)
    return written


def _archives(written: tuple[str, ...]) -> tuple[str, ...]:
    """Return the folders of archives that can be served next to each other: their names differ."""
    folders = [Path(name.strip()).expanduser().absolute() for name in written]
    names = {path.name for path in folders}
    if len(names) < len(folders) or not all(map(_ARCHIVE_NAME.fullmatch, names)):
        raise ValueError(written)
    return tuple(map(str, folders))


def _networks(written: tuple[str, ...]) -> tuple[str, ...]:
    from ipaddress import ip_network  # only a server has proxies

    return tuple(name for name in stripped(written) if ip_network(name))


def stripped(written: tuple[str, ...]) -> tuple[str, ...]:
    """Return texts without blanks at their ends."""
    return tuple(name.strip() for name in written)


def _text(write: str, pattern: str, *, read: Callable[[str], str] = str, is_path: bool = False) -> Meta:
    """Describe a text. A relative path in searchkit.toml starts at its folder."""
    return Meta(pattern=pattern, extra={"write": write, "read": read, "is_path": is_path})


def _path(kind: str) -> Meta:
    return _text(f"Write the path of a {kind}.", r"^[^\0]*\Z", read=_absolute, is_path=True)


def _list(write: str, *, read: Callable[[tuple[str, ...]], tuple[str, ...]] = stripped, is_path: bool = False) -> Meta:
    """Describe a list, which can also be written as text with commas, as in the environment."""
    return Meta(extra={"write": f"Write a list{write}.", "read": read, "is_path": is_path})


_Names = tuple[Annotated[str, Meta(pattern=r"\S")], ...]
_Folder = Annotated[Path, Meta(extra={"write": "Write the path of a folder.", "is_path": True})]
_Engine = Annotated[
    str, _text('Write "whoosh", or "opensearch:https://host:9200/prefix" for a cluster.', "", read=_engine)
]
_Store = Annotated[str, _text('Write its address: "postgresql://USER@HOST/DATABASE".', "", read=_store)]
_Contact = Annotated[
    str,
    _text(
        "Write an e-mail or web address, without spaces.",
        r"^(?:https?://[\x21-\x7e]{1,200}|[\x21-\x7e]{1,100}@[\x21-\x7e]{1,100})?\Z",
    ),
]
_Program = Annotated[str, _text("Write the path of a program.", r"^(?=[^\0]*\Z)\s*\S", read=os.path.expanduser)]
_Word = Annotated[str, _text("Write it without blanks.", r"^[\x21-\x7e]{0,300}\Z")]
_Header = Annotated[
    str, _text('Write the name of a header: "X-Forwarded-User".', r"^(?:[A-Za-z][A-Za-z0-9-]{0,60})?\Z", read=str.lower)
]
_Archives = Annotated[
    _Names, _list(" of folders with different names of letters, digits, and . _ -", read=_archives, is_path=True)
]
_Networks = Annotated[_Names, _list(' of addresses: ["127.0.0.1", "10.1.2.0/24"]', read=_networks)]


class Config(Struct, frozen=True, kw_only=True):
    """All settings. `origins` names, per setting, the flag, variable or file that set it, or "default".

    `file` is the searchkit.toml read, if any; `source_tables` are its `[[source]]` tables, which `sources` parses.
    """

    archive: _Folder = Path("index")
    engine: _Engine = "whoosh:"
    store: _Store = ""
    captures: Annotated[str, _path("folder")] = ""
    workers: Annotated[int, Meta(ge=0, le=256)] = 0
    max_file_mb: Annotated[int, Meta(ge=1, le=100_000)] = 20
    ocr: Annotated[bool, Meta(extra={"write": "Write true or false."})] = False
    max_minutes: Annotated[int, Meta(ge=1, le=1_440)] = 30
    contact: _Contact = ""
    sendmail: _Program = "/usr/sbin/sendmail"
    alert_hosts: Annotated[_Names, _list(': ["chat.your-desk.example"]')] = ()
    alert_folder: Annotated[str, _path("folder")] = ""
    timestamp_authority: _Word = ""
    timestamp_certificates: Annotated[str, _path("file or folder")] = ""
    timestamp_policies: Annotated[_Names, _list(': ["1.2.3.4"]')] = ()
    serve_archives: _Archives = ()
    serve_hosts: Annotated[_Names, _list(': ["news.your-desk.example"]')] = ()
    serve_tokens: Annotated[str, _path("file")] = ""
    serve_proxies: _Networks = ()
    serve_user_header: _Header = ""
    serve_readers: Annotated[_Names, _list(': ["*@your-desk.example"]')] = ()
    serve_editors: Annotated[_Names, _list(': ["anna@your-desk.example"]')] = ()
    serve_seconds: Annotated[int, Meta(ge=1, le=600)] = 10
    serve_workers: Annotated[int, Meta(ge=1, le=64)] = 2
    origins: Mapping[str, str]
    file: Path | None = None
    source_tables: tuple[Mapping[str, Any], ...] = ()

    @property
    def shared(self) -> Shared:
        """What a new archive shares with other machines."""
        return Shared(store=self.store, captures=self.captures)

    def settings(self) -> tuple[Setting, ...]:
        """Return every setting for display, in the order of the documentation."""
        described = (line.split(": ", 1) for line in shipped_text("searchkit.config", "settings.txt").splitlines())
        return tuple(
            Setting(name=name, value=_display(getattr(self, name)), origin=self.origins[name], describes=describes)
            for name, describes in described
        )


_SETTINGS = tuple(Config.__annotations__)[:-3]  # without origins, file and source_tables
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
    origins = dict.fromkeys(_SETTINGS, "default")
    for name in _SETTINGS:
        kind: Any = Config.__annotations__[name]
        variable = PREFIX + name.upper()
        if flags.get(name) is not None:  # an empty flag is an invalid value
            value, origins[name] = flags[name], f"--{name.replace('_', '-')}"
        elif environment.get(variable):
            value, origins[name] = environment[variable], variable
        elif path and name in written:
            value, origins[name] = written[name], str(path)
            if (kind.__metadata__[0].extra or {}).get("is_path"):
                value = _placed(value, path.parent)
        else:
            continue
        try:
            values[name] = _read(value, kind)
        except ValueError:
            message = f'{origins[name]}: {name} is "{value}".'
            raise ConfigError(message, hint=what_to_write(kind)) from None
    tables = _source_tables(written, path) if path else ()
    return Config(**values, origins=origins, file=path, source_tables=tables)


def _read(value: Any, kind: Any) -> Any:
    """Return a value in the type of a setting. ValueError if it is not valid."""
    if isinstance(value, str) and is_list(kind):
        value = value.split(",")
    found = msgspec.convert(value, kind, strict=False, dec_hook=_folder)
    read = (kind.__metadata__[0].extra or {}).get("read")
    return read(found) if read else found


def _folder(_kind: type, written: Any) -> Path:
    if not isinstance(written, str | Path) or not str(written) or "\0" in str(written):
        raise ValueError(written)
    return Path(written).expanduser()


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
        if name not in _SETTINGS and name != _SOURCE:
            suggestion = did_you_mean(name, _SETTINGS)
            hint = f"Settings: {', '.join(_SETTINGS)}."
            raise ConfigError(f'{path}: unknown setting "{name}".{suggestion}', hint=hint)
    return written


def _display(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)
