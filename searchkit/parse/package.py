"""DOCX, EPUB and OpenDocument packages: zip archives of XML, read within limits. Nothing is fetched."""

import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile

from msgspec.structs import replace

from searchkit.errors import InputError
from searchkit.parse.base import MAX_LINKS, Draft, language_code, one_line, paged, web_address
from searchkit.parse.byline import people
from searchkit.parse.headers import read_opening, with_header
from searchkit.statements.dates import PartialDate
from searchkit.statements.dates.stated import parse_stated

_MAX_MEMBERS = 10_000
_MEMBER_BYTES = 40 * 1024 * 1024
_TOTAL_BYTES = 100 * 1024 * 1024
# Office XML compresses ten to forty times. A member that compresses more must be small.
_MAX_RATIO = 200
_ANY_RATIO_BYTES = 5 * 1024 * 1024
_ENTRY = b"PK\x01\x02"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = 0x1
_METHODS = frozenset({ZIP_STORED, ZIP_DEFLATED})
_ZIP_ERRORS = (BadZipFile, LargeZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, zlib.error)
_OPENING_PARAGRAPHS = 20
_STRICT = b"http://purl.oclc.org/ooxml/"
_TRANSITIONAL = (
    (_STRICT + b"officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (_STRICT + b"spreadsheetml/", b"http://schemas.openxmlformats.org/spreadsheetml/2006/"),
    (_STRICT + b"drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)

Properties = dict[str, str | None]
"""What the properties of a file state: title, creator, created, modified, language."""


class Package:
    """The members of a package. Raises InputError for a damaged, encrypted or oversized package or member."""

    def __init__(self, body: bytes) -> None:
        if body.startswith(_OLE):
            raise InputError("encrypted, or in the old binary format (.doc)")
        if body.count(_ENTRY) > _MAX_MEMBERS:
            raise InputError(f"contains more than {_MAX_MEMBERS:,} files")
        try:
            self._body = body
            self._archive = ZipFile(io.BytesIO(body))
        except _ZIP_ERRORS as error:
            raise InputError("damaged or truncated: its directory cannot be read") from error
        self._members = {info.filename: info for info in self._archive.infolist()}
        self._bytes_left = _TOTAL_BYTES
        self.notes: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def check_sizes(self) -> None:
        """Raise InputError if a member states that it expands too much; no reader gets more than a member states."""
        for info in self._members.values():
            if info.flag_bits & _ENCRYPTED:
                raise InputError("encrypted")
            self._bytes_left -= info.file_size
            limit = min(_MEMBER_BYTES, max(_ANY_RATIO_BYTES, info.compress_size * _MAX_RATIO))
            if info.file_size > limit or self._bytes_left < 0:
                raise InputError(f"expands too much ({info.filename})")

    def transitional(self) -> bytes:
        """Return the package with the namespaces of Transitional Office Open XML, which libraries know, in the place of
        those of Strict (ISO/IEC 29500)."""
        if _STRICT not in self._archive.read("[Content_Types].xml") + self._archive.read("_rels/.rels"):
            return self._body
        made = io.BytesIO()
        with ZipFile(made, "w", ZIP_DEFLATED) as package:
            for name in self._members:
                content = self._archive.read(name)
                for strict, transitional in _TRANSITIONAL:
                    content = content.replace(strict, transitional)
                package.writestr(name, content)
        return made.getvalue()

    def read(self, name: str) -> bytes:
        """Return the bytes of a member."""
        info = self._members.get(name)
        if info is None:
            raise InputError(f"damaged: {name} is missing")
        if info.flag_bits & _ENCRYPTED:
            raise InputError("encrypted")
        limit = min(_MEMBER_BYTES, self._bytes_left, max(_ANY_RATIO_BYTES, info.compress_size * _MAX_RATIO))
        if info.file_size > limit or info.compress_type not in _METHODS:
            raise InputError(f"expands too much ({name})")
        try:
            with self._archive.open(info) as member:
                content = member.read(limit + 1)
        except _ZIP_ERRORS as error:
            raise InputError(f"damaged: {name} cannot be read") from error
        self._bytes_left -= len(content)
        if len(content) > limit:
            raise InputError(f"expands too much ({name})")
        return content

    def xml(self, name: str) -> Any:
        """Return the root element of a member. Broken XML is read as far as possible, with a note."""
        from lxml import etree

        content = self.read(name)
        if b"<!DOCTYPE" in content[:4_096] and b"<!ENTITY" in content:
            raise InputError(f"declares XML entities ({name}), which are not supported")
        for recover in (False, True):
            # Fetch nothing, expand nothing; without huge_tree, lxml limits depth and text size.
            parser = etree.XMLParser(
                resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover
            )
            try:
                root = etree.fromstring(content, parser)
            except (etree.XMLSyntaxError, ValueError):
                continue
            if root is not None:
                if recover:
                    self.notes.append(f"damaged: {name} is broken XML, read as far as possible")
                return root
        raise InputError(f"damaged: {name} is not XML")

    def optional_xml(self, name: str) -> Any:
        """Return as `xml`, or an empty element for a missing or unreadable member."""
        from lxml import etree

        try:
            return self.xml(name) if name in self else etree.Element("missing")
        except InputError as error:
            self.notes.append(f"{name} ignored: {error.message}")
            return etree.Element("unreadable")

    def office_draft(
        self,
        paragraphs: Sequence[str],
        footnotes: Sequence[str],
        properties: Properties,
        links: Sequence[str],
        *,
        source: str,
        today: date,
    ) -> Draft:
        """Return the draft of an office document: header lines override its `properties`, footnotes follow the text."""
        paragraphs = [text for text in paragraphs if text.strip()]
        header_size, header = read_opening(paragraphs[:_OPENING_PARAGRAPHS], today=today)
        text = "\n\n".join([*paragraphs[header_size:], *(text for text in footnotes if text.strip())])
        stated = replace(
            self.draft(text, properties, source, today),
            language=language_code(properties["language"]),
            links=tuple(dict.fromkeys(address for link in links if (address := web_address(link))))[:MAX_LINKS],
        )
        return with_header(stated, header)

    def draft(self, text: str, properties: Properties, source: str, today: date) -> Draft:
        """Return the draft of a text with title, author and dates of the file's properties."""
        return Draft(
            text=text,
            title=one_line(properties["title"]),
            byline=people(properties["creator"] or ""),
            published=file_date(properties["created"], source, today),
            updated=file_date(properties["modified"], source, today),
            notes=tuple(self.notes),
        )

    def slides_draft(self, texts: Iterable[str], properties: Properties, *, source: str, today: date) -> Draft:
        """Return the draft of a presentation with these slides. Raises InputError if they have no text."""
        text, pages = paged(texts)
        if not text:
            raise InputError("slides without text; they may be pictures")
        return replace(self.draft(text, properties, source, today), pages=pages)


def local(element: Any) -> str:
    """Return the name of an element without its namespace; empty for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """Return an attribute by its name without namespace; empty if missing."""
    return next((str(value) for key, value in element.items() if key.rpartition("}")[2] == name), "")


def texts_of(root: Any, name: str) -> Iterator[str]:
    """Yield the non-empty texts of all elements below `root` with this name, in order."""
    return (text for element in root.iter(f"{{*}}{name}") if (text := "".join(element.itertext()).strip()))


def file_date(written: str | None, source: str, today: date) -> PartialDate | None:
    """Return a date of the file's properties as a guess: files are copied, converted and saved again."""
    found = parse_stated(written, source=source, today=today) if written else None
    return replace(found, confidence="low") if found is not None else None
