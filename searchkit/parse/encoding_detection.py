"""Which encoding bytes are in that nothing tells of: the one in which they are the letters of some language.

Every table of one byte a sign makes letters of most bytes, so that being readable proves nothing. What proves more is
that all of the letters that are not ASCII belong to one alphabet, and that no sign stands in the middle of a word that
no word has. Of encodings with several bytes a sign, the common signs of a language stand in few rows.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable

from msgspec import Struct

# The tables that a language was written in, the usual one first.
_WEST = ("cp1252",)
_EAST = ("cp1250", "iso8859-2")
_BALTIC = ("cp1257", "iso8859-13")
_CYRILLIC = ("cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866")
# Languages, and their letters beside those of ASCII. Of those that fit alike the first is taken.
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
# Languages of other scripts: all their letters, and the ten or so that make up most of a text.
_OTHER: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (_CYRILLIC, "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "оеаинтсрвл"),  # Russian, Bulgarian
    (_CYRILLIC, "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "оаниітервс"),  # Ukrainian
    (_CYRILLIC, "абвгдђежзијклљмнњопрстћуфхцчџш", "аиоенстрју"),  # Serbian
    (("cp1253", "iso8859-7"), "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", "αοιετνσηςρ"),  # Greek
    (("cp1255", "iso8859-8"), "אבגדהוזחטיךכלםמןנסעףפץצקרשת", "יוהלארתבמש"),  # Hebrew
    (("cp1256", "iso8859-6"), "ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيپچژگک", "اليمونرتبهد"),  # Arabic, Persian
    (("cp874",), "".join(map(chr, (*range(0x0E01, 0x0E3B), *range(0x0E40, 0x0E4E)))), "านรกอเงมยลทิ่้ั"),  # Thai
)
# So many of the letters that are not ASCII must belong to the alphabet: names and words of other languages are rarer.
_FITTING = 0.7
# And of the letters of another script, half are the ten most frequent: two thirds are in each of these languages.
_FREQUENT = 0.5
# Signs beside letters that texts hold, and those of them that stand in the middle of words.
_SIGNS = frozenset("’‘'“”„‚«»‹›–—…·•\xa0\xad-§°€£¥©®™¿¡½¼¾²³¹±×÷µ№ªº،؛؟ـ")
_IN_WORDS = frozenset("’‘'–—·…”“»«\xa0\xad-ـ")
_BEHIND = frozenset("ªº²³¹°®©™")  # no word begins with these
# Of so many signs of several bytes one may be broken.
_BROKEN = 100
_FEWEST = 4
# In Japanese every second or third sign is kana. Korean has next to no Chinese signs, which Chinese read as Korean has.
_KANA = 0.2
_HANGUL = 0.93
# Nine of ten signs of a news text stand among the 3,755 (GB 2312) or 5,401 (Big5) that are used most.
_USUAL = 0.8
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_IN_A_ROW = re.compile(r"(?<=[^\x00-\x7f])[^\x00-\x7f]")


def guessed(sample: bytes) -> str | None:
    """The codec that `sample` is in, which may end in the middle of a sign; None when no language fits."""
    return _of_several_bytes(sample) or _of_one_byte(sample)


def _read(sample: bytes, codec: str) -> str:
    return codecs.getincrementaldecoder(codec)("replace").decode(sample)


# --- several bytes a sign --------------------------------------------------------------------------------------------


def _of_several_bytes(sample: bytes) -> str | None:
    for codec, share, least in _SCRIPTS:
        text = _read(sample, codec)
        signs = [sign for sign in text if not sign.isascii()]
        # In other bytes that are read as such, the signs stand one by one among letters.
        in_a_row = len(_IN_A_ROW.findall(text))
        if len(signs) < _FEWEST or signs.count("\ufffd") * _BROKEN > len(signs) or in_a_row * 2 < len(signs):
            continue
        if share(signs) >= least:
            return codec
    return None


def _kana(signs: list[str]) -> float:
    """Kana among all signs."""
    return sum("\u3041" <= sign <= "\u30fe" for sign in signs) / len(signs)


def _in_rows(codec: str, first: int, last: int) -> Callable[[list[str]], float]:
    """Letters in the rows of signs used most, which are those with such a first byte, among all letters."""

    def share(signs: list[str]) -> float:
        # Punctuation and forms of ASCII for the width of ideographs all of these have.
        letters = [sign for sign in signs if sign.isalpha() and sign < "\uff00"]
        usual = sum(first <= written[0] <= last for sign in letters if len(written := _written(sign, codec)) == 2)
        return usual / len(letters) if len(letters) >= _FEWEST else 0.0

    return share


def _written(sign: str, codec: str) -> bytes:
    try:
        return sign.encode(codec)
    except UnicodeEncodeError:
        return b""


# In an order in which none takes what is another's: Korean read as Chinese is all of usual signs. What the older,
# smaller set of Korean does not hold is rare in it, and frequent in other bytes read as Korean.
_SCRIPTS: tuple[tuple[str, Callable[[list[str]], float], float], ...] = (
    ("cp932", _kana, _KANA),
    ("euc_jp", _kana, _KANA),
    ("cp949", _in_rows("euc_kr", 0xB0, 0xC8), _HANGUL),
    ("gb18030", _in_rows("gb2312", 0xB0, 0xD7), _USUAL),
    ("big5hkscs", _in_rows("big5", 0xA4, 0xC6), _USUAL),
)


# --- one byte a sign -------------------------------------------------------------------------------------------------


class _Letters(Struct, frozen=True):
    """Of a text, the letters that are not ASCII, how many of those stand beside one that is, and how many signs there
    are that no word holds."""

    found: tuple[str, ...]
    mixed: int
    odd: int


def _of_one_byte(sample: bytes) -> str | None:
    tables = {codec for codecs_, *_ in (*_LATIN, *_OTHER) for codec in codecs_}
    letters = {codec: _letters(_read(sample, codec)) for codec in tables}
    if not letters["cp1252"].found and not letters["cp1252"].odd:
        return "cp1252"  # quotation marks, dashes and signs of money: what English has
    fits = [
        *((_fit(letters[codec], alphabet), codec) for codecs_, alphabet in _LATIN for codec in codecs_),
        *((_fit(letters[codec], *told), codec) for codecs_, *told in _OTHER for codec in codecs_),
    ]
    (best, *_), codec = max(fits, key=lambda fit: fit[0])  # the first of equals
    return codec if best >= _FITTING else None


def _fit(letters: _Letters, alphabet: str, frequent: str = "") -> tuple[float, int, float]:
    """How well letters are those of a language, from 0 to 1; how many are; and where the script is another one, what
    part of them is `frequent`. There none stands beside a letter of ASCII."""
    fitting = [letter for letter in letters.found if letter in alphabet]
    if not fitting:
        return 0.0, 0, 0.0
    share = sum(letter in frequent for letter in fitting) / len(fitting) if frequent else 1.0
    odd = letters.odd + (letters.mixed if frequent else 0)
    fit = len(fitting) / (len(letters.found) + odd)
    return (fit, len(fitting), share) if share >= _FREQUENT else (0.0, 0, share)


def _letters(text: str) -> _Letters:
    found: list[str] = []
    mixed = odd = 0
    padded = f" {text} "
    for match in _FOREIGN.finditer(text):
        sign = match[0]
        before, after = padded[match.start()], padded[match.start() + 2]
        if sign in _SIGNS:
            odd += after.isalpha() and (sign in _BEHIND or (sign not in _IN_WORDS and before.isalpha()))
        elif not sign.isalpha() and not unicodedata.category(sign).startswith("M"):
            odd += 1
        elif sign.isupper() and before.isalpha():
            odd += 1  # words do not go on in capitals
        else:
            found.append(sign.lower()[:1])
            mixed += (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
    return _Letters(tuple(found), mixed, odd)
