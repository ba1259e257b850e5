"""The `[[source]]` tables of searchkit.toml as sources."""

import difflib
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from searchkit.config.settings import Config
from searchkit.crawl.base import MEGABYTE, Source, SourceKind
from searchkit.crawl.web.hosts import name_fault
from searchkit.errors import ConfigError

KINDS: tuple[str, ...] = get_args(SourceKind)
# Kinds whose locations are files; all others are asked for over the web.
FILE_KINDS = frozenset({"folder", "warc", "mbox"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_PERIOD = re.compile(r"(\d{1,5})\s{0,4}(min|m|h|d|w)", re.IGNORECASE)
_UNITS = {"min": "minutes", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# Less than a second between two requests is no way to treat somebody else's server.
_LEAST_DELAY = 1.0
_KEYS = (
    "name kind location locations every include exclude outlet language max_pages max_depth max_mb delay allow_hosts"
).split()


def sources(config: Config) -> tuple[Source, ...]:
    """The sources that searchkit.toml describes, in its order. ConfigError names the source and what is wrong."""
    if config.file is None:
        return ()
    found: dict[str, Source] = {}
    for number, table in enumerate(config.source_tables, 1):
        source = _source(table, number, config.file)
        if source.name in found:
            raise ConfigError(f'{config.file}: two sources are called "{source.name}".', hint="Rename one of them.")
        found[source.name] = source
    return tuple(found.values())


def period(written: str) -> timedelta | None:
    """A length of time such as `30m`, `1h`, `2d`, `1w`; None for anything else, and for none at all."""
    match = _PERIOD.fullmatch(written.strip())
    if match is None or not int(match[1]):
        return None
    return timedelta(**{_UNITS[match[2].lower()]: int(match[1])})


class _Table:
    """One table, read key by key; what is wrong is told with the file and the source."""

    def __init__(self, table: Mapping[str, Any], place: str) -> None:
        self._table = table
        self.place = place

    def wrong(self, message: str, hint: str) -> ConfigError:
        return ConfigError(f"{self.place}: {message}", hint=hint)

    def text(self, key: str, *, default: str = "") -> str:
        value = self._table.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(f"{key} is {value!r}.", "Write it in quotation marks.")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._table.get(key, [])
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(one, str) and one.strip() for one in listed):
            raise self.wrong(f"{key} is {value!r}.", 'Write a list: ["...", "..."].')
        return tuple(one.strip() for one in listed)

    def number(self, key: str, default: float, lowest: float, highest: float) -> float:
        value = self._table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            raise self.wrong(f"{key} is {value!r}.", f"Write a number from {lowest:g} to {highest:,g}.")
        return float(value)


def _source(table: Mapping[str, Any], number: int, file: Path) -> Source:
    stated = table.get("name")
    called = f'source "{stated}"' if isinstance(stated, str) and stated else f"source {number}"
    read = _Table(table, f"{file}: {called}")
    for key in table:
        if key not in _KEYS:
            close = difflib.get_close_matches(key, _KEYS, n=1)
            meant = f' Did you mean "{close[0]}"?' if close else ""
            raise read.wrong(f'there is no key "{key}".{meant}', f"Keys: {', '.join(_KEYS)}.")
    name = read.text("name")
    if not _NAME.fullmatch(name):
        raise read.wrong(f'the name is "{name}".', "Write letters, digits, - and _, up to 60.")
    kind = read.text("kind")
    if kind not in KINDS:
        raise read.wrong(f'the kind is "{kind}".', f"Kinds: {', '.join(KINDS)}.")
    every = period(read.text("every", default="1h"))
    if every is None:
        raise read.wrong(f'every is "{table.get("every")}".', 'Write a length of time: "30m", "1h", "1d", "1w".')
    allowed = _allowed(read)
    locations = _locations(read, kind, file)
    local = all((urlsplit(location).hostname or "") in allowed for location in locations)
    return Source(
        name=name,
        kind=kind,  # type: ignore[arg-type]  # one of KINDS, which are the members of the type
        locations=locations,
        every=every,
        include=read.texts("include"),
        exclude=read.texts("exclude"),
        outlet=read.text("outlet"),
        language=_language(read),
        max_pages=int(read.number("max_pages", 1_000, 1, 1_000_000)),
        max_depth=int(read.number("max_depth", 3, 0, 20)),
        max_bytes=int(read.number("max_mb", 10, 0.01, 1_000) * MEGABYTE),
        delay=read.number("delay", _LEAST_DELAY, 0 if local else _LEAST_DELAY, 3_600),
        allow_hosts=allowed,
    )


def _allowed(read: _Table) -> tuple[str, ...]:
    allowed = read.texts("allow_hosts")
    for name in allowed:
        if fault := name_fault(name):
            raise read.wrong(f'allow_hosts: "{name}": {fault}.', f'Write only the host name: "{_host_in(name)}".')
    return allowed


def _host_in(written: str) -> str:
    """The host that somebody probably meant."""
    try:
        return urlsplit(written if "//" in written else f"//{written}").hostname or "news.example"
    except ValueError:
        return "news.example"


def _language(read: _Table) -> str:
    language = read.text("language").lower()
    if language and not re.fullmatch(r"[a-z]{2,3}", language):
        raise read.wrong(f'language is "{language}".', 'Write its code: "en", "de".')
    return language


def _locations(read: _Table, kind: str, file: Path) -> tuple[str, ...]:
    listed = (*read.texts("location"), *read.texts("locations"))
    if not listed:
        raise read.wrong("it has no location.", "Write location = ..., or locations = [...].")
    found = tuple(dict.fromkeys(one for location in listed for one in _resolved(read, kind, location, file)))
    if kind not in FILE_KINDS:
        for location in found:
            if not _is_web_address(location):
                raise read.wrong(f'the location "{location}" is no web address.', "Write http://... or https://...")
    return found


def _resolved(read: _Table, kind: str, location: str, file: Path) -> tuple[str, ...]:
    """What one written location stands for: a path, an address, or the addresses in a list."""
    if kind in FILE_KINDS:
        return (_path(location, file),)
    return _listed(read, Path(_path(location, file))) if kind == "urls" and "://" not in location else (location,)


def _path(location: str, file: Path) -> str:
    return str(file.parent / Path(location).expanduser())


def _listed(read: _Table, path: Path) -> tuple[str, ...]:
    """The addresses in a text file, one a line; lines that begin with # are remarks."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise read.wrong(f"the list {path} cannot be read: {error}.", "Write addresses in it, one a line.") from error
    return tuple(line for line in lines if line and not line.startswith("#"))


def _is_web_address(location: str) -> bool:
    try:
        parts = urlsplit(location)
        return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False
