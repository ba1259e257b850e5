"""Sources from the `[[source]]` tables of searchkit.toml."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from searchkit.config import Config
from searchkit.crawl.base import FILE_KINDS, MEGABYTE, Source, SourceKind
from searchkit.crawl.web.address_guard import name_fault
from searchkit.errors import ConfigError, did_you_mean

KINDS: tuple[str, ...] = get_args(SourceKind)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_PERIOD = re.compile(r"(\d{1,5})\s{0,4}(min|m|h|d|w)", re.IGNORECASE)
_UNITS = {"min": "minutes", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MIN_DELAY = 1.0  # seconds between requests to a public site
_KEYS = (
    "name kind location locations every include exclude outlet language"
    " max_pages max_minutes max_depth max_mb delay allow_hosts"
).split()


def sources(config: Config) -> tuple[Source, ...]:
    """Return the sources in searchkit.toml in order. Raises ConfigError with the source and the fault."""
    if config.file is None:
        return ()
    by_name: dict[str, Source] = {}
    for number, table in enumerate(config.source_tables, 1):
        source = _source(table, number, config.file)
        if source.name in by_name:
            raise ConfigError(f'{config.file}: two sources have the name "{source.name}".', hint="Rename one of them.")
        by_name[source.name] = source
    return tuple(by_name.values())


def period(written: str) -> timedelta | None:
    """Parse a duration such as `30m`, `1h`, `2d`, `1w`; None for anything else or zero."""
    match = _PERIOD.fullmatch(written.strip())
    if match is None or not int(match[1]):
        return None
    return timedelta(**{_UNITS[match[2].lower()]: int(match[1])})


class _Table:
    """A source table. Errors name the file and the source."""

    def __init__(self, table: Mapping[str, Any], place: str) -> None:
        self._table = table
        self.place = place

    def error(self, message: str, hint: str) -> ConfigError:
        return ConfigError(f"{self.place}: {message}", hint=hint)

    def text(self, key: str, *, default: str = "") -> str:
        value = self._table.get(key, default)
        if not isinstance(value, str):
            raise self.error(f"{key} is {value!r}.", "Write it in quotation marks.")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._table.get(key, [])
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(item, str) and item.strip() for item in listed):
            raise self.error(f"{key} is {value!r}.", 'Write a list: ["...", "..."].')
        return tuple(item.strip() for item in listed)

    def number(self, key: str, default: float, lowest: float, highest: float) -> float:
        value = self._table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            raise self.error(f"{key} is {value!r}.", f"Write a number from {lowest:g} to {highest:,g}.")
        return float(value)


def _source(values: Mapping[str, Any], number: int, file: Path) -> Source:
    name = values.get("name")
    title = f'source "{name}"' if isinstance(name, str) and name else f"source {number}"
    table = _Table(values, f"{file}: {title}")
    for key in values:
        if key not in _KEYS:
            raise table.error(f'unknown key "{key}".{did_you_mean(key, _KEYS)}', f"Keys: {', '.join(_KEYS)}.")
    name = table.text("name")
    if not _NAME.fullmatch(name):
        raise table.error(f'the name is "{name}".', "Use up to 60 letters, digits, - and _.")
    kind = table.text("kind")
    if kind not in KINDS:
        raise table.error(f'the kind is "{kind}".', f"Kinds: {', '.join(KINDS)}.")
    every = period(table.text("every", default="1h"))
    if every is None:
        raise table.error(f'every is "{values.get("every")}".', 'Write a duration: "30m", "1h", "1d", "1w".')
    allowed = _allowed(table)
    locations = _locations(table, kind, file)
    local = all(not {urlsplit(place).hostname, urlsplit(place).netloc}.isdisjoint(allowed) for place in locations)
    return Source(
        name=name,
        kind=kind,  # type: ignore[arg-type]  # one of KINDS, which are the members of the type
        locations=locations,
        every=every,
        include=table.texts("include"),
        exclude=table.texts("exclude"),
        outlet=table.text("outlet"),
        language=_language(table),
        max_pages=int(table.number("max_pages", 1_000, 1, 1_000_000)),
        max_seconds=table.number("max_minutes", 10, 0.1, 1_440) * 60,
        max_depth=int(table.number("max_depth", 3, 0, 20)),
        max_bytes=int(table.number("max_mb", 10, 0.01, 1_000) * MEGABYTE),
        delay=table.number("delay", _MIN_DELAY, 0 if local else _MIN_DELAY, 3_600),
        allow_hosts=allowed,
    )


def _allowed(table: _Table) -> tuple[str, ...]:
    allowed = table.texts("allow_hosts")
    for name in allowed:
        if fault := name_fault(name):
            raise table.error(
                f'allow_hosts: "{name}": {fault}.', f'Write a host name, alone or with a port: "{_host_in(name)}".'
            )
    return allowed


def _host_in(written: str) -> str:
    """Return the host that was probably meant."""
    try:
        return urlsplit(written if "//" in written else f"//{written}").hostname or "news.example"
    except ValueError:
        return "news.example"


def _language(table: _Table) -> str:
    language = table.text("language").lower()
    if language and not re.fullmatch(r"[a-z]{2,3}", language):
        raise table.error(f'language is "{language}".', 'Write its code: "en", "de".')
    return language


def _locations(table: _Table, kind: str, file: Path) -> tuple[str, ...]:
    listed = (*table.texts("location"), *table.texts("locations"))
    if not listed:
        raise table.error("location is missing.", "Write location = ..., or locations = [...].")
    found = tuple(dict.fromkeys(address for location in listed for address in _resolved(table, kind, location, file)))
    if kind not in FILE_KINDS:
        for location in found:
            if not _is_web_address(location):
                raise table.error(f'the location "{location}" is not a web address.', "Write http://... or https://...")
    return found


def _resolved(table: _Table, kind: str, location: str, file: Path) -> tuple[str, ...]:
    """Return the path, the address, or the addresses in the list that a location means."""
    if kind in FILE_KINDS:
        return (_path(location, file),)
    return _listed(table, Path(_path(location, file))) if kind == "urls" and "://" not in location else (location,)


def _path(location: str, file: Path) -> str:
    return str(file.parent / Path(location).expanduser())


def _listed(table: _Table, path: Path) -> tuple[str, ...]:
    """Return the addresses in a text file, one per line, without comment lines (#)."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise table.error(f"the list {path} cannot be read: {error}.", "Write one address per line.") from error
    return tuple(line for line in lines if line and not line.startswith("#"))


def _is_web_address(location: str) -> bool:
    try:
        parts = urlsplit(location)
        return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False
