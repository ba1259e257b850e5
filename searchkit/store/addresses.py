"""Decide which document a text belongs to, by where it was read.

What is read again at a known resource is the next state of its document. A page may name another address as its
canonical URL. One wrong line in a site's template names the same address on every page, and anyone can name the page
of another host, so the name alone proves nothing: two pages are one document only if one of them names the other, or
both name a third, and title and text are the same. On another host, a page can only stand behind the page that it
names: it never takes the place of a document. Otherwise both are documents, and `rival` names the other page.

The id of a document is made from the address where it was first read. If that id belongs to a document that has moved
away, the id is made from the address and the digest of the text.
"""

import json
from collections.abc import Callable, Iterable
from itertools import takewhile

from msgspec import Struct
from msgspec.structs import replace

from searchkit.sqlite import Connection, sql_text
from searchkit.statements.document import Document, with_identity
from searchkit.store.near_duplicates import CopyGroups, Sketch, are_copies

_DIGEST_DIGITS = 12
_NAMING = (
    "SELECT document, uri, canonical FROM facts "
    "WHERE canonical <> '' AND canonical IN (SELECT value FROM json_each(?)) LIMIT 2"
)
# Files only: what was fetched, or came on standard input, does not move to a file.
_TWINS = "SELECT uri FROM resources WHERE digest = ? AND uri >= 'file:' AND uri < 'file;' AND uri <> ? LIMIT 1000"


class Placement(Struct, frozen=True, kw_only=True):
    """A document with its id, and its `stored` state, if any. The other fields are those of `Put`."""

    document: Document
    stored: Document | None = None
    variant_of: str = ""
    former: str = ""
    rival: str = ""


class Addresses:
    """The addresses of documents in a store; `get` returns a document by its id."""

    def __init__(self, connection: Connection, groups: CopyGroups, get: Callable[[str], Document | None]) -> None:
        self._connection = connection
        self._groups = groups
        self._get = get

    def place(self, document: Document, resource: str, sketch: Sketch | None) -> Placement:
        """Return where to store a document that was read at `resource`. Without a `sketch`, no text agrees with it."""
        owner = self._connection.scalar("SELECT document FROM resources WHERE uri = ?", sql_text(resource))
        stored = self._get(owner) if owner is not None else self._at(document.uri)
        if stored is not None and not self._is_another(stored, document, sketch):
            return Placement(document=with_identity(document, stored.identity), stored=stored)
        rival = self.rival(document.uri, document.other_address)
        placement = self._by_canonical_url(document, sketch) if rival and sketch is not None else None
        if placement is not None:
            return placement
        document, stored = self._with_own_id(document)
        return Placement(document=document, stored=stored, rival=rival)

    def rival(self, uri: str, canonical: str, *, besides: str = "") -> str:
        """Return the address of another page, not of the document `besides`, that a page at `uri` names as canonical,
        that names it, or that names the same canonical URL; empty if there is none."""
        found = self._connection.execute(
            "SELECT uri FROM facts WHERE document <> ?1 AND uri = ?2 AND ?2 <> '' UNION ALL "
            "SELECT uri FROM facts WHERE document <> ?1 AND canonical <> '' AND canonical IN (?2, ?3) LIMIT 1",
            *(besides, sql_text(canonical), sql_text(uri)),
        ).fetchone()
        return str(found[0]) if found else ""

    def _at(self, uri: str) -> Document | None:
        """Return the document that was read at this address, from another resource that led there. A document is no
        longer at its address if it is gone and no resource is known."""
        found = self._connection.scalar(
            "SELECT document FROM facts WHERE uri = ? AND (gone_at = '' OR EXISTS "
            "(SELECT 1 FROM resources WHERE resources.document = facts.document)) ORDER BY document LIMIT 1",
            sql_text(uri),
        )
        return None if found is None else self._get(found)

    def _is_another(self, stored: Document, document: Document, sketch: Sketch | None) -> bool:
        """Return whether an address now shows a different article, as the address of the latest article does: each
        names its own canonical URL, and the texts differ."""
        names = (stored.other_address, document.other_address)
        if not all(names) or names[0] == names[1] or sketch is None:
            return False
        before = self._groups.of(stored.id)
        return before is not None and not are_copies(before, sketch)

    def _by_canonical_url(self, document: Document, sketch: Sketch) -> Placement | None:
        """Return the place of a page that has title and text of a page with the same canonical URL."""
        for other in self._alike(document, sketch):
            if _words(other) != _words(document):
                continue
            resource = self._resource_of(other.id)
            if other.uri == document.other_address and not other.gone_at:
                return Placement(document=other, stored=other, variant_of=resource)
            if not same_host(other.uri, document.uri):
                continue
            if other.gone_at or other.other_address == document.uri:  # it is available again, or at its canonical URL
                document = with_identity(document, other.identity)
                return Placement(document=document, stored=other, former=resource)
            return Placement(document=other, stored=other, variant_of=resource)
        return None

    def _alike(self, document: Document, sketch: Sketch) -> list[Document]:
        """Return the near-duplicates with the same canonical URL, that at this URL first."""
        canonical = document.other_address or document.uri
        numbers = sorted(self._groups.like(sketch))
        if not numbers:
            return []
        found = self._connection.column(
            f"SELECT document FROM facts WHERE sketch IN ({','.join('?' * len(numbers))}) "  # noqa: S608 - marks
            "AND (uri = ? OR canonical IN (?, ?)) ORDER BY uri <> ?, document",
            *(*numbers, canonical, canonical, sql_text(document.uri), canonical),
        )
        return [other for other in map(self._get, found) if other is not None and other.is_fetched]

    def naming(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """Return the fetched document that names one of these addresses, on its own host, as its canonical URL; none if
        several do."""
        found = self._connection.execute(_NAMING, json.dumps(list(map(sql_text, addresses)))).fetchall()
        return tuple(name for name, uri, canonical in found if len(found) == 1 and same_host(uri, canonical))

    def of(self, document: Document) -> tuple[str, ...]:
        """Return the addresses that a document has or claims, without a canonical URL on another host or that it shares
        with other texts."""
        canonical = document.other_address
        rival = canonical and self.rival(document.uri, canonical, besides=document.id)
        is_trusted = not rival and same_host(document.uri, canonical)
        return tuple(filter(None, (document.uri, document.claim, canonical if is_trusted else "")))

    def before_move(self, uri: str, digest: str, is_there: Callable[[str], bool]) -> str:
        """Return the resource that has moved to the file address `uri`: one with the same bytes, of which the file is
        no longer there. Of several, the one with most of the path in common, from its end. Empty for none."""
        twins = self._connection.column(_TWINS, digest, sql_text(uri))
        gone = [twin for twin in twins if not is_there(twin)]
        return max(gone, key=lambda twin: (_common_end(twin, uri), twin), default="")

    def move(self, before: str, uri: str, *, source: str) -> Document | None:
        """Give the resource `before` the address `uri`, and the `source` that provides it there, if it has a name;
        return its document as it is there."""
        owner = self._connection.scalar("SELECT document FROM resources WHERE uri = ?", sql_text(before))
        document = self._get(owner) if owner is not None else None
        if document is None:
            return None
        self._connection.execute(
            "UPDATE resources SET uri = ?1, source = CASE ?2 WHEN '' THEN source ELSE ?2 END WHERE uri = ?3",
            *(sql_text(uri), source, sql_text(before)),
        )
        origin = "" if document.identity == uri else document.identity
        return replace(document, uri=uri, origin=origin, source=source or document.source)

    def _resource_of(self, document: str) -> str:
        return str(
            self._connection.scalar("SELECT uri FROM resources WHERE document = ? ORDER BY gone_at, uri", document)
            or ""
        )

    def _with_own_id(self, document: Document) -> tuple[Document, Document | None]:
        """Return a document with an id that no document at another address has, and its stored state, if any."""
        if self._get(document.id) is None:
            return document, None
        document = with_identity(document, f"{document.uri}~{document.digest[:_DIGEST_DIGITS]}")
        return document, self._get(document.id)


def same_host(first: str, second: str) -> bool:
    """Return whether two web addresses have the same host and port."""
    return first.split("/", 3)[2:3] == second.split("/", 3)[2:3]


def _words(document: Document) -> tuple[list[str], list[str]]:
    return (document.title or "").split(), document.text.split()


def _common_end(first: str, second: str) -> int:
    """Return how many characters two addresses have in common, from their end."""
    pairs = zip(reversed(first), reversed(second), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
