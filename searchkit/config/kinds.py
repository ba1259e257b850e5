"""The kinds of settings: each function turns a value as written into its type.

ValueError if it is not valid; its text says what to write instead. A list can also be written as text with commas,
as in the environment.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from searchkit.errors import ConfigError

Kind = Callable[[Any], Any]

_CONTACT = r"(?:https?://[\x21-\x7e]{1,200}|[\x21-\x7e]{1,100}@[\x21-\x7e]{1,100})"
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_ARCHIVE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


def folder(value: Any) -> Path:
    """Return the path of a folder."""
    if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
        raise ValueError("Write the path of a folder.")
    return Path(value).expanduser()


def optional_path(what: str) -> Kind:
    """Return the kind of an absolute path as text, which may be empty."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or "\0" in value:
            raise ValueError(f"Write the path of a {what}.")
        return str(Path(value).expanduser().absolute()) if value else ""

    return read


def engine(value: Any) -> str:
    """Return the name of an engine, with a colon."""
    if isinstance(value, str) and value.isalpha():
        return f"{value}:"
    if not isinstance(value, str) or ":" not in value:
        raise ValueError('Write "whoosh", or "opensearch:https://host:9200/prefix" for a cluster.')
    return value


def store(value: Any) -> str:
    """Return the address of a store in PostgreSQL, or nothing. Its parts are checked when it is used, but a password is
    refused here, before anything shows it."""
    if isinstance(value, str) and re.search(r"//[^/@]{0,500}:[^/]{0,500}@|[?&]pass", value):
        raise ConfigError(
            "The setting store has a password.",
            hint="Remove it; put the password into PGPASSWORD or the file ~/.pgpass.",
        )
    if not isinstance(value, str) or (value and not value.startswith("postgresql://")):
        raise ValueError('Write its address: "postgresql://USER@HOST/DATABASE".')
    return value


def contact(value: Any) -> str:
    """Return a mail or web address, or nothing."""
    if not isinstance(value, str) or (value and not re.fullmatch(_CONTACT, value)):
        raise ValueError("Write an e-mail or web address, without spaces.")
    return value


def program(value: Any) -> str:
    """Return the path of a program."""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("Write the path of a program.")
    return str(Path(value).expanduser())


def flag(value: Any) -> bool:
    """Return whether the value is true."""
    chosen = {"true": True, "false": False}.get(str(value).lower())
    if chosen is None:
        raise ValueError("Write true or false.")
    return chosen


def number(lowest: int, highest: int) -> Kind:
    """Return the kind of a whole number within limits."""

    def read(value: Any) -> int:
        try:
            found = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else lowest - 1
        except ValueError:
            found = lowest - 1
        if not lowest <= found <= highest:
            raise ValueError(f"Write a whole number from {lowest} to {highest:,}.")
        return found

    return read


def names(example: str) -> Kind:
    """Return the kind of a list of names."""

    def read(value: Any) -> tuple[str, ...]:
        listed = value.split(",") if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not all(isinstance(name, str) and name.strip() for name in listed):
            raise ValueError(f'Write a list: ["{example}"].')
        return tuple(name.strip() for name in listed)

    return read


def archives(value: Any) -> tuple[str, ...]:
    """Return the folders of archives that can be served next to each other: their names differ."""
    folders = tuple(Path(name).expanduser().absolute() for name in names("/srv/news/harbour")(value))
    found = [path.name for path in folders]
    if len(set(found)) < len(found) or not all(_ARCHIVE_NAME.fullmatch(name) for name in found):
        raise ValueError("Write a list of folders with different names of letters, digits, and . _ -")
    return tuple(map(str, folders))


def networks(value: Any) -> tuple[str, ...]:
    """Return addresses and networks."""
    from ipaddress import ip_network  # only a server has proxies

    listed: tuple[str, ...] = names("127.0.0.1")(value)
    try:
        for network in listed:
            ip_network(network)
    except ValueError:
        raise ValueError('Write a list of addresses: ["127.0.0.1", "10.1.2.0/24"].') from None
    return listed


def header(value: Any) -> str:
    """Return the name of a header, or nothing."""
    if not isinstance(value, str) or (value and not _HEADER.fullmatch(value)):
        raise ValueError('Write the name of a header: "X-Forwarded-User".')
    return value.lower()


def word(value: Any) -> str:
    """Return a text without blanks, or nothing."""
    if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]{0,300}", value):
        raise ValueError("Write it without blanks.")
    return value
