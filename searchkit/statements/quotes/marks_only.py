"""Find speech in languages without a pack: words in quotation marks, and dialogue behind a dash.

A few words in marks are spoken if they end as a sentence does or stand next to a colon or a verb of speech; other words
are a term or a title.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from searchkit.statements.quotes import marks
from searchkit.statements.quotes.marks import Quoted
from searchkit.statements.text import SENTENCE_ENDS, Span, fold
from searchkit.statements.word_lists import parts

# Fewer words than this in marks, without a cue and without an end of sentence, only set a term apart.
FEWEST_WORDS = 4
# A title or the name of a body has at most so many words.
_LONGEST_TITLE = 6
# Scripts without spaces, and how many characters make a word: Han; kana; Thai, Lao, Tibetan, Burmese, Khmer.
_UNSPACED = (
    (re.compile("[\u3400-\u9fff\uf900-\ufaff]"), 2.5),
    (re.compile("[\u3041-\u30ff]"), 3),
    (re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]"), 5),
)
_UNSPACED_LANGUAGES = frozenset({"zh", "yue", "ja", "th"})
# How far around the marks a verb of speech stands: characters, words before, words after.
_REACH, _WORDS_BEFORE, _WORDS_AFTER = 60, 4, 3
_UNSPACED_REACH = 14
_STOP = re.compile(f"[{SENTENCE_ENDS};；\n]")
_DASHES = "—–―"
_OPENS_DIALOGUE = re.compile(rf"[{_DASHES}-](?P<gap>[ \u00a0]?)(?=[¿¡«\"“„(]?[^\W\d_])")
# Where the narrator may take over: ", — said Lind" (a hyphen with spaces serves too), " —said Lind—", ", says Lind".
_TURN = re.compile(
    rf"(?P<stop>[,!?…»”\".]?)[ \u00a0](?P<dash>[{_DASHES}]|-(?= ))(?P<gap>[ \u00a0]?)(?=[^\W\d_])|[,!?…] (?=[^\W\d_])"
)
_SENTENCE_GAP = re.compile("[.!?…] ")
_DASH = re.compile(rf"[ \u00a0]?[{_DASHES}][ \u00a0]?[.,:]?[ \u00a0]?| - ")


class _Verbs(Struct, frozen=True):
    """The verbs of speech of a language; `following` stand directly behind a closing mark, `not_following` do not."""

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    following: tuple[str, ...] = ()
    not_following: tuple[str, ...] = ()
    unspaced: bool = False

    def are_in(self, text: str, *, last: int = 0, first: int = 0) -> bool:
        """Return whether a verb is among the `last` or the `first` words of `text`."""
        if self.unspaced:
            near = fold(text[-_UNSPACED_REACH:] if last else text[:_UNSPACED_REACH])
            return any(word in near for word in self.words)
        near_words = [word.strip(",.:;!?…«»“”\"'()،") for word in text.split()]
        chosen = near_words[-last:] if last else near_words[:first]
        return any(word in self.words or word.startswith(self.stems) for word in map(fold, chosen))


@lru_cache(maxsize=64)
def _verbs(language: str) -> _Verbs:
    written = next((words for codes, words in parts("speech_verbs.txt").items() if language in codes.split()), ())
    plain = [fold(word) for word in written if word[0] not in "+-"]
    return _Verbs(
        words=frozenset(word for word in plain if word[-1] != "*"),
        stems=tuple(word[:-1] for word in plain if word[-1] == "*"),
        following=tuple(word[1:] for word in written if word[0] == "+"),
        not_following=tuple(word[1:] for word in written if word[0] == "-"),
        unspaced=language in _UNSPACED_LANGUAGES,
    )


def word_count(words: str) -> int:
    """Return the number of words; in scripts without spaces, an estimate from the number of characters."""
    spaced = len(words.split())
    if words.isascii():
        return spaced
    return max(spaced, round(sum(len(script.findall(words)) / length for script, length in _UNSPACED)))


def find(text: str, paragraphs: Sequence[Span], quoted: Sequence[Quoted], language: str) -> list[tuple[Span, ...]]:
    """Return the spans of each statement, in order: more than one where the narrator interrupts the words."""
    reader = _Reader(text, paragraphs, _verbs(language))
    found = list(reader.dialogue())
    spoken = [Span(spans[0].start, spans[-1].end) for spans in found]
    at = 0
    for stretch in quoted:
        while at < len(spoken) and spoken[at].end <= stretch.span.start:
            at += 1
        if (at == len(spoken) or not spoken[at].overlaps(stretch.span)) and reader.is_speech(stretch):
            found.append(reader.without_narrator(stretch.span))
    return sorted(found)


class _Reader:
    def __init__(self, text: str, paragraphs: Sequence[Span], verbs: _Verbs) -> None:
        self._text = text
        self._paragraphs = paragraphs
        self._verbs = verbs

    def is_speech(self, stretch: Quoted) -> bool:
        """Return whether words in marks are spoken, and not a term, a title or a name."""
        text, span = self._text, stretch.span
        inner = stretch.inner(text).strip()
        if not any(map(str.isalpha, inner)):
            return False
        count = word_count(inner)
        if count > _LONGEST_TITLE or marks.ends_sentence(inner) or inner[-1] in ",，،":
            return True
        before = _STOP.split(text[max(0, span.start - _REACH) : span.start])[-1].rstrip(" \u00a0")
        behind = text[span.end : span.end + _REACH].partition("\n")[0]
        if self._is_followed_by_speech(behind):
            return True
        ends = not behind.strip() or behind[0] in SENTENCE_ENDS
        is_announced = before.endswith((":", "：")) or self._verbs.are_in(before, last=_WORDS_BEFORE)
        if count < FEWEST_WORDS:
            introduced = before.endswith((":", "：")) or self._verbs.are_in(before, last=1)
            return introduced and (ends or (self._verbs.unspaced and behind[0] in ",，、"))
        names = inner[0].isupper() and bool(before) and before[-1] not in ",،("
        return is_announced or not (names or marks.is_heading(inner) or text[span.start] in "『﹃")

    def _is_followed_by_speech(self, behind: str) -> bool:
        """Return whether what follows the closing mark reports the words: `”, said Lind`."""
        verbs = self._verbs
        rest = behind.lstrip()
        if rest.startswith(verbs.following) and not rest.startswith(verbs.not_following):
            return True
        if rest[:1] not in f",،，{_DASHES}-":
            return False
        rest = rest.lstrip(f",،，{_DASHES}- \u00a0")
        if rest[:1] in marks.OPENERS:
            return False  # a list of terms
        return verbs.are_in(_STOP.split(rest, maxsplit=1)[0], first=_WORDS_AFTER)

    def without_narrator(self, span: Span) -> tuple[Span, ...]:
        """Return the parts of words in marks around `, — said Lind. —`."""
        return self._spoken(span, in_marks=True)

    def dialogue(self) -> Iterator[tuple[Span, ...]]:
        """Yield the spans of the words of each paragraph of dialogue."""
        run: list[tuple[re.Match[str], Span]] = []
        before = ""  # what ends the paragraph before the run
        for paragraph in self._paragraphs:
            dash = _OPENS_DIALOGUE.match(self._text, paragraph.start, paragraph.end)
            if dash is not None and not self._text[dash.end()].islower():
                run.append((dash, Span(dash.end(), paragraph.end)))
                continue
            yield from self._run(run, before)
            run, before = [], self._text[paragraph.end - 1]
        yield from self._run(run, before)

    def _run(self, run: Sequence[tuple[re.Match[str], Span]], before: str) -> Iterator[tuple[Span, ...]]:
        """Yield the lines of consecutive paragraphs that are dialogue, and not the items of a list or a signature.

        A narrator, a question, an exclamation, or a dash next to the words as in Spanish, show dialogue.
        """
        text = self._text
        lines = [(dash, words, self._spoken(words), marks.ends_sentence(words.of(text))) for dash, words in run]
        is_dialogue = any(
            spoken != (words,) or (ends and (not dash["gap"] or text[words.end - 1] in "?!"))
            for dash, words, spoken, ends in lines
        )
        is_list = len(run) > 1 and before == ":"
        for dash, words, spoken, ends in lines:
            is_said = ends and (is_dialogue or before == ":" or word_count(words.of(text)) >= FEWEST_WORDS)
            if spoken != (words,) or (dash[0][0] != "-" and is_said and (is_dialogue or not is_list)):
                yield spoken

    def _spoken(self, words: Span, *, in_marks: bool = False) -> tuple[Span, ...]:
        """Return the parts of `words` that the narrator does not say; `in_marks` only a verb shows the narrator."""
        text, start = self._text, words.start
        spoken: list[Span] = []
        for turn in _TURN.finditer(text, words.start, words.end):
            if turn.start() < start or not self._narrates(turn, words.end, in_marks=in_marks):
                continue
            spoken.append(Span(start, turn.start() + (text[turn.start()] in "!?….»”")))
            back = (_DASH if turn["dash"] else _SENTENCE_GAP).search(text, turn.end(), words.end)
            start = back.end() if back is not None else words.end
            if back is None:
                break
        spoken.append(Span(start, words.end))
        return tuple(span for span in spoken if any(map(str.isalpha, span.of(text))))

    def _narrates(self, turn: re.Match[str], end: int, *, in_marks: bool) -> bool:
        following = self._text[turn.end() : min(end, turn.end() + _REACH)]
        if not following[0].islower() or (in_marks and not turn["dash"]):
            return False
        if self._verbs.are_in(_STOP.split(following, maxsplit=1)[0], first=_WORDS_AFTER if turn["dash"] else 1):
            return True
        dashed = turn["dash"] not in {None, "-"} and (turn["stop"] in set(",!?…") or not turn["gap"])
        return dashed and not in_marks
