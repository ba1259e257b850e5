"""Guess the encoding of bytes without a label: the one in which they are letters of some language.

Every single-byte table makes letters of most bytes, so readable text proves nothing. Evidence is that all non-ASCII
letters belong to one alphabet and that no other character is inside a word. In multi-byte encodings, the common
characters of a language are in few rows of the table.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable

from msgspec import Struct

# The tables used for a language, the usual one first.
_WEST = ("cp1252",)
_EAST = ("cp1250", "iso8859-2")
_BALTIC = ("cp1257", "iso8859-13")
_CYRILLIC = ("cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866")
# The non-ASCII letters of languages. Of equal fits, the first wins.
_LATIN: tuple[tuple[tuple[str, ...], str], ...] = (
    (_WEST, "äöüßé"),  # German
    (_WEST, "àâæçéèêëîïôœùûüÿ"),  # French
    (_WEST, "áéíóúüñ"),  # Spanish
    (_WEST, "áâãàçéêíóôõúü"),  # Portuguese
    (_WEST, "àèéìíòóùú"),  # Italian
    (_WEST, "åäöéüàšž"),  # Swedish, Finnish
    (_WEST, "æøåéèòôüö"),  # Danish, Norwegian
    (_WEST, "éëïóöüèáêç"),  # Dutch
    (_WEST, "àçéèíïóòúü"),  # Catalan
    (_WEST, "áðéíóúýþæö"),  # Icelandic
    ((*_WEST, *_BALTIC), "äõöüšž"),  # Estonian
    (_EAST, "ąćęłńóśźż"),  # Polish
    (_EAST, "áčďéěíňóřšťúůýž"),  # Czech
    (_EAST, "áäčďéíĺľňóôŕšťúýž"),  # Slovak
    (_EAST, "áéíóöőúüű"),  # Hungarian
    (_EAST, "čćđšž"),  # Croatian, Slovene
    (_EAST, "ăâîşţ"),  # Romanian
    (("cp1254",), "çğıöşüâîû"),  # Turkish
    (_BALTIC, "ąčęėįšųūž"),  # Lithuanian
    (_BALTIC, "āčēģīķļņšūž"),  # Latvian
)
# Languages of other scripts: all letters, and the most frequent ones.
_OTHER: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (_CYRILLIC, "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "оеаинтсрвл"),  # Russian, Bulgarian
    (_CYRILLIC, "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "оаниітервс"),  # Ukrainian
    (_CYRILLIC, "абвгдђежзијклљмнњопрстћуфхцчџш", "аиоенстрју"),  # Serbian
    (("cp1253", "iso8859-7"), "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", "αοιετνσηςρ"),  # Greek
    (("cp1255", "iso8859-8"), "אבגדהוזחטיךכלםמןנסעףפץצקרשת", "יוהלארתבמש"),  # Hebrew
    (("cp1256", "iso8859-6"), "ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيپچژگک", "اليمونرتبهد"),  # Arabic, Persian
    (("cp874",), "".join(map(chr, (*range(0x0E01, 0x0E3B), *range(0x0E40, 0x0E4E)))), "านรกอเงมยลทิ่้ั"),  # Thai
)
# Share of the non-ASCII letters that must belong to the alphabet; names and foreign words are rarer than the rest.
_FITTING = 0.7
# Share of the frequent letters in other scripts; it is two thirds in each of these languages.
_FREQUENT = 0.5
# Characters other than letters in ordinary text, and those of them that occur inside words.
_PUNCTUATION = frozenset("’‘'“”„‚«»‹›–—…·•\xa0\xad-§°€£¥©®™¿¡½¼¾²³¹±×÷µ№ªº،؛؟ـ")
_IN_WORDS = frozenset("’‘'–—·…”“»«\xa0\xad-ـ")
_AFTER_WORDS = frozenset("ªº²³¹°®©™")  # never before a word
_MAX_BROKEN_SHARE = 100  # one in so many multi-byte characters may be broken
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
            or characters.count("\ufffd") * _MAX_BROKEN_SHARE > len(characters)
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
        usual = sum(first <= code[0] <= last for letter in letters if len(code := _encode(letter, codec)) == 2)
        return usual / len(letters) if len(letters) >= _MIN_CHARACTERS else 0.0

    return share


def _encode(character: str, codec: str) -> bytes:
    try:
        return character.encode(codec)
    except UnicodeEncodeError:
        return b""


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
    tables = {codec for codecs_, *_ in (*_LATIN, *_OTHER) for codec in codecs_}
    letters = {codec: _letters(_decode(sample, codec)) for codec in tables}
    if not letters["cp1252"].letters and not letters["cp1252"].odd:
        return "cp1252"  # only quotation marks, dashes and currency symbols
    fits = [
        *((_fit(letters[codec], alphabet), codec) for codecs_, alphabet in _LATIN for codec in codecs_),
        *((_fit(letters[codec], *frequent), codec) for codecs_, *frequent in _OTHER for codec in codecs_),
    ]
    (best, *_), codec = max(fits, key=lambda fit: fit[0])
    return codec if best >= _FITTING else None


def _fit(letters: _Letters, alphabet: str, frequent: str = "") -> tuple[float, int, float]:
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
