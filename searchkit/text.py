"""Text: spans, the one normalization, paragraphs, sentences, comparison keys, and how it is shown safely.

takes:    any string
gives:    normalized text; spans into it; keys under which two spellings are the same; what may be shown of a text
does not: decode bytes, tokenize for search (index/analysis.py does), know any language's words but abbreviations
traps:    normalization runs exactly once, at the end of parse; afterwards every span counts code points of that text
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct


class Span(Struct, frozen=True, order=True):
    """A half-open range of code points, `start` <= `end`, into the text of an article."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The slice of `text` that this span covers."""
        return text[self.start : self.end]

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share at least one code point."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: "Span") -> bool:
        """Whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end


# Patterns that a search has no use for stand as they are written: `re` compiles them when they are first used.

# Line ends of every system become one; U+2028/9, vertical tab and form feed end lines too.
_LINE_ENDS = "\r\n|[\r\u2028\u2029\v\f\x85]"
# Signs that mean nothing inside an article: other control codes (tab and line feed stay), the byte order mark,
# soft hyphen, zero width space, word joiner. Joiners U+200C/D stay: some scripts need them.
_MEANINGLESS = "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff]"
_SURROGATES = "[\ud800-\udfff]"


def normalize(text: str) -> str:
    """Article text in its one stored form: NFC, `\\n` line ends, no control or invisible filler signs.

    Idempotent, and the identity on text that is already clean, so that offsets of clean input stay true.
    White space is kept but at the end. Lone surrogates become U+FFFD.
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
# A hard-wrapped block (mail, plain text): lines of typical terminal or print width that break in mid-sentence.
_WRAP_WIDTH = range(40, 101)
_SENTENCE_END = tuple(".!?:;\"'”’»…)]。！？」")


def _is_hard_wrapped(lines: list[str]) -> bool:
    body = [line.rstrip() for line in lines[:-1] if line.strip()]
    if not body or (len(body) == 1 and not lines[-1].lstrip()[:1].islower()):
        return False  # one line end alone is a wrap only when the sentence plainly goes on
    mid_sentence = sum(1 for line in body if len(line) in _WRAP_WIDTH and not line.endswith(_SENTENCE_END))
    return mid_sentence * 2 > len(body) and all(len(line) < _WRAP_WIDTH.stop for line in body)


def paragraphs(text: str) -> tuple[Span, ...]:
    """The paragraphs of normalized `text`, in order, without white space at their ends.

    A blank line always ends a paragraph. A single line end does too, unless the block around it is hard-wrapped.
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


# Abbreviations after which a full stop does not end a sentence when a capital follows.
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof sen rep gov gen col lt sgt capt cmdr maj adm hon rev st mt no nos vs jan feb mar apr jun jul aug
    sep sept oct nov dec u.s u.k u.n e.u inc corp co ltd llc plc bros jr sr fig art sec ch ed vol pp cf al approx dept
    est ave blvd rd messrs mme mlle pres atty insp supt const cpl pvt fr ph.d m.d d.c
    z z.b u.a d.h bzw ca nr str evtl ggf vgl mio mrd dipl ing
    """.split()
)
# German marks close with the sign that opens English ones; right after a stop it cannot open.
_STOP = re.compile(r"[.!?。！？…][.!?。！？…]{0,7}[\"'”’»)\]」』“‘«]{0,4}")
# German ordinals end with a stop: after these words, or before a month, "3." is one. None of these words is English.
_BEFORE_ORDINAL = frozenset("am der dem den des das vom zum zur im beim bis ab jeden jedem".split())
_MONTHS = frozenset("januar februar märz mai juni juli oktober dezember jänner".split())
_ORDINAL = re.compile(r"([^\W\d_]{1,20})[ \u00a0]\d{1,2}$")
_SHORT_NUMBER = re.compile(r"(?<!\d)\d{1,2}$")
_NEXT_WORD = re.compile(r"\s{1,4}([^\W\d_]{1,20})")
# Of the text read backwards: a search that ends at the stop would begin at every sign before it.
_LAST_WORD = re.compile(r"\n?([\w.]{1,40})")
_CLOSERS_ONLY_CJK = "。！？"


def sentences(text: str, within: Span | None = None) -> Iterator[Span]:
    """Sentence spans of `text` (or of the part `within`), in order, trimmed of white space.

    A stop ends a sentence when white space follows and then no lower-case letter, unless it closes a known
    abbreviation or an initial. Never raises; a text without stops is one sentence.
    """
    start = within.start if within else 0
    end = within.end if within else len(text)
    begin = start
    for stop in _STOP.finditer(text, start, end):
        after = stop.end()
        if after >= end:
            break
        if stop.group()[0] not in _CLOSERS_ONLY_CJK:
            if not text[after].isspace():
                continue
            following = after
            while following < end and text[following].isspace():
                following += 1
            if following < end and text[following].islower():
                continue
            if stop.group() == "." and _ends_abbreviation(text, stop.start(), begin):
                continue
            if stop.group() == "." and text[after - 2 : after - 1].isdigit() and _is_ordinal(text, stop.start(), begin):
                continue
        span = _trimmed(text, begin, after)
        if span.start < span.end:
            yield span
        begin = after
    span = _trimmed(text, begin, end)
    if span.start < span.end:
        yield span


def _is_ordinal(text: str, stop: int, begin: int) -> bool:
    """Whether the number before `stop` is a German ordinal: "am 3. Oktober", "im 19. Jahrhundert"."""
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
    return token.casefold() in _ABBREVIATIONS


_KEY_WORD = re.compile(r"\w+")
_APOSTROPHES = "’‘ʼ`´＇"


def fold(text: str) -> str:
    """`text` without case and accents, apostrophes plain: the key under which spellings of one word are the same."""
    if text.isascii():
        return text.lower()
    # Replacing sign by sign is ten times faster than a look at each sign of the text.
    for apostrophe in _APOSTROPHES:
        text = text.replace(apostrophe, "'")
    decomposed = unicodedata.normalize("NFKD", text)
    for accent in filter(unicodedata.combining, set(decomposed)):
        decomposed = decomposed.replace(accent, "")
    return decomposed.casefold()


@lru_cache(maxsize=1 << 15)
def fold_word(word: str) -> str:
    """`fold` of one word, remembered: the words of a language come again and again. Not for whole texts."""
    return fold(word)


def fold_words(words: list[str]) -> list[str]:
    """Each of `words` folded; none holds a space."""
    joined = " ".join(words)
    if joined.isascii():
        return joined.lower().split(" ") if words else []
    return [word.lower() if word.isascii() else fold_word(word) for word in words]


def name_key(name: str) -> str:
    """`name` folded, its dots dropped and other signs as single spaces: `U.S. Gov't` -> `us gov t`."""
    return " ".join(_KEY_WORD.findall(fold(name).replace(".", "")))


def slug(name: str) -> str:
    """`name` as part of an id: `Tiandy Technologies` -> `tiandy-technologies`."""
    return name_key(name).replace(" ", "-")


# Control codes, and the signs that reorder or hide text around them (bidirectional controls, zero-width signs, line
# and paragraph separators, lone surrogates).
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    """`text` with every sign that could steer a terminal or reorder what is read written out as `\\x1b`, `\\u202e`."""
    return UNSEEN.sub(lambda sign: sign.group().encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """`text` safe for a terminal, on one line."""
    return visible(" ".join(text.split()))


# What opens a door, by the usual names of parameters, each perhaps with words before it: `X-Amz-Signature`, `api_key`.
_OPENS_A_DOOR = (
    r"(?i)([?&;#](?:[A-Za-z0-9]{1,40}[_.-]){0,4}(?:[a-z0-9]{0,30}token|[a-z0-9]{0,30}secret|key|apikey|sig|sign|signature|"
    r"pass|passwd|password|passphrase|pwd|auth|authorization|credentials?|jwt|session|sessionid|sid)=)"
    r"[^&#\s\"'<>]{1,4000}"
)
_USER = r"(?<=://)[^\s/?#]{1,4000}@"


def redacted(text: str) -> str:
    """`text` without the secrets of the addresses in it: names and passwords, and parameters that open doors, as `***`.

    What the crawler asks for is kept whole in the store; what is told of it is told so."""
    if "=" in text:
        text = re.sub(_OPENS_A_DOOR, r"\1***", text)
    return re.sub(_USER, "***@", text) if "@" in text else text


def safe_json(value: object, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """`value` as JSON, on one line without `indent`. Signs that steer a terminal or reorder text are escapes in it,
    which a reader of JSON turns back."""
    import json  # not every command writes any

    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    return UNSEEN.sub(lambda sign: f"\\u{ord(sign.group()):04x}", text)
