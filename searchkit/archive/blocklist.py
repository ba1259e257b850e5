"""The blocklist: salted hashes of erased documents, so that no run indexes them again.

    forgotten.json      {"searchkit_forgotten": 1, "salt": "...", "documents": [["hash", ...], ...], "sum": "..."}

The hashes do not reveal names, but whoever guesses a name can test the guess. Each document is listed under its id and
all its addresses. A changed salt would make the list match nothing, so `sum` is a checksum of the file, and
archive.json records that a list exists. If the store is shared with other machines, so is the list; then the file is a
copy.
"""

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from searchkit.archive.databases import databases_of
from searchkit.archive.folder import FORGOTTEN, forgets, note_forgetting, read_json, to_json_bytes, write_json
from searchkit.errors import ArchiveError, SearchkitError, UsageError
from searchkit.files import parse_json, storage_errors
from searchkit.store.store import Store

FORGOTTEN_VERSION = 1
_NAME, _SUM = "searchkit_forgotten", "sum"
_SALT_BYTES = 16
# 128 bits: two addresses never collide by chance.
_HASH_BYTES = 16
_HEX = re.compile(r"[0-9a-f]{32}")
# What to do about a damaged or missing list.
RESTORE_HINT = "Restore it from a backup, or continue without it: searchkit repair"


class Blocklist:
    """The blocklist of an archive. Use `load`."""

    def __init__(self, path: Path, salt: bytes, documents: Iterable[Iterable[str]]) -> None:
        self._path = path
        self._salt = salt
        self._documents = [frozenset(hashes) for hashes in documents]
        self._hashes = frozenset().union(*self._documents)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the list of the archive in `folder`; an empty list if nothing was erased yet.

        Raises ArchiveError if the list is damaged or missing, NewerArchive if a later searchkit wrote it.
        """
        path = folder / FORGOTTEN
        shared = databases_of(folder).read_text(FORGOTTEN)
        if shared is not None:
            return cls._checked(path, parse_json(shared))
        if forgets(folder) and not path.exists():
            raise ArchiveError(f"{path} is missing: forgotten documents could be indexed again.", hint=RESTORE_HINT)
        return cls.read(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the list in a file; an empty list if the file does not exist. Errors as `load`."""
        content = read_json(path, _NAME, FORGOTTEN_VERSION, hint=RESTORE_HINT)
        if content is None:
            return cls(path, os.urandom(_SALT_BYTES), ())
        return cls._checked(path, content)

    @classmethod
    def _checked(cls, path: Path, content: Mapping[str, Any]) -> Self:
        if not _is_list(content) or content.get(_SUM) != _sum(content):
            raise ArchiveError(f"{path} is damaged.", hint=RESTORE_HINT)
        return cls(path, bytes.fromhex(content["salt"]), content["documents"])

    @classmethod
    def recover(cls, folder: Path) -> Self:
        """Return the readable entries of a damaged list, without writing them. If the salt itself was changed, they
        match nothing."""
        path = folder / FORGOTTEN
        try:
            content = parse_json(path.read_bytes())
            salt, documents = content["salt"], [list(filter(_is_hash, hashes)) for hashes in content["documents"]]
            if _is_hash(salt):
                return cls(path, bytes.fromhex(salt), filter(None, documents))
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return cls(path, os.urandom(_SALT_BYTES), ())

    def write(self) -> None:
        """Write the list to disk. Raises ArchiveError or StorageFull."""
        self._write(self._documents)

    def __contains__(self, name: str) -> bool:
        """Return whether the document with this id or address was erased."""
        return bool(self._hashes) and self._hash(name) in self._hashes

    def __len__(self) -> int:
        return len(self._documents)

    def add(self, documents: Iterable[Collection[str]]) -> None:
        """Add documents, each by its id and all its addresses, and write the list. Errors as `write`."""
        known = set(self._documents)
        new = [hashes for names in documents if (hashes := frozenset(map(self._hash, names))) not in known]
        self._write([*self._documents, *new])

    def allow(self, names: Iterable[str]) -> int:
        """Remove the documents that have any of these names and write the list; return how many were removed."""
        wanted = frozenset(map(self._hash, names))
        kept = [hashes for hashes in self._documents if not hashes & wanted]
        removed = len(self._documents) - len(kept)
        if removed:
            self._write(kept)
        return removed

    def merged(self, other: Self) -> bytes:
        """Return the content of a file with the entries of both lists. UsageError if they belong to two archives:
        hashes with different salts cannot share a list."""
        if self._documents and other._documents and self._salt != other._salt:
            raise UsageError(
                f"{other._path} does not belong to the same archive as {self._path}.",
                hint="Name the list of the archive that was backed up.",
            )
        salt = (self if self._documents else other)._salt
        return to_json_bytes(_content(salt, dict.fromkeys([*self._documents, *other._documents])))

    def _write(self, documents: list[frozenset[str]]) -> None:
        self._documents = documents
        self._hashes = frozenset().union(*documents)
        content = _content(self._salt, documents)
        databases_of(self._path.parent).write_text(FORGOTTEN, to_json_bytes(content).decode())
        write_json(self._path, content)
        with storage_errors(self._path.parent):
            note_forgetting(self._path.parent)

    def _hash(self, name: str) -> str:
        key = self._salt
        return hashlib.blake2b(name.encode("utf-8", "backslashreplace"), key=key, digest_size=_HASH_BYTES).hexdigest()


def blocklist_fault(folder: Path) -> str:
    """Return what is wrong with the blocklist of an archive and what to do; empty if it is OK."""
    try:
        Blocklist.load(folder)
    except SearchkitError as error:
        return f"{error.message} {error.hint}"
    return ""


def reappeared(store: Store, blocklist: Blocklist) -> list[str]:
    """Return the ids of erased documents that are in the store again, because it comes from an older backup."""
    if not len(blocklist):
        return []
    found = {document_id for document_id in store.ids() if document_id in blocklist}
    found |= {document_id for address, document_id in store.erasure.every_address() if address in blocklist}
    return sorted(found)


def _content(salt: bytes, documents: Iterable[Iterable[str]]) -> dict[str, Any]:
    content = {_NAME: FORGOTTEN_VERSION, "salt": salt.hex(), "documents": [sorted(hashes) for hashes in documents]}
    return {**content, _SUM: _sum(content)}


def _sum(content: Mapping[str, Any]) -> str:
    without = {name: value for name, value in content.items() if name != _SUM}
    return hashlib.sha256(to_json_bytes(without)).hexdigest()


def _is_list(content: Mapping[str, Any]) -> bool:
    documents = content.get("documents")
    return (
        _is_hash(content.get("salt"))
        and isinstance(documents, list)
        and all(isinstance(hashes, list) and hashes and all(map(_is_hash, hashes)) for hashes in documents)
    )


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and _HEX.fullmatch(value) is not None
