"""The addresses that were forgotten, so that no run takes them in again: as salted hashes, never as they are.

    forgotten.json      {"searchkit_forgotten": 1, "salt": "...", "documents": [["hash", ...], ...]}

takes:    ids and addresses of documents that were forgotten
gives:    whether an address is one of them
does not: tell which they were. Who has a guess can try it, here as anywhere where something is to be kept out
traps:    a document stands in it with all its names, so that any of them lets it in again
"""

import hashlib
import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from searchkit.archive.erasure.kept import damaged, read_kept, write_kept, written
from searchkit.errors import UsageError

if TYPE_CHECKING:
    from searchkit.store.sqlite import SqliteStore

FORGOTTEN = "forgotten.json"
FORGOTTEN_VERSION = 1
_NAME = "searchkit_forgotten"
_SALT_BYTES = 16
# 128 bits: no two addresses of all that were ever written meet by chance.
_HASH_BYTES = 16


class Forgotten:
    """The list of the archive in `folder`. Use `load`."""

    def __init__(self, path: Path, salt: bytes, documents: Iterable[Iterable[str]]) -> None:
        self._path = path
        self._salt = salt
        self._documents = [frozenset(hashes) for hashes in documents]
        self._hashes = frozenset().union(*self._documents)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The list of the archive in `folder`; an empty one where there is none. ArchiveError when it is damaged,
        NewerArchive when a later searchkit wrote it: without it what was forgotten would come back."""
        return cls.read(folder / FORGOTTEN)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The list in a file, as `load`."""
        content = read_kept(path, _NAME, FORGOTTEN_VERSION)
        if content is None:
            return cls(path, os.urandom(_SALT_BYTES), ())
        try:
            documents = [[str(one) for one in hashes] for hashes in content["documents"]]
            return cls(path, bytes.fromhex(content["salt"]), documents)
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(path) from error

    def __contains__(self, name: str) -> bool:
        """Whether this id or address was forgotten."""
        return bool(self._hashes) and self._hash(name) in self._hashes

    def __len__(self) -> int:
        """How many documents were forgotten."""
        return len(self._documents)

    def add(self, documents: Iterable[Collection[str]]) -> None:
        """Note documents, each by its id and all its addresses; on the disk when this returns."""
        known = set(self._documents)
        new = [hashes for names in documents if (hashes := frozenset(map(self._hash, names))) not in known]
        self._write([*self._documents, *new])

    def allow(self, names: Iterable[str]) -> int:
        """Let go of the documents that have any of these names; how many."""
        wanted = frozenset(map(self._hash, names))
        left = [hashes for hashes in self._documents if not hashes & wanted]
        gone = len(self._documents) - len(left)
        if gone:
            self._write(left)
        return gone

    def with_all_of(self, other: Self) -> bytes:
        """The content of a file that holds both lists, of which one was once the other. UsageError when they are of
        different archives: hashes of different salts cannot stand in one list."""
        if self._documents and other._documents and self._salt != other._salt:
            raise UsageError(
                f"{other._path} is not of the same archive as {self._path}.",
                hint="Name the list of the archive that the backup is of.",
            )
        salt = (self if self._documents else other)._salt
        return written(_content(salt, dict.fromkeys([*self._documents, *other._documents])))

    def _write(self, documents: list[frozenset[str]]) -> None:
        self._documents = documents
        self._hashes = frozenset().union(*documents)
        write_kept(self._path, _content(self._salt, documents))

    def _hash(self, name: str) -> str:
        key = self._salt
        return hashlib.blake2b(name.encode("utf-8", "backslashreplace"), key=key, digest_size=_HASH_BYTES).hexdigest()


def _content(salt: bytes, documents: Iterable[Iterable[str]]) -> dict[str, Any]:
    return {_NAME: FORGOTTEN_VERSION, "salt": salt.hex(), "documents": [sorted(one) for one in documents]}


def standing(store: "SqliteStore", forgotten: Forgotten) -> list[str]:
    """The documents, by id, that were forgotten and stand in the store all the same: it is from an older backup."""
    if not len(forgotten):
        return []
    found = {one for one in store.ids() if one in forgotten}
    found |= {document for address, document in store.erasure.every_address() if address in forgotten}
    return sorted(found)
