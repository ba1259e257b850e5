"""Transcripts and interviews: who says which paragraph, where labels or questions stand in front of the words.

takes:    an article, its paragraphs and mentions, a language pack
gives:    Turns: a paragraph each, with its words, its label and its Voice; none where the article is no transcript
does not: read sentences; labels that stand once (labels/ does)
traps:    a turn goes on over paragraphs without a label until somebody else speaks, or the writer does
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from searchkit.document import Article, Mention
from searchkit.extract.packs import Pack
from searchkit.extract.transcripts import interviewee
from searchkit.extract.transcripts.turn_lines import Line
from searchkit.extract.transcripts.voices import NOBODY, Voice, Voices
from searchkit.text import Span, fold

# In a transcript a speaker returns.
_FEWEST_TURNS = 2
# Questions without a label make an interview if there are so many.
_FEWEST_QUESTIONS = 3
_WORD = re.compile(r"[^\W\d_][\w'’&]{0,40}")
_ENDED = re.compile(r"[.!?…—–-][\"'”’»)\]*_]{0,4}$")
_ASKED = re.compile(r"\?[)\]*_]{0,4}$")
_STAGED = re.compile(r"[\"“]?(?:\([^()]{0,300}\)|\[[^\[\]]{0,300}\])[.\"”]{0,2}")
_NUMBERED = re.compile(r"\d{1,2}[.)] {1,4}(?=\S)")
_QUOTED = re.compile(r"[\"“][^\"“”\n]{1,2000}[\"”]")
# So many words without a full stop are a heading; so many behind a quotation hold its "she said".
_LONGEST_HEADING = 8
_ATTRIBUTION = 3
_LONGEST_QUESTION = 90
# Over so many paragraphs without a label a turn goes on; more are a text between two excerpts.
_LONGEST_TURN = 6


class Turn(Struct, frozen=True, kw_only=True):
    """A paragraph (by number) or what its label leaves of it. `name` is the label, if it has one itself or its turn
    has; `voice` None leaves it to the label to tell. Paragraphs of one turn share `number`."""

    paragraph: int
    content: Span
    name: Span | None
    voice: Voice | None
    number: int


def find(
    article: Article, paragraphs: Sequence[Span], mentions: Sequence[Mention], pack: Pack, lines: Sequence[Line]
) -> tuple[Turn, ...]:
    """The turns of a transcript, in order; `lines` are those of its paragraphs that begin with a label."""
    reader = _Transcript(article, paragraphs, mentions, pack, lines)
    return reader.labeled() or reader.unlabeled()


class _Transcript:
    def __init__(
        self,
        article: Article,
        paragraphs: Sequence[Span],
        mentions: Sequence[Mention],
        pack: Pack,
        lines: Sequence[Line],
    ) -> None:
        self._article = article
        self._text = article.text
        self._paragraphs = paragraphs
        self._mentions = mentions
        self._pack = pack
        self._lines = lines
        self._people = [mention.span.start for mention in mentions if mention.kind == "person"]
        self._first = pack.words["first-person"]
        self._second = pack.words["second-person"]
        self._own = self._first | self._second
        self._actors = self._own - pack.words["addressee"]
        self._meta = (pack.words["about-the-text"], pack.words["edited"])

    def labeled(self) -> tuple[Turn, ...]:
        """The turns that labels tell."""
        if len(self._lines) < _FEWEST_TURNS:
            return ()
        voices = Voices(self._text, self._mentions, self._lines, self._pack)
        voice_of = {line.paragraph: voices.of(line) for line in self._lines if line.sort in {"name", "part"}}
        speaking = self._speaking(voice_of)
        if not speaking:
            return ()
        answerer = NOBODY
        if any(line.sort == "answer" for line in speaking.values()):
            # Where others have labels too, the only one named may be any of them.
            others = any(line.sort in {"name", "part"} for line in speaking.values())
            answerer = self._answerer(min(speaking), told=others)
        labels = {line.paragraph: line for line in self._lines}
        last = max(speaking)
        turns: list[Turn] = []
        current: tuple[Span, Voice | None] | None = None
        number = gap = 0
        waits = False
        settled = True  # nothing but words stood between the label and here
        for at, paragraph in enumerate(self._paragraphs):
            line = speaking.get(at)
            if line is not None:
                voice = NOBODY if line.sort == "question" else answerer
                if line.sort in {"name", "part"}:
                    voice = voice_of[at] or (NOBODY if line.sort == "part" else None)  # type: ignore[assignment]  # None: the label tells
                current, gap, settled = (line.name, voice), 0, True
                number += 1
                waits = paragraph.end <= line.start  # the words stand below
                if not waits:
                    turns.append(self._turn(at, Span(line.start, paragraph.end), line.name, voice, number))
            elif current is None:
                continue
            elif at in labels or gap >= _LONGEST_TURN:
                current = None
            elif _STAGED.fullmatch(self._text, paragraph.start, paragraph.end) or (
                self._is_heading(paragraph) and not waits
            ):
                settled = False
            elif waits or self._goes_on(paragraph, current[1], ends=at > last, settled=settled):
                gap, waits = gap + 1, False
                turns.append(self._turn(at, paragraph, current[0], current[1], number))
            else:
                current = None
        return tuple(turns)

    @staticmethod
    def _turn(paragraph: int, content: Span, name: Span | None, voice: Voice | None, number: int) -> Turn:
        return Turn(paragraph=paragraph, content=content, name=name, voice=voice, number=number)

    def _speaking(self, voice_of: dict[int, Voice | None]) -> dict[int, Line]:
        """The lines whose labels speak, by paragraph; none where the labels make no transcript."""
        lines = [line for line in self._lines if line.sort != "never"]
        others = {line.key for line in lines if len(line.key) == 1 and line.sort == "name"}
        if others:  # A, B, C and D are to choose from
            lines = [line for line in lines if line.sort in {"name", "part"} and len(line.key) > 1]
        keys = {line.paragraph: self._key(line, voice_of) for line in lines}
        turns = Counter(keys.values())
        known = {
            keys[line.paragraph]
            for line in lines
            if (voice := voice_of.get(line.paragraph)) is not None and voice.entity_id is not None
        }
        capitals = {keys[line.paragraph] for line in lines if line.name.of(self._text).isupper()}
        returning = {key for key, count in turns.items() if count >= _FEWEST_TURNS}
        parts = {keys[line.paragraph] for line in lines if line.sort == "part"}
        asked = sum(1 for line in lines if line.sort == "question")
        answered = sum(1 for line in lines if line.sort == "answer")
        played = returning & (known | parts)
        if not (
            returning & known
            or (asked and answered)
            or (asked >= _FEWEST_TURNS and parts)
            or (played and max(len(returning), len(parts)) >= _FEWEST_TURNS)
        ):
            return {}
        firm = known | returning
        speaking = [
            line
            for line in lines
            if line.sort in {"question", "answer"}
            or (key := keys[line.paragraph]) in firm
            or (line.sort == "part" and (key in capitals or not capitals))
            or (key in capitals and played & capitals)
        ]
        speaking = [line for line in speaking if not line.what or line.what.isupper() or keys[line.paragraph] in firm]
        ended = sum(1 for line in speaking if self._ends(line))
        return {line.paragraph: line for line in speaking} if ended * 2 > len(speaking) else {}

    @staticmethod
    def _key(line: Line, voice_of: dict[int, Voice | None]) -> str:
        """The person whom a label means, or the label."""
        voice = voice_of.get(line.paragraph)
        return voice.entity_id if voice is not None and voice.entity_id is not None else line.key

    def _ends(self, line: Line) -> bool:
        """Whether the words of the line end as a sentence does, or stand below it."""
        paragraph = self._paragraphs[line.paragraph]
        return line.start >= paragraph.end or bool(_ENDED.search(self._text, paragraph.end - 6, paragraph.end))

    def _answerer(self, first: int, *, told: bool) -> Voice:
        found = interviewee.find(self._article, self._paragraphs, self._mentions, self._pack, first)
        if found is None or (told and not found.told):
            return NOBODY
        mention = found.mention
        return Voice(entity_id=mention.entity_id, name=mention.name, by="role", antecedent=mention.span)

    # --- what goes on ---

    def _is_heading(self, paragraph: Span) -> bool:
        words = paragraph.of(self._text)
        return len(words.split()) <= _LONGEST_HEADING and words[-1].isalnum()

    def _goes_on(self, paragraph: Span, voice: Voice | None, *, ends: bool, settled: bool) -> bool:
        """Whether a paragraph without a label carries the turn on; `ends` where no other label follows."""
        spoken = _QUOTED.sub(" ", paragraph.of(self._text))
        words = [fold(word) for word in _WORD.findall(spoken)]
        if not words or self._is_told(paragraph, voice, words):
            return False
        if ends:
            return settled and any(word in self._actors for word in words)
        if any(word in self._own for word in words):
            return True
        reports = any(word in self._pack.cues for word in words) and self._names_person(paragraph)
        return not reports and words[0] not in self._pack.words["singular-pronoun"]

    def _names_person(self, paragraph: Span) -> bool:
        first, last = bisect_left(self._people, paragraph.start), bisect_left(self._people, paragraph.end)
        return first < last

    def _is_told(self, paragraph: Span, voice: Voice | None, words: Sequence[str]) -> bool:
        """Whether the writer tells the paragraph: of the speaker, of how the talk was held, or with a "she said"."""
        if voice is not None and voice.name and fold(voice.name).split()[-1] in words:
            return True
        about, edited = self._meta
        if any(word in about for word in words) and any(word in edited for word in words):
            return True
        text = self._text
        for quoted in _QUOTED.finditer(text, paragraph.start, paragraph.end):
            after = [fold(word) for word in _WORD.findall(text[quoted.end() : min(paragraph.end, quoted.end() + 40)])]
            near = after[:_ATTRIBUTION]
            if any(word in self._pack.cues for word in near) and not any(word in self._own for word in near):
                return True
        return False

    # --- interviews whose questions have no label ---

    def unlabeled(self) -> tuple[Turn, ...]:
        """The questions and answers of an interview that only its questions tell: numbered, or in bold type."""
        asked = [at for at in range(1, len(self._paragraphs)) if self._is_question(self._paragraphs[at])]
        if len(asked) < _FEWEST_QUESTIONS:
            return ()
        numbered = [at for at in asked if _NUMBERED.match(self._text, self._paragraphs[at].start)]
        asked = numbered if len(numbered) >= _FEWEST_QUESTIONS else asked
        addressed = sum(1 for at in asked if self._addresses(self._paragraphs[at]))
        answered = sum(1 for at in asked if at + 1 < len(self._paragraphs) and self._answers(at + 1, asked))
        if (addressed * 2 < len(asked) and not numbered) or answered * 2 < len(asked):
            return ()
        answerer = self._answerer(asked[0], told=True)
        if answerer.entity_id is None:
            return ()
        turns: list[Turn] = []
        questions, number, answering = set(asked), 0, False
        for at in range(asked[0], len(self._paragraphs)):
            paragraph = self._paragraphs[at]
            if at in questions:
                mark = _NUMBERED.match(self._text, paragraph.start)
                number, answering = number + 2, True
                start = mark.end() if mark is not None else paragraph.start
                turns.append(self._turn(at, Span(start, paragraph.end), None, NOBODY, number))
            elif answering and self._is_answer(paragraph, answerer, first=at - 1 in questions, ends=at > asked[-1]):
                turns.append(self._turn(at, paragraph, None, answerer, number + 1))
            else:
                answering = False
        return tuple(turns)

    def _is_answer(self, paragraph: Span, answerer: Voice, *, first: bool, ends: bool) -> bool:
        if first:  # behind the question
            return not self._is_told(paragraph, answerer, self._folded(paragraph))
        return self._goes_on(paragraph, answerer, ends=ends, settled=True)

    def _folded(self, paragraph: Span) -> list[str]:
        return [fold(word) for word in _WORD.findall(paragraph.of(self._text))]

    def _is_question(self, paragraph: Span) -> bool:
        words = paragraph.of(self._text)
        return (
            len(words) < _LONGEST_QUESTION * 8
            and bool(_ASKED.search(words[-6:]))
            and words[0] not in "\"“'‘"
            and len(words.split()) <= _LONGEST_QUESTION
        )

    def _addresses(self, paragraph: Span) -> bool:
        return not self._second.isdisjoint(self._folded(paragraph))

    def _answers(self, at: int, asked: Sequence[int]) -> bool:
        return at not in asked and not self._first.isdisjoint(self._folded(self._paragraphs[at]))
