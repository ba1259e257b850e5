"""Find paragraphs whose speaker stands before the words or after a dash: transcripts, pull quotes, posts, live blogs.

A word with a colon is a label only if the article names that person elsewhere. A turn of a transcript or interview goes
on over paragraphs without a label until another person or the writer speaks.

The person interviewed is the one to whom the introduction says that the writer spoke. The writer does not count: people
of the byline and "our editor Vera Lind" are left out.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from searchkit.statements.document import Article, Mention
from searchkit.statements.packs import Pack
from searchkit.statements.text import Span, family_name, fold, fold_words, sentences, slug
from searchkit.statements.transcripts.labels import (
    NO_VOICE,
    LabeledLine,
    Voice,
    Voices,
    entry_starts,
    is_given,
    labeled_lines,
    proper,
)
from searchkit.statements.transcripts.signatures import Signatures

# "Words. — Name (@name) December 18, 2018": an embedded post.
_POST = re.compile(r"[—–-] (?P<name>[^\W\d_][^()\n@]{1,50}) \(@\w{1,30}\)(?: [A-Z][a-z]{2,8} \d{1,2}, \d{4})?$")
_ADDRESS = re.compile(r"(?:https?://|pic\.twitter\.com/)\S{1,200}")
# "Our political editor, Nadia Korbel, writes: ...": the complete entry of a live blog is hers.
_ENTRY = re.compile(
    r"(?P<name>[^:;.?!\n\"“”„«]{2,120}?),? (?P<cue>[^\W\d_]{3,12})(?: [^\W\d_]{1,12}){0,3}: {1,4}(?=[^\s\"“„«'‘])"
)


class Label(Struct, frozen=True):
    """A paragraph (by number) whose `content` is said by the person named at `name`, perhaps in the label of its turn.

    `voice` is that person where the name alone does not show it; `cue` is the verb of an entry like "Korbel writes:".
    Paragraphs of one turn share `turn`.
    """

    paragraph: int
    content: Span
    name: Span
    rule: str
    voice: Voice | None = None
    turn: int | None = None
    cue: Span | None = None


def find(article: Article, paragraphs: Sequence[Span], mentions: Sequence[Mention], pack: Pack) -> tuple[Label, ...]:
    """Return every labeled paragraph, in order."""
    text = article.text
    lines = labeled_lines(text, paragraphs, pack)
    turns = find_turns(article, paragraphs, mentions, pack, lines)
    lengths = Counter(turn.turn for turn in turns)
    labels = {turn.paragraph: turn if lengths[turn.turn] > 1 else replace(turn, turn=None) for turn in turns}
    for label in _single(text, paragraphs, mentions, lines, pack):
        labels.setdefault(label.paragraph, label)
    posted = entry_starts(text, article.paragraphs)
    for number, paragraph in enumerate(paragraphs):
        if number not in labels:
            other = _post(text, paragraph, number)
            if other is None and number in posted:
                other = _entry(text, Span(posted[number], paragraph.end), number, pack)
            if other is not None:
                labels[number] = other
    signatures = Signatures(text, paragraphs, mentions, pack)
    for number, name, voice in signatures.find():
        if number not in labels or labels[number].rule == "label":
            labels[number] = Label(number, paragraphs[number], name, "signed", voice)
    # "Clinton: 547." counts votes.
    return tuple(labels[number] for number in sorted(labels) if any(map(str.isalpha, labels[number].content.of(text))))


def _single(
    text: str, paragraphs: Sequence[Span], mentions: Sequence[Mention], lines: Sequence[LabeledLine], pack: Pack
) -> Iterator[Label]:
    """Yield the paragraphs after a name that the article gives elsewhere, if a given name, marks or "I" show speech."""
    named = {
        mention.name
        for mention in mentions
        if mention.kind == "person" and text[mention.span.end : mention.span.end + 1] != ":"
    }
    known = {form: is_given(name.split()[0]) for name in named for form in (fold(name), family_name(fold(name)))}
    for line in lines:
        words = text[line.start : paragraphs[line.paragraph].end]
        has_given = known.get(line.key, known.get(line.key.partition(" ")[2]))  # behind a title: "Dr. Ada Lind"
        shows = has_given is not None and (has_given or _is_own(words, pack))
        if shows and not line.function and not line.lettered and len(words) > 3 and not _is_subheading(words, pack):
            yield Label(line.paragraph, Span(line.start, line.start + len(words)), line.name, "label")


def _is_own(words: str, pack: Pack) -> bool:
    """Return whether words are in quotation marks, or say "I" or "we"."""
    return words[:1] in _OPENING or not pack.words["first-person"].isdisjoint(fold_words(_WORD.findall(words)))


def _is_subheading(words: str, pack: Pack) -> bool:
    """Return whether the words behind a name only head the text about it: "Lind: Win at last"."""
    low = fold(words).split()
    spoken = pack.words["finite | first-person | second-person"]
    return len(low) <= 6 and spoken.isdisjoint(low) and words[:1] not in _OPENING


def _post(text: str, paragraph: Span, number: int) -> Label | None:
    if not (text[paragraph.end - 1].isalnum() or text[paragraph.end - 1] == ")"):
        return None
    found = _POST.search(text, max(paragraph.start, paragraph.end - 130), paragraph.end)
    if found is None:
        return None
    end = found.start()
    address = _ADDRESS.search(text, max(paragraph.start, end - 250), end)
    if address is not None:
        end = address.start()
    while end > paragraph.start and (text[end - 1].isspace() or text[end - 1] in "—–-"):
        end -= 1
    if end - paragraph.start < 10:
        return None
    return Label(number, Span(paragraph.start, end), Span(*found.span("name")), "post")


def _entry(text: str, paragraph: Span, number: int, pack: Pack) -> Label | None:
    """Return the label of an entry that a person writes in his or her own name."""
    found = _ENTRY.match(text, paragraph.start, min(paragraph.end, paragraph.start + 200))
    if found is None or fold(found["cue"]) not in pack.words["entry-verb"]:
        return None
    name, cue = Span(*found.span("name")), Span(*found.span("cue"))
    return Label(number, Span(found.end(), paragraph.end), name, "entry", cue=cue)


# A transcript has at least so many turns of a speaker.
_FEWEST_TURNS = 2
# More paragraphs without a label are a text between two excerpts.
_LONGEST_TURN = 6
_OPENING = tuple("\"“„«'‘")
_LONGEST_QUESTION = 400
_TURNS_PER_OWN = 3  # of so many turns without a known name, one says "I" or "we", or asks
_WORD = re.compile(r"[^\W\d_][\w'’&]{0,40}")
_HYPHENED_WORD = re.compile(r"[^\W_][\w'’&\-]{0,40}")
_ENDED = re.compile(r"[.!?…—–-][\"'”’»)\]*_]{0,4}$")
_STAGED = re.compile(r"[\"“]?(?:\([^()]{0,300}\)|\[[^\[\]]{0,300}\])[.\"”]{0,2}")
_QUOTED = re.compile(r"[\"“][^\"“”\n]{1,2000}[\"”]")


def find_turns(
    article: Article, paragraphs: Sequence[Span], mentions: Sequence[Mention], pack: Pack, lines: Sequence[LabeledLine]
) -> tuple[Label, ...]:
    """Return the paragraphs of all turns, in order; `lines` are the paragraphs that begin with a label."""
    transcript = _Transcript(article, paragraphs, mentions, pack, lines)
    return transcript.turns() or transcript.interview()


class _Labels:
    """The labels of one text by key, which is the person whom a label means, or the label.

    `known` are the keys of persons, `returning` those with several turns, `played` the returning persons and parts.
    """

    def __init__(self, text: str, lines: Sequence[LabeledLine], voice_of: Mapping[int, Voice | None]) -> None:
        self._keys: dict[int, str] = {}  # by paragraph
        self.known: set[str] = set()
        for line in lines:
            person = (voice_of.get(line.paragraph) or NO_VOICE).entity_id
            self._keys[line.paragraph] = person or line.key
            if person is not None:
                self.known.add(person)
        self.unmarked = sum(line.lettered and line.kind in {"name", "part"} for line in lines)
        self.kinds = Counter(line.kind for line in lines)
        self.parts = {self._keys[line.paragraph] for line in lines if line.kind == "part"}
        self.capitals = {self._keys[line.paragraph] for line in lines if line.name.of(text).isupper()}
        self.returning = {key for key, count in Counter(self._keys.values()).items() if count >= _FEWEST_TURNS}
        self.played = self.returning & (self.known | self.parts)

    def make_transcript(self) -> bool:
        """Return whether the labels of a text make a transcript."""
        in_capitals = len(self.capitals) >= _FEWEST_TURNS and self.capitals == set(self._keys.values())
        several = max(len(self.returning), len(self.parts)) >= _FEWEST_TURNS
        return (
            not self.known.isdisjoint(self.returning)
            or (self.kinds["question"] > 0 and self.kinds["answer"] > 0)
            or self.unmarked >= _FEWEST_TURNS  # names in capitals before words of their own
            or bool(in_capitals and self.returning)
            or bool(self.played and several)
        )

    def speaks(self, line: LabeledLine) -> bool:
        """Return whether a line of a transcript begins with the label of a speaker."""
        key = self._keys[line.paragraph]
        is_firm, in_capitals = key in self.known or key in self.returning, key in self.capitals
        if line.function and not line.function.isupper() and not is_firm:
            return False
        if is_firm or line.kind in {"question", "answer"}:
            return True
        if line.kind == "part" and (in_capitals or not self.capitals):
            return True
        return in_capitals and not self.played.isdisjoint(self.capitals)


class _Turn(Struct, kw_only=True):
    """What a person says after one label at `name`, while the paragraphs are read.

    `awaits_words`: the label stands alone, so that the next paragraph is spoken. `is_unbroken`: no stage direction or
    heading followed the label. `unlabeled` counts the spoken paragraphs after that of the label.
    """

    number: int
    name: Span
    voice: Voice | None
    awaits_words: bool
    is_unbroken: bool = True
    unlabeled: int = 0

    def label(self, paragraph: int, content: Span) -> Label:
        return Label(paragraph, content, self.name, "transcript", self.voice, self.number)


class _Transcript:
    """Finds the turns of one article by their labels."""

    def __init__(
        self,
        article: Article,
        paragraphs: Sequence[Span],
        mentions: Sequence[Mention],
        pack: Pack,
        lines: Sequence[LabeledLine],
    ) -> None:
        self._article = article
        self._text = article.text
        self._paragraphs = paragraphs
        self._mentions = mentions
        self._pack = pack
        self._lines = lines
        self._people = [mention.span.start for mention in mentions if mention.kind == "person"]
        # Pronouns of the people who talk to each other; those of the subject leave out "you" as an object.
        self._dialog_pronouns = pack.words["first-person | second-person"]
        self._subject_pronouns = self._dialog_pronouns - pack.words["addressee"]

    def turns(self) -> tuple[Label, ...]:
        if len(self._lines) < _FEWEST_TURNS:
            return ()
        voices = Voices(self._text, self._mentions, self._lines, self._pack)
        voice_of = {line.paragraph: voices.of(line) for line in self._lines if line.kind in {"name", "part"}}
        speaking = {line.paragraph: line for line in self._speaking(voice_of)}
        if not speaking:
            return ()
        kinds = {line.kind for line in speaking.values()}
        # Where others have labels too, the only one named may be any of them.
        others = not kinds.isdisjoint({"name", "part"})
        answerer = self._answerer(min(speaking), stated=others) if "answer" in kinds else NO_VOICE
        labels = {line.paragraph for line in self._lines}
        last = max(speaking)
        found: list[Label] = []
        number = 0
        turn: _Turn | None = None
        for at, paragraph in enumerate(self._paragraphs):
            line = speaking.get(at)
            if line is not None:
                number += 1
                voice = self._voice(line, voice_of.get(at), answerer)
                turn = _Turn(number=number, name=line.name, voice=voice, awaits_words=paragraph.end <= line.start)
                if not turn.awaits_words:
                    label = turn.label(at, Span(line.start, paragraph.end))
                    found.append(replace(label, rule="question") if line.kind == "question" else label)
            elif turn is None:
                continue
            elif at in labels or turn.unlabeled >= _LONGEST_TURN or self._is_question(at, speaking, voice_of):
                turn = None
            elif self._is_break(paragraph, turn):
                turn.is_unbroken = False
            elif turn.awaits_words or self._goes_on(paragraph, turn, ends=at > last):
                turn.unlabeled += 1
                turn.awaits_words = False
                found.append(turn.label(at, paragraph))
            else:
                turn = None
        return tuple(found)

    def _voice(self, line: LabeledLine, voice: Voice | None, answerer: Voice) -> Voice | None:
        """Return whom a label means, as far as `voice` says; None if only the label shows the speaker."""
        if line.kind not in {"name", "part"}:
            return NO_VOICE if line.kind == "question" else answerer
        if voice is not None and voice.entity_id is not None:
            return voice
        return NO_VOICE if line.kind == "part" else self._in_capitals(line) or voice

    def _is_break(self, paragraph: Span, turn: _Turn) -> bool:
        """Return whether a paragraph inside a turn is a stage direction or a heading."""
        if _STAGED.fullmatch(self._text, paragraph.start, paragraph.end):
            return True
        return self._is_heading(paragraph) and not turn.awaits_words

    def interview(self) -> tuple[Label, ...]:
        """Return the questions and answers of an interview without labels, if the introduction says who answers."""
        asked = [number for number in range(len(self._paragraphs) * ("?" in self._text)) if self._asks(number)]
        answered = {number + 1 for number in asked}.difference(asked, [len(self._paragraphs)])
        questions = " ".join(self._paragraphs[number].of(self._text) for number in asked)
        addressed = not self._pack.words["second-person"].isdisjoint(map(fold, _WORD.findall(questions)))
        answerer = self._answerer(asked[0], stated=True) if len(answered) >= _FEWEST_TURNS and addressed else NO_VOICE
        if answerer.antecedent is None:
            return ()
        found = {at: Label(at, self._paragraphs[at], self._paragraphs[at], "question", NO_VOICE) for at in asked}
        for first in sorted(answered):
            turn = _Turn(number=first, name=answerer.antecedent, voice=answerer, awaits_words=False)
            for at in range(first, min(first + _LONGEST_TURN, len(self._paragraphs))):
                paragraph = self._paragraphs[at]
                if at in found or not (at == first or self._goes_on(paragraph, turn, ends=at > asked[-1])):
                    break
                words = [fold(word) for word in _WORD.findall(_QUOTED.sub(" ", paragraph.of(self._text)))]
                if self._is_narrated(paragraph, answerer, words):
                    return ()  # an article with questions
                found[at] = turn.label(at, paragraph)
        return tuple(found[at] for at in sorted(found))

    def _asks(self, number: int) -> bool:
        """Return whether a paragraph is a question as a whole, perhaps in marks."""
        words = self._paragraphs[number].of(self._text)
        return len(words) <= _LONGEST_QUESTION and words.rstrip('"”»“*_ ').endswith("?")

    def _in_capitals(self, line: LabeledLine) -> Voice | None:
        """Return the person whom only a label in capitals names, if she speaks again: HOLM."""
        written = line.name.of(self._text)
        returns = sum(other.key == line.key for other in self._lines) >= _FEWEST_TURNS
        if not returns or not written.isupper() or len(written) < 4:
            return None
        return Voice(entity_id=f"person:{slug(written)}", name=proper(written), by="surname", antecedent=line.name)

    def _is_question(self, at: int, speaking: Mapping[int, LabeledLine], voice_of: Mapping[int, Voice | None]) -> bool:
        """Return whether an unlabeled paragraph is a question to the speaker who has both labels next to it."""
        following = speaking.get(at + 1)
        before = max((number for number in speaking if number < at), default=None)
        if following is None or before is None or not self._asks(at):
            return False
        one, other = voice_of.get(before) or NO_VOICE, voice_of.get(at + 1) or NO_VOICE
        return speaking[before].key == following.key or (one.entity_id is not None and one.entity_id == other.entity_id)

    def _speaking(self, voice_of: Mapping[int, Voice | None]) -> list[LabeledLine]:
        """Return the lines whose labels speak; none unless they make a transcript, and most end as sentences do.
        Below headings like "Consultant: Skills", only questions and answers do."""
        lines = [line for line in self._lines if line.kind != "never"]
        labels = _Labels(self._text, lines, voice_of)
        speaking = list(filter(labels.speaks, lines)) if labels.make_transcript() else []
        if sum(map(self._ends, speaking)) * 2 <= len(speaking):
            return []
        named = [line for line in speaking if line.kind not in {"question", "answer"}]
        return [line for line in speaking if line not in named] if self._is_list(named, voice_of) else speaking

    def _is_list(self, speaking: Sequence[LabeledLine], voice_of: Mapping[int, Voice | None]) -> bool:
        """Return whether labels like "Key Features:" head a list: none is a name, and few turns say "I" or ask."""
        said = 0
        for line in speaking:
            written = line.name.of(self._text)
            name = (voice_of.get(line.paragraph) or NO_VOICE).name or written
            if line.kind != "name" or written.isupper() or is_given(name.split()[0]):
                return False
            words = self._text[line.start : self._paragraphs[line.paragraph].end]
            said += words.endswith("?") or _is_own(words, self._pack)
        return said * _TURNS_PER_OWN < len(speaking)

    def _ends(self, line: LabeledLine) -> bool:
        """Return whether the words of the line end as a sentence does, or stand below it."""
        paragraph = self._paragraphs[line.paragraph]
        return line.start >= paragraph.end or bool(_ENDED.search(self._text, paragraph.end - 6, paragraph.end))

    def _answerer(self, first: int, *, stated: bool) -> Voice:
        """Return who answers from paragraph `first` on; with `stated`, only if the introduction says so."""
        mention = interviewee(self._article, self._paragraphs, self._mentions, self._pack, first, stated=stated)
        if mention is None:
            return NO_VOICE
        return Voice(entity_id=mention.entity_id, name=mention.name, by="role", antecedent=mention.span)

    # --- paragraphs without a label ---

    def _is_heading(self, paragraph: Span) -> bool:
        words = paragraph.of(self._text)
        return len(words.split()) <= 8 and words[-1].isalnum()

    def _goes_on(self, paragraph: Span, turn: _Turn, *, ends: bool) -> bool:
        """Return whether a paragraph without a label continues the turn; `ends` where no other label follows."""
        spoken = _QUOTED.sub(" ", paragraph.of(self._text))
        words = [fold(word) for word in _WORD.findall(spoken)]
        if not words or self._is_narrated(paragraph, turn.voice, words):
            return False
        if ends:
            return turn.is_unbroken and any(word in self._subject_pronouns for word in words)
        if any(word in self._dialog_pronouns for word in words):
            return True
        names_person = bisect_left(self._people, paragraph.start) < bisect_left(self._people, paragraph.end)
        reports = names_person and any(word in self._pack.cues for word in words)
        return not reports and words[0] not in self._pack.words["singular-pronoun"]

    def _is_narrated(self, paragraph: Span, voice: Voice | None, words: Sequence[str]) -> bool:
        """Return whether the writer speaks: about the speaker, about the interview, or with a "she said"."""
        if voice is not None and voice.name and family_name(fold(voice.name)) in words:
            return True
        if all(any(word in self._pack.words[group] for word in words) for group in ("about-the-text", "edited")):
            return True
        text = self._text
        for quoted in _QUOTED.finditer(text, paragraph.start, paragraph.end):
            after = [fold(word) for word in _WORD.findall(text[quoted.end() : min(paragraph.end, quoted.end() + 40)])]
            near = after[:3]  # a "she said" behind a quotation
            if any(word in self._pack.cues for word in near) and not any(
                word in self._dialog_pronouns for word in near
            ):
                return True
        return False


def interviewee(
    article: Article, paragraphs: Sequence[Span], mentions: Sequence[Mention], pack: Pack, before: int, *, stated: bool
) -> Mention | None:
    """Return the person interviewed from paragraph number `before` on; None unless exactly one person is.

    With `stated`, words like "spoke to" must show it, not only that no other person is named.
    """
    introduction = paragraphs[:before]
    if len(introduction) > 8:  # excerpts further down follow the paragraphs before them
        introduction = introduction[-3:]
    if not introduction:
        return None
    writers = {fold(name) for name in article.byline}
    people = [
        mention
        for mention in mentions
        if mention.kind == "person"
        and " " in mention.name  # not the "Frequently" of a heading
        and introduction[0].start <= mention.span.start < introduction[-1].end
        and fold(mention.name) not in writers
        and not _asks(article.text, mention, pack)
    ]
    heard = _reported(article.text, introduction, people, pack) or ([] if stated else people)
    found = {mention.entity_id: mention for mention in reversed(heard)}
    return next(iter(found.values())) if len(found) == 1 else None


def _reported(text: str, introduction: Sequence[Span], people: Sequence[Mention], pack: Pack) -> Sequence[Mention]:
    """Return the people in the sentences that report a talk; a pronoun there means the first person before."""
    talks = pack.words["interview-verb | talk-verb | interview-noun"]
    reporting = [
        sentence
        for paragraph in introduction
        for sentence in sentences(text, paragraph)
        if not talks.isdisjoint(fold_words(_HYPHENED_WORD.findall(sentence.of(text))))
    ]
    named = [mention for mention in people if any(sentence.covers(mention.span) for sentence in reporting)]
    words = set(fold_words(_HYPHENED_WORD.findall(reporting[0].of(text)))) if reporting and not named else set()
    if not words.isdisjoint(pack.words["female | male"]):  # "She spoke to us"
        return [mention for mention in people if mention.span.end <= reporting[0].start][:1]
    return named


def _asks(text: str, mention: Mention, pack: Pack) -> bool:
    """Return whether the words before a name show that this person asks: "our correspondent Igor Malt"."""
    before = fold_words(_HYPHENED_WORD.findall(text[max(0, mention.span.start - 50) : mention.span.start]))
    return not pack.words["asking-role"].isdisjoint(before[-2:])
