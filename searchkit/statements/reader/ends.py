"""Find where what is said ends before its sentence does: at a later attribution, a main clause, the writer's words."""

import re

from msgspec import Struct

from searchkit.statements.quotes.reading import SPEAKING_KINDS
from searchkit.statements.reader.complements import FIRM, Complements
from searchkit.statements.reader.constituents import Line
from searchkit.statements.reader.frames import Frame
from searchkit.statements.rules import Rules, Verdicts, apply, judge

# A clause behind a comma: a subject and its verb before the next comma.
_MAIN_CLAUSE = re.compile(r"(?P<end>[,Q])[ca]?a?(?=z|p|[nD#g](?:[nIaDgecQw]|,[^,]{1,8},){0,12}[RFx])")
# What joins the clauses of "A, and then that B, and finally, pressed by Lind, that C".
_JOINT = re.compile(r",?c?(?:(?<=[,c])(?P<then>a)a{0,2}|(?<=c)a?,[^FRxQt,]{1,8},)t(?=[npzdgQ])")


class _Pair(Struct, eq=False):
    """An attribution and a later one; `at` is the constituent before the later one, without adverbs."""

    line: Line
    frame: Frame
    later: Frame
    at: int
    letter: str
    word: str
    gap: int


class _Tail(Struct, eq=False):
    """The constituents behind the comma or dash at `at`; what was said goes from `start` to `stop`."""

    line: Line
    start: int
    at: int
    stop: int
    letter: str
    word: str
    dash: bool
    last: bool


class Ends:
    """Finds the ends of what is said."""

    def __init__(self, complements: Complements) -> None:
        self.complements = complements
        self.lexicon = complements.lexicon
        self.words = complements.words

    # --- later attributions ---

    def stop(self, line: Line, frame: Frame, following: list[Frame]) -> int:
        """Return where a later attribution, a semicolon or the sentence ends what `frame` reports."""
        for later in following:
            at = line.skip_back(later.start - 1)
            if at < frame.end:
                continue
            pair = _Pair(line, frame, later, at, line.letters[at], line.first(at), line.size(frame.end, at))
            stop = apply(_STOPS, self, pair)
            if stop is not None:
                return stop
        semicolon = line.letters.find(";", frame.end + 1)
        return semicolon if semicolon >= 0 else len(line)

    def has_words(self, line: Line, frame: Frame) -> bool:
        """Return whether an attribution has words of its own behind it."""
        if frame.cue.needs == "about":
            return self.complements.about(line, frame, len(line)) is not None
        found = self.complements.behind(line, frame, len(line))
        return found is not None and (not frame.negated or found.row in FIRM | {"question"})

    def participle(self, pair: _Pair) -> int | None:
        """Return the comma before ", adding that", or "before" of "before adding that"."""
        if pair.letter == "i" and pair.word in self.words["before-after"] and pair.gap > 1:
            return pair.at - (pair.line.letters[pair.at - 1] == ",")
        if pair.letter == "c" and pair.line.letter(pair.at - 1) == ",":
            return pair.at - 1
        if pair.letter == "c" and pair.frame.kind == "participle" and pair.gap > 2:
            return pair.at
        return pair.at + (pair.letter == "Q") if pair.line.closes(pair.at) or pair.letter == "-" else None

    def shared(self, pair: _Pair) -> int | None:
        """Return the comma or conjunction before "and added that"."""
        line, at = pair.line, pair.at
        if pair.letter not in "cQ," or not (self._is_of_speaker(pair) or self.has_words(line, pair.later)):
            return None
        if pair.letter == "c" and line.letter(at - 1) in ",-":
            return at - 1
        return at + (pair.letter == "Q")

    def _is_of_speaker(self, pair: _Pair) -> bool:
        """Return whether both verbs are in the past, and a comma or a verb in the present stands between."""
        line, low = pair.line, pair.line.sentence.low
        verbs = [low[line.parts[frame.at].verb] for frame in (pair.frame, pair.later)]
        past = all(word.endswith("ed") or word in self.words["past"] for word in verbs)
        between = low[line.parts[pair.frame.end].first : line.parts[pair.at].first]
        present = self.words["modal | present"]
        return (
            past
            and pair.letter == "c"
            and pair.gap > 2
            and (line.closes(pair.at - 1) or not present.isdisjoint(between))
        )

    def contrast(self, pair: _Pair) -> int | None:
        """Return the comma of ", although an engineer, Lind, warned", or of ", and when asked, Lind said"."""
        line, letters = pair.line, pair.line.letters
        for k in range(pair.at, max(pair.frame.end + 1, pair.at - 12), -1):
            asked = letters[k] == "c" and line.first(k + 1) in self.words["when"]
            contrast = line.first(k) in self.words["contrast"] and not line.has_verb(k, pair.at)
            if letters[k - 1] == "," and (asked or contrast):
                return k - 1
            if letters[k] == "Q":
                break
        return None

    def joining(self, pair: _Pair) -> int | None:
        """Return the comma before "and nearly all said", or the conjunction where the later verb has its own words."""
        if pair.letter != "c" or pair.gap < 2 or pair.word not in self.words["joining | contrast"]:
            return None
        before = pair.line.letter(pair.at - 1)
        if before in ",-":
            return pair.at - 1
        return pair.at if before == "Q" or self.has_words(pair.line, pair.later) else None

    def is_in_subject(self, pair: _Pair) -> bool:
        """Return whether the verb stands in a relative clause of the later verb's subject, which a comma ends."""
        behind = pair.later.subject.last <= pair.frame.at < pair.later.at - 1
        return behind and pair.line.letter(pair.later.at - 1) == ","

    def is_inserted(self, pair: _Pair) -> bool:
        """Return whether the later verb's own quotation stands before it behind a dash."""
        return pair.gap > 1 and pair.line.letter(pair.at - 1) == "-" and pair.line.is_complete(pair.at)

    def closes_question(self, pair: _Pair) -> bool:
        return pair.frame.cue.lemma in self.words["asking"] and pair.gap > 0 and pair.letter == ","

    def is_sourced(self, pair: _Pair) -> bool:
        """Return whether a source ends the words; not in "said, according to Northwire, that"."""
        inserted = pair.line.letters.startswith(",t", pair.later.end)
        return pair.later.kind == "source" and pair.letter == "," and not inserted

    def is_passed_on(self, pair: _Pair) -> bool:
        """Return whether the later attribution is a paper that reports the statement."""
        return pair.letter == "," and self.complements.frames.passes_on(pair.line, pair.later)

    # --- clauses ---

    def clause_end(self, line: Line, frame: Frame, start: int, stop: int) -> int:
        """Return where "when Lind said the quay was old, Malt left" goes on with its main clause; else `stop`."""
        stop = self._relative_end(line, frame, start, stop)
        if frame.kind in {"source", "participle"} or frame.subject.how == "right":
            return stop
        at = frame.start - 1
        while at > 0 and line.letters[at] == "a" and line.first(at) not in self.words["circumstance"]:
            at -= 1
        if at < 0:
            return stop
        word, letter = line.first(at), line.letters[at]
        opens = letter in "siqa" and word in self.words["circumstance"] and (at <= 1 or line.letter(at - 1) in ",-;c")
        first = int(line.letters[0] == "c")
        opening = line.letters[first] in "sqI" or line.first(first) in self.words["circumstance"]
        inside = letter in "wt" or word in self.words["circumstance"]
        opens = opens or (opening and inside and "," not in line.letters[: at + 1])
        return self.main_clause(line, start, stop) if opens else stop

    def main_clause(self, line: Line, start: int, stop: int) -> int:
        """Return the first comma between that a clause with a verb follows; else `stop`."""
        if line.letter(start) in "iIsq":
            start = line.letters.find(",", start, stop) if "," in line.letters[start:stop] else stop
        for found in _MAIN_CLAUSE.finditer(line.letters, start + 1, stop):
            if line.closes(found.start()):
                return found.start() + (found["end"] == "Q")
        return stop

    def _relative_end(self, line: Line, frame: Frame, start: int, stop: int) -> int:
        """Return where the relative clause of the verb gives way to the verb of its antecedent; else `stop`."""
        if frame.kind == "participle":
            return stop
        first = frame.subject.first
        if frame.subject.how != "relative":
            inserted = line.letter(frame.start - 1) == "w" and line.letter(frame.start - 2) == ","
            around = frame.subject.how == "shared" and "w" in line.letters[frame.subject.last : frame.at]
            if not (inserted or around):
                return stop
            first = frame.start - 2 if inserted else first
        if line.has_verb(0, first):
            return stop  # the main clause is over: "..., said Malt, who added that"
        commas = [at for at in range(start + 1, stop - 1) if line.closes(at)]
        known = re.compile(r"a*[RFxe]")
        verb = next((at for at in commas if known.match(line.letters, at + 1)), None)
        if verb is None:
            verb = next((at for at in reversed(commas) if self.opens_predicate(line, at + 1, stop)), None)
        return stop if verb is None else verb + (line.letters[verb] == "Q")

    def opens_predicate(self, line: Line, at: int, stop: int) -> bool:
        """Return whether the verb of a subject before can stand at `at`: "needs new bolts", "weigh eleven tonnes"."""
        while at < stop and line.letters[at] == "a":
            at += 1
        if at >= stop:
            return False
        if line.letters[at] in "RFxeb":
            return True
        part, sentence = line.parts[at], line.sentence
        word = sentence.low[part.first]
        plain = line.letters[at] == "n" and word.isalpha() and word not in self.lexicon.plain
        return plain and sentence.named[part.first] is None and sentence.raw[part.first].islower()

    # --- tails ---

    def tail(self, line: Line, start: int, stop: int) -> int:
        """Return where a tail of the writer's begins in the words from `start`; else `stop`."""
        stop = next((at for at in range(start + 1, stop - 1) if self._declines(line, at)), stop)
        marks = [at for at in range(start, stop - 1) if line.letters[at] in ",-;Q"]
        dashes = line.letters[start:stop].count("-")
        for at in marks:
            dash = line.letters[at] == "-"
            if at <= start or line.size(at + 1, stop) < 2 or not (dash or line.closes(at)):
                continue
            last = at == marks[-1] or (dash and dashes == 1)
            tail = _Tail(line, start, at, stop, line.letter(at + 1), line.first(at + 1), dash, last)
            end = at + (line.letters[at] == "Q")
            if judge(_TAILS, self, tail, False) and self.states(line, start, end, verb=dash):
                return end
        return stop

    def _declines(self, line: Line, at: int) -> bool:
        """Return whether the speaker refuses more here: "said it is wet but declined to comment"."""
        low, first = line.sentence.low, line.parts[at].first
        first += low[first] == ","
        words = low[first : first + 5]
        if len(words) < 3 or words[0] not in self.words["contrast"] or words[1] not in self.words["declining-verb"]:
            return False
        if words[2] in self.words["comment-verb"]:
            return True  # "declined comment"
        others = self.words["object-pronoun | so-not"]  # "refused to name him", "to say so"
        return not others.intersection(words[4:]) and not self.words["comment-verb"].isdisjoint(words[3:4])

    def states(self, line: Line, first: int, last: int, *, verb: bool = True) -> bool:
        """Return whether the constituents can be a statement: no bare opening phrase, and with a main `verb`."""
        letters = line.letters[first:last]
        if letters.endswith("Q"):
            return letters[0] not in "iI" or line.has_verb(first, last)
        first += letters[:1] == "c" or (first == 0 and line.first(0) in self.words["scene"])
        while first < last and line.letters[first] in "sqegrfiaDIw":
            comma = line.letters.find(",", first, last)
            opening = line.letters[first : comma if comma >= 0 else last]
            if re.match(r"[aDI]+[npz#g][^sqw]*[RFxz]|[aDI]*z", opening):
                break  # "On Monday the ship sank"
            if re.match(r"[gr][^,sqw]*[RFxz]", opening) or (
                comma < 0 and re.fullmatch(r"a+|f[^,]*[RF].*|[sq](?:.*[RFxz]){2}.*", opening)
            ):
                break
            if comma < 0:
                return False
            first = comma + 1
        if first >= last:
            return False
        relative = re.compile(r",w").search(line.letters, first, last)
        end = relative.start() if relative is not None else last
        if line.has_verb(first, end) or (not verb and line.size(first, last) > 2):
            return True
        behind = line.letters.find(",", end + 2, last)
        return behind >= 0 and line.has_verb(behind, last)

    def is_fact(self, tail: _Tail) -> bool:
        """Return whether a relative clause states a fact: what "which would" and "which had" say is reported."""
        near = tail.line.words(tail.at + 2, min(tail.stop, tail.at + 5))[:4]
        of_thing = tail.word in self.words["relative"] - self.words["personal-relative"]
        return of_thing and self.words["backshifted"].isdisjoint(near)

    def is_behind_name(self, tail: _Tail) -> bool:
        mention = tail.line.sentence.named[tail.line.parts[tail.at].first - 1]
        return mention is not None and mention.kind in SPEAKING_KINDS

    def judges(self, tail: _Tail) -> bool:
        """Return whether "a view that" judges what was said, or describes a person; "the List, a register" says it."""
        mention = tail.line.sentence.named[tail.line.parts[tail.at].first - 1]
        judged = mention is None or mention.kind in {"person", "place"}
        return judged and tail.word in self.words["indefinite"] & self.words["article"]

    def describes_name(self, tail: _Tail) -> bool:
        first = tail.line.parts[tail.at + 1].first
        small = tail.line.sentence.raw[first + 1 : first + 2]
        return tail.word in self.words["article"] and bool(small) and small[0].islower() and self.is_behind_name(tail)

    def contrasts(self, tail: _Tail) -> bool:
        people = self.words["male | female"]
        following = tail.line.first(tail.at + 2)
        return tail.word in self.words["contrast"] and following in people and tail.line.letter(tail.start) != "p"

    def follows_gap(self, tail: _Tail) -> bool:
        """Return whether a clause is joined to what "what Lind said was old" says without a subject."""
        return tail.line.letter(tail.start) in "FRx" and tail.letter == "c" and tail.line.letter(tail.at + 2) in "npz"

    def joins(self, tail: _Tail) -> bool:
        following = tail.line.first(tail.at + 2)
        joined = tail.dash and tail.letter == "c" and tail.word not in self.words["contrast"]
        return joined and following not in self.words["that | so-not"]

    # --- several clauses ---

    def clauses(self, line: Line, start: int, stop: int) -> list[tuple[int, int]]:
        """Return the clauses of "A, then that B, and that C" between `start` and `stop`."""
        found: list[tuple[int, int]] = []
        for joint in _JOINT.finditer(line.letters, start + 2, stop):
            sequence = joint["then"] is None or line.first(joint.start("then")) in self.words["sequence"]
            if sequence and line.has_verb(joint.end(), stop) and line.has_verb(start, joint.start()):
                found.append((start, joint.start()))
                start = joint.end()
        return [*found, (start, stop)]


# Where a later attribution ends the words of an earlier one.
_STOPS: Rules[Ends, _Pair, int] = (
    (", adding that", lambda _, p: p.later.kind == "participle", Ends.participle),
    ("and added that", lambda _, p: p.later.subject.how == "shared", Ends.shared),
    ("Ann, who met Lind, said", Ends.is_in_subject, lambda _, p: p.later.at - 1),
    ("; Lind said", lambda _, p: p.letter == ";", lambda _, p: p.at),
    (
        "but Lind said",
        lambda f, p: p.gap > 1 and p.letter in "cs" and p.word in f.words["contrast"],
        lambda _, p: p.at - (p.line.letters[p.at - 1] == ","),
    ),
    ("- 'Ah,' Lind said", Ends.is_inserted, lambda _, p: p.at - 1),
    ("although an engineer, Lind, said", lambda _, p: p.later.kind == "verb", Ends.contrast),
    (", and Lind said", lambda _, p: p.later.kind == "verb", Ends.joining),
    ("asked if she knew, the pilot said", Ends.closes_question, lambda _, p: p.at),
    (", The Ledger reported", Ends.is_passed_on, lambda _, p: p.at),
    (", according to", Ends.is_sourced, lambda _, p: p.at),
)

# Whether the words behind a comma or dash are the writer's; by default they are not.
_TAILS: Verdicts[Ends, _Tail, bool] = (
    (", but he would not say more", Ends.contrasts, True),
    (", pointing to a 'hole'", lambda f, t: t.word in f.words["aside-participle"], True),
    ("said was old, but the crew left", Ends.follows_gap, True),
    ("more follows", lambda _, t: not t.last, False),
    (", which was passed in May", Ends.is_fact, True),
    (", who left in May", lambda f, t: t.word in f.words["personal-relative"] and f.is_behind_name(t), True),
    (", a view that cost him votes", Ends.judges, True),
    (", the founder of the firm", Ends.describes_name, True),
    ("- and no one objected", Ends.joins, True),
    (", as did Malt", lambda f, t: t.word in f.words["as"] and t.line.letter(t.at + 2) in "xF", True),
)
