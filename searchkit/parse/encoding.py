"""Bytes to text. Encoding labels are often wrong, so each is checked against the bytes.

Order: byte order mark; charset of the source; declaration in the page; valid UTF-8; a guess, with a note. Notes also
count the characters that could not be decoded.

A guess is the encoding in which the bytes are letters of some language. Every single-byte table makes letters of most
bytes, so readable text proves nothing. Evidence is that all non-ASCII letters belong to one alphabet and that no other
character is inside a word. In multi-byte encodings, the common characters of a language are in few rows of the table.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from searchkit.files import shipped_sections


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
_SECTIONS = shipped_sections("searchkit.parse", "encodings.txt")
# Labels as in browsers (WHATWG Encoding): a small table means the larger one that contains it. Other labels are
# ignored, because Python has codecs (utf-7, rot13, hex) that no page may choose.
_CODEC_OF = {
    label: codec
    for codec, labels in (line.split(": ") for line in _SECTIONS["labels"].splitlines())
    for label in labels.split()
}
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
# If more than one in so many non-ASCII characters is broken, the label is wrong.
_CHARACTERS_PER_BROKEN = 10


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
    except ValueError:
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
    return text if text.count("\ufffd") * _CHARACTERS_PER_BROKEN <= _non_ascii(text) else None


def _guess(body: bytes) -> str:
    """Return the codec in which the bytes are words of a language, else cp1252."""
    # Everything before the first byte of interest is ASCII, so the sample does not start inside a character.
    first = _HIGH.search(body)
    start = max(0, first.start() - _BEFORE) if first else 0
    sample = body[start : start + _SAMPLE]
    return guess_encoding(sample) or "cp1252"


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


# --- detection --------------------------------------------------------------------------------------------------------


def _languages(section: str) -> list[tuple[str, str, str]]:
    """Return each table that a language uses, with the language's letters and the most frequent of them, if given."""
    rows = (line.split(" | ") for line in _SECTIONS[section].splitlines())
    return [(codec, letters, "".join(frequent)) for tables, letters, *frequent, _ in rows for codec in tables.split()]


_LANGUAGES = [*_languages("latin"), *_languages("scripts")]
# Share of the non-ASCII letters that must belong to the alphabet; names and foreign words are rarer than the rest.
_FITTING = 0.7
# Share of the frequent letters in other scripts; it is two thirds in each of these languages.
_FREQUENT = 0.5
# Characters other than letters in ordinary text, and those of them that occur inside words.
_PUNCTUATION = frozenset("’‘'“”„‚«»‹›–—…·•\xa0\xad-§°€£¥©®™¿¡½¼¾²³¹±×÷µ№ªº،؛؟ـ")
_IN_WORDS = frozenset("’‘'–—·…”“»«\xa0\xad-ـ")
_AFTER_WORDS = frozenset("ªº²³¹°®©™")  # never before a word
_MULTI_BYTE_PER_BROKEN = 100  # one in so many multi-byte characters may be broken
_MIN_CHARACTERS = 4
# Share of kana in Japanese, and of common Hangul in Korean; Chinese read as Korean has rare Chinese characters.
_KANA = 0.2
_HANGUL = 0.93
# Share of common characters in Chinese news; it is about nine tenths.
_USUAL = 0.8
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_IN_A_ROW = re.compile(r"(?<=[^\x00-\x7f])[^\x00-\x7f]")


def guess_encoding(sample: bytes) -> str | None:
    """Return the codec of `sample`, which may end inside a character; None if no language fits."""
    return _guess_multi_byte(sample) or _guess_single_byte(sample)


def _decode(sample: bytes, codec: str) -> str:
    return codecs.getincrementaldecoder(codec)("replace").decode(sample)


def _guess_multi_byte(sample: bytes) -> str | None:
    for codec, share, least in _SCRIPTS:
        text = _decode(sample, codec)
        characters = [character for character in text if not character.isascii()]
        # In text of another encoding, such characters occur one by one among letters.
        in_a_row = len(_IN_A_ROW.findall(text))
        if (
            len(characters) < _MIN_CHARACTERS
            or characters.count("\ufffd") * _MULTI_BYTE_PER_BROKEN > len(characters)
            or in_a_row * 2 < len(characters)
        ):
            continue
        if share(characters) >= least:
            return codec
    return None


def _kana(characters: list[str]) -> float:
    return sum("\u3041" <= character <= "\u30fe" for character in characters) / len(characters)


def _in_rows(codec: str, first: int, last: int) -> Callable[[list[str]], float]:
    """Return a function for the share of letters in the rows of common characters, which have these first bytes."""

    def share(characters: list[str]) -> float:
        letters = [character for character in characters if character.isalpha() and character < "\uff00"]
        codes = (letter.encode(codec, "ignore") for letter in letters)
        usual = sum(first <= code[0] <= last for code in codes if len(code) == 2)
        return usual / len(letters) if len(letters) >= _MIN_CHARACTERS else 0.0

    return share


# In an order in which none matches the text of a later one: Korean read as Chinese has only common characters.
_SCRIPTS: tuple[tuple[str, Callable[[list[str]], float], float], ...] = (
    ("cp932", _kana, _KANA),
    ("euc_jp", _kana, _KANA),
    ("cp949", _in_rows("euc_kr", 0xB0, 0xC8), _HANGUL),
    ("gb18030", _in_rows("gb2312", 0xB0, 0xD7), _USUAL),
    ("big5hkscs", _in_rows("big5", 0xA4, 0xC6), _USUAL),
)


class _Letters(Struct, frozen=True):
    """The non-ASCII letters of a text, how many are next to ASCII letters, and how many characters fit no word."""

    letters: tuple[str, ...]
    mixed: int
    odd: int


def _guess_single_byte(sample: bytes) -> str | None:
    letters = {codec: _letters(_decode(sample, codec)) for codec in {codec for codec, _, _ in _LANGUAGES}}
    if not letters["cp1252"].letters and not letters["cp1252"].odd:
        return "cp1252"  # only quotation marks, dashes and currency symbols
    fits = [(_fit(letters[codec], alphabet, frequent), codec) for codec, alphabet, frequent in _LANGUAGES]
    (best, *_), codec = max(fits, key=lambda fit: fit[0])
    return codec if best >= _FITTING else None


def _fit(letters: _Letters, alphabet: str, frequent: str) -> tuple[float, int, float]:
    """Return how well letters fit a language (0 to 1), how many fit, and the share of `frequent` ones.

    In another script, a letter next to an ASCII letter does not fit.
    """
    fitting = [letter for letter in letters.letters if letter in alphabet]
    if not fitting:
        return 0.0, 0, 0.0
    share = sum(letter in frequent for letter in fitting) / len(fitting) if frequent else 1.0
    odd = letters.odd + (letters.mixed if frequent else 0)
    fit = len(fitting) / (len(letters.letters) + odd)
    return (fit, len(fitting), share) if share >= _FREQUENT else (0.0, 0, share)


def _letters(text: str) -> _Letters:
    found: list[str] = []
    mixed = odd = 0
    padded = f" {text} "
    for match in _NON_ASCII.finditer(text):
        character = match[0]
        before, after = padded[match.start()], padded[match.start() + 2]
        if character in _PUNCTUATION:
            odd += after.isalpha() and (character in _AFTER_WORDS or (character not in _IN_WORDS and before.isalpha()))
        elif not character.isalpha() and not unicodedata.category(character).startswith("M"):
            odd += 1
        elif character.isupper() and before.isalpha():
            odd += 1  # no capital inside a word
        else:
            found.append(character.lower()[:1])
            mixed += (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
    return _Letters(tuple(found), mixed, odd)
