"""Sources from the `[[source]]` tables of searchkit.toml."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, get_args
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from searchkit.config import Config, stripped
from searchkit.crawl.base import FILE_KINDS, MEGABYTE, Source, SourceKind
from searchkit.crawl.web.address_guard import name_fault
from searchkit.errors import ConfigError
from searchkit.files import quoted, read_table

KINDS: tuple[str, ...] = get_args(SourceKind)
_PERIOD = re.compile(r"(\d{1,5})\s{0,4}(min|m|h|d|w)", re.IGNORECASE)
_UNITS = {"min": "minutes", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MIN_DELAY = 1.0  # seconds between requests to a public site
_Texts = tuple[Annotated[str, Meta(pattern=r"\S")], ...]


class _Table(Struct, frozen=True, kw_only=True):
    """A [[source]] table as written."""

    name: Annotated[
        str,
        Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$", extra={"write": "Use up to 60 letters, digits, - and _."}),
    ]
    kind: Annotated[SourceKind, Meta(extra={"write": f"Kinds: {', '.join(KINDS)}."})]
    location: _Texts = ()
    locations: _Texts = ()
    every: str = "1h"
    include: _Texts = ()
    exclude: _Texts = ()
    outlet: str = ""
    language: Annotated[str, Meta(pattern="^([A-Za-z]{2,3})?$", extra={"write": 'Write its code: "en", "de".'})] = ""
    max_pages: Annotated[int, Meta(ge=1, le=1_000_000)] = 1_000
    max_minutes: Annotated[float, Meta(ge=0.1, le=1_440)] = 10
    max_depth: Annotated[int, Meta(ge=0, le=20)] = 3
    max_mb: Annotated[float, Meta(ge=0.01, le=1_000)] = 10
    delay: Annotated[float, Meta(ge=0, le=3_600)] = _MIN_DELAY
    allow_hosts: _Texts = ()


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


def _source(values: Mapping[str, Any], number: int, file: Path) -> Source:
    name = str(values.get("name", ""))
    place = f'{file}: source "{quoted(name)}"' if name else f"{file}: source {number}"
    table = read_table(values, _Table, place)
    every = period(table.every)
    if every is None:
        raise ConfigError(f'{place}: every is "{table.every}".', hint='Write a duration: "30m", "1h", "1d", "1w".')
    for host in table.allow_hosts:
        if fault := name_fault(host):
            raise ConfigError(
                f'{place}: allow_hosts: "{host}": {fault}.', hint="Write a host name, alone or with a port."
            )
    locations = _locations(table, place, file)
    parts = map(urlsplit, locations)
    is_local = all(not {part.hostname, part.netloc}.isdisjoint(table.allow_hosts) for part in parts)
    if table.delay < _MIN_DELAY and not is_local:
        hint = f"Write a number from {_MIN_DELAY:g}; only allow_hosts may be asked faster."
        raise ConfigError(f"{place}: delay is {table.delay:g}.", hint=hint)
    return Source(
        name=table.name,
        kind=table.kind,
        locations=locations,
        every=every,
        include=stripped(table.include),
        exclude=stripped(table.exclude),
        outlet=table.outlet.strip(),
        language=table.language.lower(),
        max_pages=table.max_pages,
        max_seconds=table.max_minutes * 60,
        max_depth=table.max_depth,
        max_bytes=int(table.max_mb * MEGABYTE),
        delay=table.delay,
        allow_hosts=table.allow_hosts,
    )


def _locations(table: _Table, place: str, file: Path) -> tuple[str, ...]:
    """Return the paths or addresses of a source: of `urls` also those in the files that it names."""
    found: list[str] = []
    for location in stripped((*table.location, *table.locations)):
        path = file.parent / Path(location).expanduser()
        is_list = table.kind == "urls" and "://" not in location
        found += [str(path)] if table.kind in FILE_KINDS else _listed(path, place) if is_list else [location]
    if not found:
        raise ConfigError(f"{place}: location is missing.", hint="Write location = ..., or locations = [...].")
    wrong = next((location for location in found if not _is_web_address(location)), None)
    if wrong is not None and table.kind not in FILE_KINDS:
        hint = "Write http://... or https://..."
        raise ConfigError(f'{place}: the location "{wrong}" is not a web address.', hint=hint)
    return tuple(dict.fromkeys(found))


def _listed(path: Path, place: str) -> list[str]:
    """Return the addresses in a text file, one per line, without comment lines (#)."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        message = f"{place}: the list {path} cannot be read: {error}."
        raise ConfigError(message, hint="Write one address per line.") from error
    return [line for line in lines if line and not line.startswith("#")]


def _is_web_address(location: str) -> bool:
    try:
        parts = urlsplit(location)
        return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False
