"""Bytes to text. Encoding labels are often wrong, so each is checked against the bytes.

Order: byte order mark; charset of the source; declaration in the page; valid UTF-8; a guess, with a note. Notes also
count the characters that could not be decoded.
"""

import codecs
import logging
import re

from msgspec import Struct
from msgspec.structs import replace

from searchkit.parse.encoding_detection import guess_encoding


class Decoded(Struct, frozen=True, kw_only=True):
    """Text, its encoding, and notes on losses."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Labels as in browsers (WHATWG Encoding): a small table means the larger one that contains it. Other labels are
# ignored, because Python has codecs (utf-7, rot13, hex) that no page may choose.
_TABLES = {
    "utf-8": "utf8 utf-8 unicode-1-1-utf-8 utf-16 utf-16le utf-16be unicode",
    "cp1252": "ascii us-ascii ansi_x3.4-1968 iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 windows-1252 cp1252 "
    "x-cp1252 x-user-defined",
    "cp1250": "windows-1250 cp1250 x-cp1250",
    "cp1251": "windows-1251 cp1251 x-cp1251",
    "cp1253": "windows-1253 cp1253",
    "cp1254": "windows-1254 cp1254 iso-8859-9 iso8859-9 latin5",
    "cp1255": "windows-1255 cp1255",
    "cp1256": "windows-1256 cp1256",
    "cp1257": "windows-1257 cp1257",
    "cp1258": "windows-1258 cp1258",
    "cp874": "windows-874 tis-620 iso-8859-11",
    "iso8859-2": "iso-8859-2 iso8859-2 latin2",
    "iso8859-3": "iso-8859-3",
    "iso8859-4": "iso-8859-4",
    "iso8859-5": "iso-8859-5 iso8859-5",
    "iso8859-6": "iso-8859-6",
    "iso8859-7": "iso-8859-7 iso8859-7 greek",
    "iso8859-8": "iso-8859-8 iso-8859-8-i hebrew",
    "iso8859-10": "iso-8859-10",
    "iso8859-13": "iso-8859-13",
    "iso8859-14": "iso-8859-14",
    "iso8859-15": "iso-8859-15 iso8859-15 latin9 latin-9",
    "iso8859-16": "iso-8859-16",
    "koi8-r": "koi8-r koi8 koi",
    "koi8-u": "koi8-u koi8-ru",
    "mac-roman": "macintosh mac x-mac-roman",
    "cp866": "ibm866 cp866",
    "gb18030": "gb2312 gbk gb18030 x-gbk gb_2312-80 chinese",
    "big5hkscs": "big5 big5-hkscs x-x-big5",
    "cp932": "shift_jis shift-jis sjis x-sjis windows-31j ms_kanji",
    "euc_jp": "euc-jp x-euc-jp",
    "iso2022_jp": "iso-2022-jp",
    "cp949": "euc-kr ks_c_5601-1987 ksc5601 korean windows-949",
}
_CODEC_OF = {label: codec for codec, labels in _TABLES.items() for label in labels.split()}
# A few characters in a multi-byte encoding can be valid UTF-8 by accident.
_MULTIBYTE = frozenset({"gb18030", "big5hkscs", "cp932", "euc_jp", "iso2022_jp", "cp949"})
_ACCIDENT = 20

_HEAD = 8_192
_DECLARATION = re.compile(
    rb"<meta[^<>]{0,400}?charset\s{0,8}=\s{0,8}[\"']?\s{0,8}([A-Za-z0-9_.:-]{1,40})"
    rb"|^\s{0,40}<\?xml[^<>]{0,200}?encoding\s{0,8}=\s{0,8}[\"']([A-Za-z0-9_.:-]{1,40})",
    re.IGNORECASE,
)
# The encoding is guessed from a sample that starts shortly before the first non-ASCII byte.
_SAMPLE = 50_000
_BEFORE = 200
_HIGH = re.compile(rb"[\x80-\xff]")
# Escape sequences of ISO-2022-JP, which is also valid UTF-8.
_JAPANESE = (b"\x1b$B", b"\x1b$@")
# If more than a tenth of the non-ASCII characters are broken, the label is wrong.
_BROKEN_SHARE = 10


def _codec(label: str) -> str | None:
    return _CODEC_OF.get(label.strip().strip("\"'").lower())


def declared(body: bytes) -> str | None:
    """Return the codec named in a meta tag or an XML declaration."""
    match = _DECLARATION.search(body[:_HEAD])
    return _codec((match[1] or match[2]).decode("ascii")) if match else None


def _non_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _strict(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except (UnicodeDecodeError, ValueError):
        return None


def _with_surrogates(body: bytes) -> str | None:
    """Decode UTF-8 with encoded surrogates: join pairs, replace single ones; None if it is not UTF-8."""
    try:
        text = body.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _damaged(body: bytes, codec: str) -> str | None:
    """Decode with a few replacement characters; None if there are too many for this codec."""
    text = body.decode(codec, "replace")
    return text if text.count("\ufffd") * _BROKEN_SHARE <= _non_ascii(text) else None


def _guess(body: bytes) -> str:
    """Return the codec in which the bytes are words of a language, else what UnicodeDammit detects, else cp1252."""
    # Everything before the first byte of interest is ASCII, so the sample does not start inside a character.
    first = _HIGH.search(body)
    start = max(0, first.start() - _BEFORE) if first else 0
    sample = body[start : start + _SAMPLE]
    return guess_encoding(sample) or _detect(sample) or "cp1252"


def _detect(sample: bytes) -> str | None:
    from bs4.dammit import UnicodeDammit

    logging.getLogger("bs4.dammit").setLevel(logging.ERROR)  # a note reports the same
    found = UnicodeDammit(sample, is_html=False)
    return _codec(found.original_encoding or "") if not found.contains_replacement_characters else None


def _characters(number: int, kind: str = "") -> str:
    return f"{number} {kind}character{'' if number == 1 else 's'}"


def _noted(text: str, codec: str) -> Decoded:
    notes = []
    if nul := text.count("\0"):
        notes.append(f"encoding: {_characters(nul, 'NUL ')} removed")
        text = text.replace("\0", "")
    if broken := text.count("\ufffd"):
        notes.append(f"encoding: {_characters(broken)} could not be decoded ({codec})")
    return Decoded(text=text, encoding=codec, notes=tuple(notes))


def decode(body: bytes, *, charset: str = "", markup: bool = False) -> Decoded:
    """Decode `body`. `charset` comes from the source; `markup` allows a declaration in the page. Never raises."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _noted(body[len(mark) :].decode(codec, "replace"), codec)
    if body.isascii() and b"\x1b" not in body:
        return _noted(body.decode("ascii"), "ascii")
    labels = [codec for codec in (_codec(charset), declared(body) if markup else None) if codec]
    if not labels and any(mark in body for mark in _JAPANESE):
        labels = ["iso2022_jp"]
    utf8 = _strict(body, "utf-8")
    if utf8 is not None and (not _MULTIBYTE.intersection(labels) or _non_ascii(utf8) >= _ACCIDENT):
        return _noted(utf8, "utf-8")
    if utf8 is None and (joined := _with_surrogates(body)) is not None:
        return _noted(joined, "utf-8")
    for codec in labels:
        if (text := _strict(body, codec)) is not None:
            return _noted(text, codec)
    for codec in (*labels, "utf-8"):
        if (text := _damaged(body, codec)) is not None:
            return _noted(text, codec)
    guess = _guess(body)
    decoded = _noted(body.decode(guess, "replace"), guess)
    return replace(decoded, notes=(f"encoding: guessed as {guess}", *decoded.notes))


def decode_lines(body: bytes, charset: str) -> tuple[list[str], tuple[str, ...]]:
    """Decode a text file into lines, and notes."""
    decoded = decode(body, charset=charset)
    return decoded.text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), decoded.notes
