"""Mail messages, and web pages saved as one file (MHTML).

Attachments are documents of their own, which crawl has already extracted.
"""

from collections.abc import Iterator
from datetime import date
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from msgspec.structs import replace

from searchkit.errors import InputError
from searchkit.mail import charset_of, content_of, load_message
from searchkit.parse.base import MAX_LINKS, Draft, language_code, one_line, web_address
from searchkit.parse.byline import is_person
from searchkit.parse.encoding import Decoded, decode
from searchkit.parse.html import page as web_page
from searchkit.parse.html.scan import visible_text, with_superscripts
from searchkit.parse.html.tree import load
from searchkit.statements.dates import PartialDate
from searchkit.statements.dates.stated import parse_stated
from searchkit.statements.document import Resource

_HEADER_LIMIT = 10_000
_MAX_ADDRESSES = 100
# A plain part this short, next to a much longer HTML part, only points to the HTML part.
_STUB = 500
_STUB_SHARE = 3
_MAX_PARTS = 1_000
_ENCRYPTED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})


def _message(body: bytes) -> Message:
    try:
        return load_message(body)
    except ValueError as error:
        raise InputError(str(error)) from None


def _header(message: Message, name: str) -> str:
    """Return a decoded header field; empty if missing."""
    fields = (value for key, value in message.raw_items() if key.lower() == name.lower())
    written = str(next(fields, ""))[:_HEADER_LIMIT]
    if not written.isascii():
        written = decode(written.encode("utf-8", "surrogateescape")).text
    plain = " ".join(written.split())
    if "=?" not in plain:
        return plain
    try:
        pieces = decode_header(plain)
    except (HeaderParseError, ValueError):
        return plain
    texts = [
        piece if isinstance(piece, str) else decode(piece, charset=charset or "").text for piece, charset in pieces
    ]
    return " ".join("".join(texts).split()) or plain


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts without subparts in order, one of each set of alternatives. Does not enter attached messages."""
    stack = [message]
    for _ in range(_MAX_PARTS):
        if not stack:
            return
        part = stack.pop()
        payload = part.get_payload()
        kind = part.get_content_type()
        if kind in _ENCRYPTED:
            raise InputError("encrypted")
        if kind == "message/rfc822" or not isinstance(payload, list):
            yield part
            continue
        inner = [subpart for subpart in payload if isinstance(subpart, Message)]
        if kind == "multipart/alternative":
            inner = _alternative(inner)
        stack.extend(reversed(inner))


def _alternative(parts: list[Message]) -> list[Message]:
    """Return the plain alternative, unless it only points to another."""
    plain = next((part for part in parts if part.get_content_type() == "text/plain"), None)
    other = next((part for part in reversed(parts) if part is not plain), None)
    if plain is None or other is None:
        return [part for part in (plain, other) if part is not None]
    words = _decoded(plain).text.strip()
    if len(words) >= _STUB:
        return [plain]
    page = next((part for part in other.walk() if part.get_content_type() == "text/html"), None)
    html = visible_text(_decoded(page).text) if page is not None else ""
    return [other] if len(html) > _STUB_SHARE * len(words) else [plain]


def _decoded(part: Message) -> Decoded:
    is_page = part.get_content_type() == "text/html"
    return decode(content_of(part), charset=charset_of(part), markup=is_page)


def _is_body(part: Message) -> bool:
    """Return whether a part is text of the message and not an attachment, as crawl/mail.py does."""
    if part.get_content_type() not in {"text/plain", "text/html"}:
        return False
    return part.get_content_disposition() != "attachment" and not part.get_filename("")


def _sent(message: Message, today: date) -> PartialDate | None:
    written = _header(message, "Date")
    try:
        moment = parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError):
        return parse_stated(written, source="mail", today=today)
    # Without a zone, only the day is known.
    value = moment.isoformat() if moment.tzinfo is not None else moment.date().isoformat()
    return parse_stated(value, source="mail", today=today)


def _people(message: Message, name: str) -> list[tuple[str, str]]:
    """Return the names and addresses in a field such as From."""
    try:
        found = getaddresses([_header(message, name)])
    except (ValueError, IndexError, RecursionError):
        return []
    return [(name.strip(" \"'"), address) for name, address in found[:_MAX_ADDRESSES] if name or address]


def _format(people: list[tuple[str, str]]) -> list[str]:
    return [f"{name} <{address}>" if name and address else name or address for name, address in people]


def read(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a message, with all text of its HTML. A sender who is a person is the byline.

    `extra` has `sender`, `recipients`, `message_id` and `list`, if stated. Raises InputError for an encrypted message
    and other data.
    """
    message = _message(resource.body)
    if not message.keys():
        raise InputError("not a mail message: it has no header")
    texts: list[str] = []
    notes: list[str] = []
    links: dict[str, None] = {}
    for part in _leaves(message):
        if not _is_body(part):
            continue
        decoded = _decoded(part)
        notes += decoded.notes
        if part.get_content_type() == "text/html":
            page = load(with_superscripts(decoded.text))
            links.update((address, None) for anchor in page.anchors if (address := web_address(anchor.target)))
            texts.append(visible_text(page.markup))
        else:
            texts.append(decoded.text.replace("\r\n", "\n"))
    senders = _people(message, "From")
    extra = {
        "sender": "; ".join(_format(senders)),
        "recipients": _format(_people(message, "To")),
        "message_id": _header(message, "Message-ID").strip("<>"),
        "list": _header(message, "List-Id"),
    }
    return Draft(
        text="\n\n".join(text.strip("\n") for text in texts if text.strip()),
        title=one_line(_header(message, "Subject")),
        byline=tuple(name for name, _ in senders if is_person(name)),
        published=_sent(message, today),
        language=language_code(_header(message, "Content-Language").partition(",")[0]),
        links=tuple(links)[:MAX_LINKS],
        notes=tuple(notes),
        extra={key: value for key, value in extra.items() if value},
    )


def read_page(resource: Resource, *, today: date) -> Draft:
    """Return the draft of the main page of an MHTML file, under the address of the page."""
    message = _message(resource.body)
    pages = [part for part in message.walk() if part.get_content_type() in {"text/html", "application/xhtml+xml"}]
    start = (message.get_param("start") or "") if message.is_multipart() else ""
    first = next((part for part in pages if start and str(part.get("Content-ID", "")).strip() == start), None)
    main = first or next(iter(pages), None)
    if main is None:
        raise InputError("saved web page (MHTML) without a page")
    address = web_address(_header(main, "Content-Location")) or web_address(
        _header(message, "Snapshot-Content-Location")
    )
    page = replace(resource, body=content_of(main), charset=charset_of(main), final_uri=address or resource.final_uri)
    draft = web_page.read(page, today=today)
    return replace(draft, canonical_url=draft.canonical_url or address)
