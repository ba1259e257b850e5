"""What DOCX, EPUB and OpenDocument share: zip archives of XML, read within limits; properties; nothing is fetched."""

import io
import zlib
from collections.abc import Iterator
from datetime import date
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile

from msgspec.structs import replace

from searchkit.dates import PartialDate, parse_stated
from searchkit.errors import InputError

# A book has a few hundred chapters and pictures; a list of contents takes 46 bytes a member beside its name.
_MEMBERS = 10_000
_MEMBER_BYTES = 40 * 1024 * 1024
_TOTAL_BYTES = 100 * 1024 * 1024
# XML of an office program shrinks ten to forty times; of what shrinks more only the small is read.
_GROWTH = 200
_GROWTH_FREE = 5 * 1024 * 1024
_ENTRY = b"PK\x01\x02"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = 0x1
_METHODS = frozenset({ZIP_STORED, ZIP_DEFLATED})
_FAULTS = (BadZipFile, LargeZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, zlib.error)


class Package:
    """The members of such an archive. InputError with the reason for whatever cannot be read, when it is asked for."""

    def __init__(self, body: bytes) -> None:
        if body.startswith(_OLE):
            raise InputError("is encrypted, or of an old binary format (.doc)")
        if body.count(_ENTRY) > _MEMBERS:
            raise InputError(f"holds more than {_MEMBERS:,} files")
        try:
            self._archive = ZipFile(io.BytesIO(body))
        except _FAULTS as error:
            raise InputError("is damaged or cut off: its list of contents cannot be read") from error
        self._infos = {info.filename: info for info in self._archive.infolist()}
        self._left = _TOTAL_BYTES
        self.notes: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def read(self, name: str) -> bytes:
        """The bytes of a member."""
        info = self._infos.get(name)
        if info is None:
            raise InputError(f"is damaged: it has no {name}")
        if info.flag_bits & _ENCRYPTED:
            raise InputError("is encrypted")
        limit = min(_MEMBER_BYTES, self._left, max(_GROWTH_FREE, info.compress_size * _GROWTH))
        if info.file_size > limit or info.compress_type not in _METHODS:
            raise InputError(f"expands too much ({name})")
        try:
            with self._archive.open(info) as member:
                content = member.read(limit + 1)
        except _FAULTS as error:
            raise InputError(f"is damaged ({name} cannot be read)") from error
        self._left -= len(content)
        if len(content) > limit:
            raise InputError(f"expands too much ({name})")
        return content

    def xml(self, name: str) -> Any:
        """The root element of a member. A broken one is mended as far as it goes, and noted."""
        return self._tree(self.read(name), name)

    def optional_xml(self, name: str) -> Any | None:
        """As `xml`; None for a member that is not there or cannot be read."""
        try:
            return self.xml(name) if name in self else None
        except InputError as error:
            self.notes.append(f"{name} is not used: it {error.message}")
            return None

    def _tree(self, content: bytes, name: str) -> Any:
        from lxml import etree

        if b"<!DOCTYPE" in content[:4_096] and b"<!ENTITY" in content:
            raise InputError(f"declares entities of its own ({name}), which is not read")
        for recover in (False, True):
            # Nothing is fetched and nothing is expanded; depth and the size of a text are limited by lxml.
            parser = etree.XMLParser(
                resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover
            )
            try:
                root = etree.fromstring(content, parser)
            except (etree.XMLSyntaxError, ValueError):
                continue
            if root is not None:
                if recover:
                    self.notes.append(f"damaged: {name} is broken XML, read as far as it goes")
                return root
        raise InputError(f"is damaged ({name} is no XML)")


def local(element: Any) -> str:
    """The name of an element without its namespace; empty for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """An attribute by its name without namespace; empty when there is none."""
    return next((str(value) for key, value in element.items() if key.rpartition("}")[2] == name), "")


def text_of(root: Any | None, *names: str) -> Iterator[str]:
    """The texts of all elements below `root` that have one of `names`, in order; none empty."""
    if root is not None:
        for element in root.iter():
            if local(element) in names and (text := "".join(element.itertext()).strip()):
                yield text


def made_on(written: str | None, source: str, today: date) -> PartialDate | None:
    """A date of the properties. It is when the file was made, which is not surely when it was published."""
    found = parse_stated(written, source=source, today=today) if written else None
    return replace(found, confidence="assumed") if found is not None else None
