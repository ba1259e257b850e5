"""Find what was said behind a verb of speech: by the rows of patterns.txt, as an object, or as a denial."""

import re
from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct

from searchkit.statements.packs import Pack
from searchkit.statements.reader.constituents import Line
from searchkit.statements.reader.frames import Frame, Frames
from searchkit.statements.word_lists import lines

# Rows that say by a word or mark where what is said begins.
FIRM = frozenset({"that", "colon", "quote"})
# Rows whose words are a clause.
CLAUSAL = frozenset({"bare", "gap", "loose", "mixed"})
_QUOTE_REACH = 15  # tokens between a verb and its quotation: "called the old plan a “trick”"
_SHORTEST_LIST = 3  # fewer tokens behind a colon are a name: "the winner that she named: Igor Malt"
_NOUN_REACH = 7  # tokens between a verb of denial and what is denied


# Quotations that belong together: “old” and “wet”, “a liar” who “lies”.
_QUOTATIONS = re.compile(r"Q(?:[,c]{0,2}i?n?Q|wQ){0,10}")
_LIST = re.compile(r"nI{0,4}(?:,nI{0,4}){1,8},?cnI{0,4}")  # "four votes for Brekke, 31 for Dahl and two abstentions"
# "Malt, the mayor, of theft"
_CHARGED = re.compile(r"[no]I{0,2}(?:,[nw][^,]{0,8}(?P<aside>,)(?=I|i[gr]))?I{0,2}(?:i[gr])?")
_GOES_ON, _GOES_ON_BEHIND_COMMA = re.compile("c[RFe]"), re.compile(",c[RFe]")


class Row(Struct, frozen=True):
    """A row of patterns.txt: alternatives of class and word class, a condition and the pattern."""

    name: str
    verbs: tuple[tuple[str, str], ...]
    condition: str
    pattern: re.Pattern[str]


@lru_cache(maxsize=4)
def rows(code: str) -> tuple[Row, ...]:
    """Return the rows of a language, in order."""
    parts: dict[str, str] = {}
    found: list[Row] = []
    for line in lines(f"{code}/patterns.txt"):
        for name, pattern in parts.items():
            line = line.replace(f"{{{name}}}", pattern)  # noqa: PLW2901  names stand for parts of patterns
        if line.startswith("let "):
            name, _, pattern = line[4:].partition(" = ")
            parts[name] = pattern
            continue
        name, verbs, condition, pattern = (part.strip() for part in line.split("|", 3))
        alternatives = tuple((needs, known) for needs, _, known in (verb.partition("+") for verb in verbs.split()))
        found.append(Row(name, alternatives, condition, re.compile(pattern)))
    return tuple(found)


class Complement(Struct, frozen=True):
    """What was said: the row that found it and the constituents from `first` up to `last`."""

    row: str
    first: int
    last: int


class Complements:
    """Finds what was said behind an attribution."""

    def __init__(self, frames: Frames, pack: Pack) -> None:
        self.frames = frames
        self.lexicon = frames.lexicon
        self.words = frames.words
        self._rows = rows(pack.code)
        self._of_verb: dict[tuple[str, str], tuple[Row, ...]] = {}
        self._no_objects = self.words["pronoun"] | (self.words["linking"] - self.words["object"])
        names = ("time", "weekday", "relative-day", "month", "occasion", "before-after", "during", "meeting")
        self._circumstances = frozenset[str]().union(*(self.words[name] for name in names))

    def _rows_of(self, lemma: str, needs: str) -> tuple[Row, ...]:
        known = self._of_verb.get((lemma, needs))
        if known is None:
            name = lemma.replace(" ", "-")
            known = self._of_verb[lemma, needs] = tuple(
                row
                for row in self._rows
                if any(cls in {"*", needs} and (not words or name in self.words[words]) for cls, words in row.verbs)
            )
        return known

    def behind(self, line: Line, frame: Frame, stop: int) -> Complement | None:
        """Return what the first row that matches between the attribution and `stop` finds."""
        if frame.cue.needs == "quoted" and "Q" not in line.letters:
            return None
        after = line.letters[frame.end : stop]
        for row in self._rows_of(frame.cue.lemma, frame.cue.needs):
            found = row.pattern.match(after)
            if found is not None and self._holds(row, line, frame, frame.end + found.start("x")):
                first = frame.end + found.start("x")
                first -= first > frame.end and line.first(first - 1) in self.words["even"]
                return Complement(row.name, first, frame.end + found.end("x"))
        return None

    def _holds(self, row: Row, line: Line, frame: Frame, first: int) -> bool:
        """Return whether a row whose pattern matches reports: its condition, and what its name asks."""
        if row.condition == "negated":
            return frame.negated
        if row.condition == "gapped":
            return line.letter(frame.start - 1) in "wnItg" or frame.subject.how == "relative"
        asks = line.letter(first) in "sqw" and frame.cue.lemma in self.words["asking"]
        if asks and self._is_only_circumstance(line, frame):
            return False
        check = _CHECKS.get(row.name)
        if check is not None and not check(self, line, frame, first):
            return False
        if row.condition == "any" or self.speaks(line, frame):
            return True
        form = line.sentence.low[line.parts[frame.at].verb]
        return row.condition == "verbal" and (form not in self.lexicon.nouns or form in self.words["telling"])

    def _takes_clause(self, line: Line, frame: Frame, first: int) -> bool:
        """Return whether a clause without "that" may be said: not "it showed he was ready", "reports that were"."""
        lemma, form = frame.cue.lemma, line.sentence.low[line.parts[frame.at].verb]
        if self._is_vague(line, first) or (lemma in self.words["evidence-verb"] and not self.speaks(line, frame)):
            return False
        if lemma in self.words["finding-verb"] and self._is_person(line, frame):
            return False
        alone = line.size(first, first + 1) == 1 and line.first(first) in self.words["that"]
        return not alone or frame.cue.needs == "strong" or form.endswith("ed")

    def _is_person(self, line: Line, frame: Frame) -> bool:
        at = line.parts[frame.subject.last - 1].head
        mention, word = line.sentence.named[at], line.sentence.low[at]
        person = mention is not None and mention.kind == "person"
        return person or word in self.words["nominative"] or word in self.lexicon.people

    def _is_long(self, line: Line, frame: Frame, first: int) -> bool:
        """Return whether words without a known verb are enough for a clause: "said fares range from 39 to 89"."""
        opens = line.letter(first) == "p" or line.first(first) in self.words["determiner"]
        long = line.size(first, len(line)) > _SHORTEST_LIST - opens and frame.cue.lemma not in self.words["addressed"]
        return long and not self._is_vague(line, first)

    def _is_close(self, line: Line, frame: Frame, first: int) -> bool:
        """Return whether words with a verb somewhere are said: not "informed us of the rain, which was heavy"."""
        return frame.cue.lemma not in self.words["addressed"] and not self._is_vague(line, first)

    def _is_said(self, line: Line, frame: Frame, first: int) -> bool:  # noqa: ARG002  checks have one signature
        """Return whether a clause, a quotation or a list follows a colon, not a mere name."""
        return line.states(first, len(line)) or line.size(first, len(line)) > _SHORTEST_LIST

    def _is_reported(self, line: Line, frame: Frame, first: int) -> bool:
        """Return whether the "that" before `first` opens what is said: not "his claim that", "rules that could"."""
        if frame.kind == "noun":
            return True
        noun = first - 2
        if line.letter(noun) != "n" or noun != frame.end:
            return line.letter(first) != "x" and (line.size(first, len(line)) > 1 or line.letter(first) == "Q")
        head = line.sentence.low[line.parts[noun].last - 1]
        if head in self.words["speech-noun"]:
            return self.frames.owner(line, noun) is None
        hears = frame.cue.lemma in self.words["addressed"] or self.frames.subjects.is_speaker(line, noun)
        timed = head in self.words["time | occasion"] or line.size(noun, first - 1) > 2
        return (hears or timed or head in self.words["fact-noun"]) and line.letter(first) not in "FRx"

    def _is_only_circumstance(self, line: Line, frame: Frame) -> bool:
        """Return whether the question is only the occasion of something: "when Lind asked if", "joked when asked"."""
        return frame.subject.how == "left" and line.first(frame.start - 1) in self.words["circumstance"]

    def _is_vague(self, line: Line, first: int) -> bool:
        """Return whether what is said begins with "nothing" or "so" and has no verb of its own behind it."""
        part, behind = line.parts[first], first + 1
        while line.letter(behind) == "I":
            behind += 1  # "more than 40 people were hurt"
        alone = part.last - part.first == 1
        return alone and line.first(first) in self.words["vague"] and line.letter(behind) not in "FRx"

    def speaks(self, line: Line, frame: Frame) -> bool:
        """Return whether the verb is surely one of speech, or its subject a speaker: a pronoun, a name, a role."""
        if (
            frame.cue.needs == "strong"
            or line.parts[frame.at].letter != "R"
            or line.letter(frame.subject.first) in "poz"
        ):
            return True
        sentence = line.sentence
        first, last = line.range(frame.subject.first, frame.subject.last)
        return any(
            sentence.named[at] is not None
            or sentence.low[at] in self.lexicon.speaking
            or sentence.low[at] in self.words["counting"]
            or (at > 0 and sentence.raw[at][0].isupper())
            for at in range(first, last)
        )

    # --- objects ---

    def about(self, line: Line, frame: Frame, stop: int) -> Complement | None:
        """Return the object and quotations of "called the plan a “trick”", or what is rejected with its clause."""
        letters, first = line.letters, frame.end
        quote = letters.find("Q", first, stop)
        if quote < 0 or line.size(first, quote) > _QUOTE_REACH or line.letter(first) in ",:-":
            return None
        subject = line.sentence.low[line.parts[frame.subject.first].first]
        if subject in self.words["vague | reader"] or not {*",;:-RFxz"}.isdisjoint(letters[first:quote]):
            return None
        if frame.kind == "verb" and self._is_label(line, frame, quote):
            return None
        if line.letter(first) in "is" and line.first(first) in self.words["of"]:
            end = next((k for k in range(quote, stop) if letters[k] in ",;-"), stop)
            return Complement("about", first + 1, end)  # "accused of 'theft'"
        if line.first(first) in self.words["as"] and line.letter(quote + 1) == "n":
            return Complement("about", first, stop)  # "dismissed as 'old' a report"
        while first < quote and line.size(first, first + 1) == 1 and line.first(first) in self._no_objects:
            first += 1
        return Complement("about", first, self._past_quotations(line, quote, stop))

    def _is_label(self, line: Line, frame: Frame, quote: int) -> bool:
        """Return whether the verb only names a thing: "a yard called 'The Point'"."""
        direct = all(line.first(k) in self.words["linking"] or line.letter(k) in "di" for k in range(frame.end, quote))
        return direct and quote - frame.end <= 1 and not self.speaks(line, frame)

    def _past_quotations(self, line: Line, quote: int, stop: int) -> int:
        """Return the end of the quotations from `quote` and what completes them: “a friend” of boats."""
        more = _QUOTATIONS.match(line.letters, quote, stop)
        last = more.end() if more is not None else quote + 1
        near = line.sentence.low[line.parts[last].first :][:4] if last < stop else []
        binding = line.letter(last) == "I" or line.first(last) in self.words["because"]
        if not binding or line.is_complete(last - 1) or not self._circumstances.isdisjoint(near):
            return last
        return next(
            (k for k in range(last, stop) if line.letters[k] in ",;-:(" or _GOES_ON.match(line.letters, k)), stop
        )

    def rejected(self, line: Line, frame: Frame, stop: int) -> Complement | None:
        """Return what is denied or charged as a noun: "denied the allegations", "accused the firm of hiding files"."""
        that = line.letters.find("t", frame.end, stop)
        if (
            frame.subject.how == "right"
            or frame.kind != "verb"
            or "Q" in line.letters[frame.end : max(that, 0) or stop]
        ):
            return None
        first = frame.end + (line.letter(frame.end) == "D")
        if frame.cue.lemma in self.words["denying-verb"]:
            return self._denied(line, frame, first, stop)
        if frame.cue.lemma in self.words["charging-verb"]:
            return self._charged(line, first, stop)
        return None

    def _denied(self, line: Line, frame: Frame, first: int, stop: int) -> Complement | None:
        """Return the claim, report or charge behind a verb of denial, with its clause or its phrases."""
        if first >= stop or not self._is_claim(line, first):
            return None
        judged = frame.cue.lemma not in self.words["deny-verb"]
        if judged and not self.words["hearer"].isdisjoint(line.words(frame.subject.first, frame.subject.last)):
            return None  # a court rejects a claim, but denies nothing
        last = first + 1 + (line.letter(first + 1) == "g")
        clause = last + (line.letter(last) == "D" and line.letter(last + 1) == "t")
        if line.letter(clause) == "t":
            owner = line.first(first)
            if owner in self.words["possessive"] or owner.endswith(("'s", "s'")):
                return None  # "rejected his claim that": the claim is a statement of his
            end = _GOES_ON_BEHIND_COMMA.search(line.letters, clause, stop)
            return Complement("object", first, end.start() if end is not None else stop)
        while last < stop and line.letters[last] in "Ie" and line.first(last) not in self.words["as"]:
            last += 1
        return Complement("object", first, last)

    def _is_claim(self, line: Line, at: int) -> bool:
        """Return whether a phrase is what can be denied: "the allegations", "any meeting", "any wrongdoing"."""
        if line.letter(at) != "n":
            return False
        words, nouns = line.words(at, at + 1), self.words["denied-noun"]
        several = len(words) > 1 and words[0] in self.words["any"]
        going = line.letter(at + 1) == "g" and line.first(at + 1) in nouns
        return several or going or not nouns.isdisjoint(words[:_NOUN_REACH])

    def _charged(self, line: Line, first: int, stop: int) -> Complement | None:
        found = _CHARGED.match(line.letters, first, stop)
        if found is None or self.words["of"].isdisjoint(line.words(max(first, found.end("aside")), found.end())):
            return None
        last = found.end()
        while last < stop and line.letters[last] in "nIe":
            last += 1
        return Complement("object", first, last)

    def object(self, line: Line, frame: Frame, stop: int) -> Complement | None:
        """Return the object of "announced a plan for the quay, which is old"; None without one."""
        lemma, low = frame.cue.lemma, line.sentence.low
        first = frame.end + (line.letter(frame.end) == "D")
        last_word = low[line.parts[frame.at].last - 1]
        particle = f"{lemma}-{last_word}" in self.words["object-particle"]
        personal = lemma in self.words["personal-object-verb"] and self.speaks(line, frame)
        same = line.words(first, first + 1)[:2] == ["the", "same"] and frame.cue.needs == "strong"
        if not (lemma in self.words["object-verb"] or particle or personal or same) or not self.speaks(line, frame):
            return None
        if frame.kind != "verb" or (self._is_only_circumstance(line, frame) and not same) or line.letter(first) != "n":
            return None
        head = line.sentence.low[line.parts[frame.subject.last - 1].head]
        if head in self.words["neuter"] or not self._starts_object(line, frame, first, particle=particle):
            return None
        listed = _LIST.match(line.letters, first, stop)
        end = next(
            (k for k in range(first, stop) if line.letters[k] in ",;:-()" or line.first(k) in self.words["contrast"]),
            stop,
        )
        end = max(end, listed.end() if listed is not None else end)
        return Complement("object", first, end) if end > first and line.size(first, end) > 2 - particle else None

    def _starts_object(self, line: Line, frame: Frame, first: int, *, particle: bool) -> bool:
        part, sentence = line.parts[first], line.sentence
        word = sentence.low[part.first]
        if word in self.words["that"] and part.last - part.first == 1:
            return False  # "reports that have been lost"
        if particle or word in self.words["determiner"] or sentence.named[part.first] is not None:
            return True
        verb = sentence.low[line.parts[frame.at].verb]
        return verb.endswith("ed") and part.letter == "n"


# What a row asks besides its pattern, by its name.
_CHECKS: dict[str, Callable[[Complements, Line, Frame, int], bool]] = {
    "that": Complements._is_reported,
    "colon": Complements._is_said,
    "bare": Complements._takes_clause,
    "loose": Complements._is_close,
    "plain": Complements._is_long,
}
