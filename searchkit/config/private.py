"""The file of access tokens."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

from searchkit.errors import ConfigError, UsageError, did_you_mean
from searchkit.files import write_atomically

Role = Literal["reader", "editor"]
ROLES: tuple[Role, ...] = ("reader", "editor")
_MOST_BYTES = 1 << 20
_PREFIX = "searchkit_"
_LONGEST_NAME = 60
_HEAD = "# Access tokens of the reading room: name, role, and the SHA-256 of the token. Made by: searchkit tokens\n"


class Token(Struct, frozen=True, kw_only=True):
    """Who holds a token. Only its SHA-256 is stored: a token is 32 random bytes, which need no slow hash."""

    name: str
    role: Role
    digest: str


def read_private(path: Path) -> str:
    """Return the text of a file. ConfigError if it is missing, or other users can read or change it."""
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            content = file.read(_MOST_BYTES) if stat.S_ISREG(state.st_mode) else b"\xff"
        text = content.decode("utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", hint=_hint_missing(error)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not a text file.", hint="Write a text file.") from error
    if state.st_mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
        raise ConfigError(f"{path} can be read or changed by other users.", hint=f"Run: chmod 600 {path}")
    if state.st_uid not in {0, os.geteuid()}:
        raise ConfigError(f"{path} belongs to another user.", hint="Make the user who runs searchkit its owner.")
    return text


def _hint_missing(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "Create an access token: searchkit tokens add NAME"
    return "Check its permissions."


def read_tokens(path: Path) -> tuple[Token, ...]:
    """Return the tokens in a file. ConfigError as `read_private`, and for a line that is not a token."""
    found = []
    for number, line in enumerate(read_private(path).splitlines(), 1):
        match line.split("#")[0].split():
            case []:
                continue
            case [name, "reader" | "editor" as role, digest] if len(digest) == 64 and digest.isalnum():
                found.append(Token(name=name, role=role, digest=digest))
            case _:
                raise ConfigError(
                    f"{path}: line {number} is not a token.", hint="Create a token: searchkit tokens add NAME"
                )
    return tuple(found)


def add_token(path: Path, name: str, role: Role) -> str:
    """Add a token to a file, which is created if necessary, and return it: only the caller ever has it.

    UsageError for a name that is not valid or exists; ConfigError as `read_tokens`."""
    import secrets  # a query loads nothing of tokens

    if not 0 < len(name) <= _LONGEST_NAME or name.startswith("#") or not all(33 <= ord(sign) < 127 for sign in name):
        raise UsageError(f'The name is "{name}".', hint="Write a name or mail address without blanks.")
    tokens = read_tokens(path) if path.exists() else ()
    if any(token.name == name for token in tokens):
        raise UsageError(f'{path} has a token of "{name}".', hint=f"To replace it, run: searchkit tokens remove {name}")
    token = _PREFIX + secrets.token_urlsafe(32)
    _write(path, [*tokens, Token(name=name, role=role, digest=digest_of(token))])
    return token


def remove_token(path: Path, name: str) -> None:
    """Remove a token from a file. UsageError if it has none of this name; ConfigError as `read_tokens`."""
    tokens = read_tokens(path)
    kept = [token for token in tokens if token.name != name]
    if len(kept) == len(tokens):
        suggestion = did_you_mean(name, [token.name for token in tokens])
        raise UsageError(f'{path} has no token of "{name}".{suggestion}', hint="List them: searchkit tokens list")
    _write(path, kept)


def _write(path: Path, tokens: Sequence[Token]) -> None:
    lines = [f"{token.name} {token.role} {token.digest}\n" for token in tokens]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, (_HEAD + "".join(lines)).encode())
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.", hint="Check its permissions.") from error


def digest_of(token: str) -> str:
    """Return the form in which a token is stored."""
    import hashlib  # a query loads nothing of tokens

    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
