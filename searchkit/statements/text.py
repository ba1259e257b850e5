"""Text: spans, normalization, paragraphs, sentences, comparison keys, and escaping for display.

Normalization runs once, at the end of parse; afterwards every span counts code points of the normalized text.
Tokenization for search is in index/analysis.py.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct, to_builtins


class Span(Struct, frozen=True, order=True, array_like=True, gc=False):
    """A half-open range of code points in the text of an article."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    def covers(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


# Patterns that a search does not need are strings, compiled on first use.
_LINE_ENDS = "\r\n|[\r\u2028\u2029\v\f\x85]"
# Control codes except tab and line feed, byte order mark, soft hyphen, zero-width space, word joiner. The joiners
# U+200C/D stay, because some scripts need them.
_MEANINGLESS = "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff]"
# The characters of scripts without spaces, for a class of a regular expression: each counts as a word.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED = re.compile(f"[{UNSPACED}]")
_SURROGATES = "[\ud800-\udfff]"


def normalize(text: str) -> str:
    """Return text as articles store it: NFC, `\\n` line ends, no control or invisible characters.

    Clean text stays unchanged, so its offsets stay valid. White space at the end is removed; lone surrogates become
    U+FFFD.
    """
    if not text.isascii():
        text = re.sub(_SURROGATES, "\ufffd", text)
    text = re.sub(_MEANINGLESS, "", re.sub(_LINE_ENDS, "\n", text))
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.rstrip()


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


_BLANK_LINES = r"\n[ \t\u00a0\u3000]{0,400}\n\s{0,400}"
# In a hard-wrapped block, lines of terminal or print width break in mid-sentence.
_WRAP_WIDTH = range(40, 101)
_SENTENCE_END = tuple(".!?:;\"'”’»…)]。！？」")


def _is_hard_wrapped(lines: list[str]) -> bool:
    body = [line.rstrip() for line in lines[:-1] if line.strip()]
    if not body or (len(body) == 1 and not lines[-1].lstrip()[:1].islower()):
        return False  # a single line break is a wrap only inside a sentence
    mid_sentence = sum(1 for line in body if len(line) in _WRAP_WIDTH and not line.endswith(_SENTENCE_END))
    return mid_sentence * 2 > len(body) and all(len(line) < _WRAP_WIDTH.stop for line in body)


def paragraphs(text: str) -> tuple[Span, ...]:
    """Return the paragraphs of normalized text, without surrounding white space.

    A blank line ends a paragraph; so does a line break, except in a hard-wrapped block.
    """
    spans: list[Span] = []
    position = 0
    blocks: list[tuple[int, int]] = []
    for gap in re.finditer(_BLANK_LINES, text):
        blocks.append((position, gap.start()))
        position = gap.end()
    blocks.append((position, len(text)))
    for start, end in blocks:
        lines = text[start:end].split("\n")
        if _is_hard_wrapped(lines):
            spans.append(_trimmed(text, start, end))
            continue
        offset = start
        for line in lines:
            spans.append(_trimmed(text, offset, offset + len(line)))
            offset += len(line) + 1
    return tuple(span for span in spans if span.start < span.end)


# Abbreviations whose full stop does not end a sentence.
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof sen rep gov gen col lt sgt capt cmdr maj adm hon rev st mt no nos vs jan feb mar apr jun jul aug
    sep sept oct nov dec u.s u.k u.n e.u inc corp co ltd llc plc bros jr sr fig art sec ch ed vol pp cf al approx dept
    est ave blvd rd messrs mme mlle pres atty insp supt const cpl pvt fr ph.d m.d d.c
    z z.b u.a d.h bzw ca nr str evtl ggf vgl mio mrd dipl ing
    """.split()
)
_NUMBERED = frozenset(
    "no nos nr vol art fig sec ch ed pp".split()
)  # abbreviations before a number; "vol" is also a word
# Of every script: full-width, Arabic, Urdu, Devanagari, Armenian, Ethiopic, Khmer, Burmese and Tibetan stops.
SENTENCE_ENDS = ".!?…。！？｡؟۔।॥։።។။།"
# German quotation marks close with the character that opens English ones.
_STOP = re.compile(rf"[{SENTENCE_ENDS}][{SENTENCE_ENDS}]{{0,7}}[\"'”’»)\]」』｣）“‘«]{{0,4}}")
# Japanese goes on behind a quotation: "「…。」と述べた".
_GOES_ON = ("と", "って", "など")
# After these words, or before a month, "3." is a German ordinal.
_BEFORE_ORDINAL = frozenset("am der dem den des das vom zum zur im beim bis ab jeden jedem".split())
_MONTHS = frozenset("januar februar märz mai juni juli oktober dezember jänner".split())
_ORDINAL = re.compile(r"([^\W\d_]{1,20})[ \u00a0]\d{1,2}$")
_SHORT_NUMBER = re.compile(r"(?<!\d)\d{1,2}$")
_NEXT_WORD = re.compile(r"\s{1,4}([^\W\d_]{1,20})")
# Matches reversed text, because a search for a match that ends at a place takes quadratic time.
_LAST_WORD = re.compile(r"\n?([\w.]{1,40})")
_CLOSERS_ONLY_CJK = "。！？｡"


def sentences(text: str, within: Span | None = None) -> Iterator[Span]:
    """Yield the sentences of `text`, or of the part `within`, without surrounding white space.

    A stop ends a sentence if white space and no lower-case letter follow, unless it ends an abbreviation, an initial or
    a German ordinal.
    """
    start = within.start if within else 0
    end = within.end if within else len(text)
    begin = start
    for stop in _STOP.finditer(text, start, end):
        after = stop.end()
        if after >= end:
            break
        written = stop[0]
        if written[0] in _CLOSERS_ONLY_CJK:
            if written[-1] in "」』｣" and text.startswith(_GOES_ON, after):
                continue
        else:
            if not text[after].isspace():
                continue
            following = after + 1
            while following < end and text[following].isspace():
                following += 1
            if following < end and text[following].islower():
                continue
            if written == ".":
                place = after - 1
                if _ends_abbreviation(text, place, begin):
                    continue
                if text[place - 1 : place].isdigit() and _is_ordinal(text, place, begin):
                    continue
        span = _trimmed(text, begin, after)
        if span.start < span.end:
            yield span
        begin = after
    span = _trimmed(text, begin, end)
    if span.start < span.end:
        yield span


def _is_ordinal(text: str, stop: int, begin: int) -> bool:
    """Return whether the number before `stop` is a German ordinal: "am 3. Oktober", "im 19. Jahrhundert"."""
    number = _ORDINAL.search(text, max(begin, stop - 24), stop)
    if number is not None and number[1].lower() in _BEFORE_ORDINAL:
        return True
    following = _NEXT_WORD.match(text, stop + 1)
    return (
        following is not None
        and following[1].lower() in _MONTHS
        and _SHORT_NUMBER.search(text, max(begin, stop - 3), stop) is not None
    )


def _ends_abbreviation(text: str, stop: int, begin: int) -> bool:
    word = _LAST_WORD.match(text[max(begin, stop - 40) : stop][::-1])
    if word is None:
        return False
    token = word[1][::-1]
    if len(token) == 1 and token.isupper():  # an initial: "J. Doe"
        return True
    if token.isupper() and all(len(letter) == 1 for letter in token.split(".")):  # initials: "J.P. Doe"
        return True
    if token.casefold() in _NUMBERED:  # "would vote no.", but "No. 7" and "no. 7"
        return text[stop + 1 :].lstrip()[:1].isdigit()
    return token.casefold() in _ABBREVIATIONS


MIN_SOUND = 5  # letters; shorter names sound alike by chance
_APOSTROPHES = "’‘ʼ`´＇"
# Characters that no reader sees (Unicode: Default_Ignorable_Code_Point), as a class of regular expressions.
IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_IGNORABLE = f"[{IGNORABLE}]"
# Forms of one Arabic letter: those of Persian and Urdu, at the end of words, and tatweel, which only widens a word.
_ARABIC = dict(zip("کڪیىېےةہەٱـ", [*"ككييييههها", ""], strict=True))


def plain_key(text: str) -> str:
    """Return the words of `text` without case and accents. Ids of statements are made of it: it must not change."""
    return " ".join(_key_words(_without_accents(text).replace(".", "")))


def _without_accents(text: str, *, keeps_words: bool = False) -> str:
    """Return `text` without case and accents. Unicode decomposes an accent of its own width to a blank and the accent;
    with `keeps_words` that blank goes too."""
    if text.isascii():
        return text.lower()
    # Replacing each character in turn is ten times faster than looping over the text.
    for apostrophe in _APOSTROPHES:
        text = text.replace(apostrophe, "'")
    decomposed = unicodedata.normalize("NFKD", text)
    for accent in filter(unicodedata.combining, set(decomposed)):
        decomposed = (decomposed.replace(f" {accent}", "") if keeps_words else decomposed).replace(accent, "")
    return decomposed.casefold()


def without_ignorable(text: str) -> str:
    """Return `text` without characters that no reader sees."""
    return text if text.isascii() else re.sub(_IGNORABLE, "", text)


def fold(text: str) -> str:
    """Return `text` without case, accents and ignorable characters, with plain apostrophes and one form of each Arabic
    letter, for comparison. Text of nothing else stays as it is, so no word becomes empty."""
    if text.isascii():
        return text.lower()
    folded = without_ignorable(_without_accents(text, keeps_words=True))
    for letter in _ARABIC.keys() & set(folded):
        folded = folded.replace(letter, _ARABIC[letter])
    return folded if folded.strip() else text


@lru_cache(maxsize=1 << 15)
def fold_word(word: str) -> str:
    """Return `fold` of one word, cached."""
    return fold(word)


def fold_words(words: list[str]) -> list[str]:
    """Return each of `words` folded. No word may contain a space."""
    joined = " ".join(words)
    if joined.isascii():
        return joined.lower().split(" ") if words else []
    return [word.lower() if word.isascii() else fold_word(word) for word in words]


_KEY_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+|[%$€£]")
_RUN_OF_LETTERS = re.compile(r"[^\W\d_]+")
# Tables of ASCII that put blanks between words: `str.translate` splits a text ten times as fast as a pattern.
_ASCII = "".join(map(chr, range(128))).lower()
_KEY_TABLE = re.sub("[^a-z0-9_%$]", " ", _ASCII)
_LETTER_TABLE = re.sub("[^A-Za-z]", " ", "".join(map(chr, range(128))))


def letter_words(text: str) -> list[str]:
    """Return the runs of letters in a text."""
    return text.translate(_LETTER_TABLE).split() if text.isascii() else _RUN_OF_LETTERS.findall(text)


def _key_words(text: str) -> list[str]:
    """Return the words, the currency and percent signs of a text in small letters."""
    if not text.isascii():
        return _KEY_WORD.findall(text)
    words = text.translate(_KEY_TABLE)
    return (words.replace("%", " % ").replace("$", " $ ") if "%" in words or "$" in words else words).split()


def word_key(text: str) -> str:
    """Return the words of `text` folded, without punctuation, between single spaces."""
    return " ".join(_key_words(text) if text.isascii() else fold_words(_KEY_WORD.findall(text)))


def word_count(text: str) -> int:
    """Return the number of words in a text; two characters of scripts without spaces count as one."""
    return len(text.split()) + len(_UNSPACED.findall(text)) // 2


def name_key(name: str) -> str:
    """Return `name` folded, without dots, other punctuation as single spaces: `U.S. Gov't` -> `us gov t`."""
    return " ".join(_key_words(fold(name).replace(".", "")))


_INITIAL = re.compile(r"(?:[A-Z]\.-?){1,4}")
_GENERATIONS = frozenset("jr sr ii iii iv".split())


def family_name(name: str) -> str:
    """Return the last word of a person's name, without the generation: `Vance` of `Otto B. Vance Jr.`."""
    *words, last = name.split(" ")
    return words[-1] if words and last.strip(".,").lower() in _GENERATIONS else last


def person_key(name: str) -> str:
    """Return a person's name without inner initials: `Joseph R. Biden Jr.` -> `Joseph Biden Jr.`."""
    words = name.split()
    kept = words[:1] + [word for word in words[1:] if _INITIAL.fullmatch(words[0]) or not _INITIAL.fullmatch(word)]
    return " ".join(kept) if len(kept) > 1 else name


def slug(name: str) -> str:
    """Return `name` as part of an id: `Tiandy Technologies` -> `tiandy-technologies`."""
    return name_key(name).replace(" ", "-")


# Cyrillic, Armenian and Cherokee letters, and the Greek ones that look like Latin letters.
_LOOKALIKE = re.compile("[ΑΒΕΖΗΙΚΜΝΟΡΤΥΧνορ\u0400-\u058f\u13a0-\u13ff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


def mixed_words(text: str) -> tuple[str, ...]:
    """Return the words of four letters or more that mix Latin letters with others that may look like them."""
    if text.isascii() or _LOOKALIKE.search(text) is None:
        return ()
    words = dict.fromkeys(re.findall(r"[^\W\d_]{4,64}", without_ignorable(text)))
    return tuple(word for word in words if _LATIN.search(word) and _LOOKALIKE.search(word))


# Control codes, and characters that reorder or hide the text around them: bidirectional controls, zero-width
# characters, line and paragraph separators, lone surrogates.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    """Escape every character that could control a terminal or reorder text, as `\\x1b`, `\\u202e`."""
    return UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """Return `text` on one line, safe for a terminal."""
    return visible(" ".join(text.split()))


def xml_text(text: str) -> str:
    """Return `text` on one line without characters that XML cannot hold; `one_line` has escaped most of them."""
    return "".join(char for char in one_line(text) if char not in "\ufffe\uffff")


def counted(number: int, noun: str, many: str = "") -> str:
    """Return "1 document", "1,200 documents"; `many` is the plural if it is not `noun` with an s."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def minute_text(time: str) -> str:
    """Return a time (ISO 8601 UTC) to the minute: "2024-01-31 09:30 UTC"."""
    return f"{time[:16].replace('T', ' ')} UTC"


# Usual names of secret parameters, perhaps with a prefix: `X-Amz-Signature`, `api_key`.
_REDACTED = (
    r"(?i)([?&;#](?:[A-Za-z0-9]{1,40}[_.-]){0,4}(?:[a-z0-9]{0,30}token|[a-z0-9]{0,30}secret|key|apikey|sig|sign|signature|"
    r"pass|passwd|password|passphrase|pwd|auth|authorization|credentials?|jwt|session|sessionid|sid)=)"
    r"[^&#\s\"'<>]{1,4000}"
)
_USER = r"(?<=://)[^\s/?#]{1,4000}@"


def redacted(text: str) -> str:
    """Replace secrets in the addresses of `text` by `***`: user names, passwords, secret parameters.

    The store keeps complete addresses for the crawler; messages show them redacted.
    """
    if "=" in text:
        text = re.sub(_REDACTED, r"\1***", text)
    return re.sub(_USER, "***@", text) if "@" in text else text


def safe_json(value: object, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """Return `value`, data or a Struct, as JSON; characters that control a terminal or reorder text are escaped."""
    import json  # a query in the terminal does not need it

    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent, default=to_builtins)
    return UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
