"""Config: the user's settings, each with its origin, typed and composed once. `sources` parses the sources.

Priority: command-line flag, environment (`SEARCHKIT_*`), the nearest `searchkit.toml` in the working folder or above,
default. No lower layer reads any of these.
"""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from searchkit.errors import ConfigError, did_you_mean
from searchkit.files import parse_toml

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
    workers: int
    max_file_mb: int
    ocr: bool
    max_minutes: int
    contact: str
    sendmail: str
    alert_hosts: tuple[str, ...]
    alert_folder: str
    origins: Mapping[str, str]
    file: Path | None = None
    source_tables: tuple[Mapping[str, Any], ...] = ()

    def settings(self) -> tuple[Setting, ...]:
        """Return every setting for display, in the order of the documentation."""
        return tuple(
            Setting(name=name, value=_display(getattr(self, name)), origin=self.origins[name], describes=describes)
            for name, (_, describes) in _KNOWN.items()
        )


# Default and description of each setting.
_KNOWN: dict[str, tuple[Any, str]] = {
    "archive": ("index", "folder of the archive; relative to searchkit.toml when set there"),
    "engine": ("whoosh:", "search engine of a new archive"),
    "workers": (0, "processes that parse and annotate documents; 0 means one per core"),
    "max_file_mb": (20, "maximum file size in megabytes; JSON Lines files have no limit"),
    "ocr": (False, "whether programs of this machine read scans, images and old Office files"),
    "max_minutes": (30, "minutes after which a run fetches nothing more from the web"),
    "contact": ("", "your e-mail or web address, sent with every request so that site owners can reach you"),
    "sendmail": ("/usr/sbin/sendmail", "program that sends the mail of alerts"),
    "alert_hosts": ((), "private or unencrypted hosts that alerts may post to"),
    "alert_folder": (
        "",
        "folder where alerts may write files, besides the archive; relative to searchkit.toml",
    ),
}
_SOURCE = "source"  # tables, not a setting
_CONTACT = r"(?:https?://[\x21-\x7e]{1,200}|[\x21-\x7e]{1,100}@[\x21-\x7e]{1,100})"

_LIMITS = {"workers": (0, 256), "max_file_mb": (1, 100_000), "max_minutes": (1, 1_440)}


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
    for name, (default, _) in _KNOWN.items():
        variable = PREFIX + name.upper()
        if flags.get(name) is not None:  # an empty flag is an invalid value
            value, origin = flags[name], f"--{name.replace('_', '-')}"
        elif environment.get(variable):
            value, origin = environment[variable], variable
        elif path and name in written:
            value, origin = written[name], str(path)
            if name in {"archive", "alert_folder"} and isinstance(value, str) and value:
                value = str(path.parent / Path(value).expanduser())
        else:
            value, origin = default, "default"
        values[name] = _typed(name, value, origin)
        origins[name] = origin
    tables = _source_tables(written, path) if path else ()
    return Config(**values, origins=origins, file=path, source_tables=tables)


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
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    try:
        written = parse_toml(text)
    except ValueError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    for name in written:
        if name not in _KNOWN and name != _SOURCE:
            suggestion = did_you_mean(name, _KNOWN)
            raise ConfigError(f'{path}: unknown setting "{name}".{suggestion}', hint=f"Settings: {', '.join(_KNOWN)}.")
    return written


def _typed(name: str, value: Any, origin: str) -> Any:
    if name == "archive":
        if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
            raise ConfigError(f'{origin}: archive is "{value}".', hint="Write the path of a folder.")
        return Path(value).expanduser()
    if name == "alert_folder":
        if not isinstance(value, str) or "\0" in value:
            raise ConfigError(f'{origin}: alert_folder is "{value}".', hint="Write the path of a folder.")
        return str(Path(value).expanduser().absolute()) if value else ""
    if name == "engine":
        if isinstance(value, str) and value.isalpha():
            return f"{value}:"
        if not isinstance(value, str) or ":" not in value:
            raise ConfigError(f'{origin}: engine is "{value}".', hint='Write its name: "whoosh".')
        return value
    if name == "contact":
        if not isinstance(value, str) or (value and not re.fullmatch(_CONTACT, value)):
            raise ConfigError(
                f'{origin}: contact is "{value}".', hint="Write an e-mail or web address, without spaces."
            )
        return value
    if name == "sendmail":
        if not isinstance(value, str) or not value.strip() or "\0" in value:
            raise ConfigError(f'{origin}: sendmail is "{value}".', hint="Write the path of a program.")
        return str(Path(value).expanduser())
    if name == "ocr":
        chosen = {"true": True, "false": False}.get(str(value).lower())
        if chosen is None:
            raise ConfigError(f'{origin}: ocr is "{value}".', hint="Write true or false.")
        return chosen
    if name == "alert_hosts":
        return _hosts(value, origin)
    lowest, highest = _LIMITS[name]
    try:
        number = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else lowest - 1
    except ValueError:
        number = lowest - 1
    if not lowest <= number <= highest:
        raise ConfigError(f'{origin}: {name} is "{value}".', hint=f"Write a whole number from {lowest} to {highest:,}.")
    return number


def _hosts(value: Any, origin: str) -> tuple[str, ...]:
    """Return host names from a list, or from a text with commas."""
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(host, str) and host.strip() for host in listed):
        raise ConfigError(f'{origin}: alert_hosts is "{value}".', hint='Write a list: ["chat.your-desk.example"].')
    return tuple(host.strip() for host in listed)


def _display(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)
