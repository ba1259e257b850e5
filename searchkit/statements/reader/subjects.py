"""Find who the subject of a verb of speech is, by the constituent before the verb."""

import re
from collections.abc import Callable

from msgspec import Struct

from searchkit.statements.quotes.reading import SPEAKING_KINDS
from searchkit.statements.reader.constituents import Line
from searchkit.statements.reader.lexicon import Lexicon

# Party and state behind the name of a member of a parliament.
_PARTY = re.compile(r"[DRI]-[A-Z][\w.]{1,9}")
# What stands between two commas between a subject and its verb: phrases, a relative clause, a participle.
_ASIDE = re.compile(r"[nDIacSe,#gfis]*|n[^RFz]{0,6}w.*|w.*|[egrIDia].*|\(.*|s.{1,12}")
_MAIN_VERB = re.compile(r",[pRFx]")
_REACH = 30  # constituents between a subject and the comma that closes its aside
# A name whose kind nothing shows may be a person's: "Terhune's lawyer, Ivo Strand, said".
_PERSON_KINDS = frozenset({"person", "other"})


class Subject(Struct, frozen=True):
    """The constituents from `first` up to `last` that speak, and `start`, where the attribution begins.

    `how` is left or right of the verb, shared with another verb, relative (antecedent of the pronoun at `start`),
    opening (behind a participle that opens the sentence), source, or handed (another passes its words on).
    """

    first: int
    last: int
    how: str
    start: int


class Subjects:
    """Finds the subjects of verb groups, participles and infinitives."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.words = lexicon.words
        self._leading = self.words["negative-subject | even"]
        self._titles = self.words["title-male | title-female"]

    # --- before a finite verb ---

    def before(self, line: Line, at: int) -> Subject | None:
        """Return the subject before the verb group at `at`; no time opens: "Twice a year, boats sink, said Lind"."""
        letters = line.letters
        j = at - 1
        while j >= 0 and (letters[j] in "aDI" or (letters[j] == "c" and j and letters[j - 1] == letters[j + 1] == "I")):
            j -= 1
        if j > 0 and letters[j] == "c" and line.first(j) in self.words["negative-subject"] and letters[j - 1] in "npz":
            j -= 1  # "Lind neither confirmed nor denied"
        find = _BY_LETTER.get(letters[j]) if j >= 0 else None
        found = find(self, line, j) if find is not None else None
        if found is None or letters[: found.first].strip("a") or line.letter(found.last) != ",":
            return found
        return None if line.sentence.low[line.parts[found.first].head] in self.words["time"] else found

    def _plain(self, line: Line, j: int) -> Subject | None:
        """Return the subject that ends with the phrase at `j`."""
        letters, before = line.letters, line.letter(j - 1)
        if letters[j] == "z":
            if line.first(j).partition("'")[0] in self.words["relative"]:
                return self._antecedent(line, j)
            return Subject(j, j + 1, "left", j)
        if before == "g" and line.letter(j - 2) in "^,c:sQ":
            return Subject(j - 1, j + 1, "left", j - 1)
        if letters[j] in "no" and before in "RFegrf":
            around = self._around(line, j - 1)  # the object of another verb: "Fishermen who met Lind said"
            named = letters[j] == "n" and line.sentence.named[line.parts[j].head] is not None
            return Subject(j, j + 1, "left", j) if around is None and named else around
        if letters[j] == "o" and before not in "^,ctsQ-":
            return None
        named = line.letter(j - 1) + line.letter(j - 2) == ",n" and line.letter(j - 3) in "^Q,;c"
        if named and line.first(j) in self.words["article"] and self._only_names(line, j - 2, j - 1):
            return Subject(j - 2, j - 1, "left", j - 2)  # "Ann Cole, the president of the club said"
        first = self._first_of_list(line, j)
        phrases = self.is_speaker(line, j) or self._is_issued(line, j)  # not "tables in Brno and Selden"
        last = self._with_phrases(line, j + 1) if phrases else j + 1
        return Subject(first, last, "left", self._opening(line, first))

    def _is_issued(self, line: Line, at: int) -> bool:
        """Return whether a document and who issued it stand there: "a letter from the school"."""
        return line.first(at + 1) in self.words["issuer"] and not self.lexicon.papers.isdisjoint(line.words(at, at + 1))

    @staticmethod
    def _with_phrases(line: Line, last: int) -> int:
        while line.letter(last) == "I":
            last += 1
        return last

    def _opening(self, line: Line, first: int) -> int:
        """Return where the attribution begins: with "neither", "only" and the like before the subject."""
        lead = first - 1
        return lead if line.letter(lead) in "ac" and line.first(lead) in self._leading else first

    def _first_of_list(self, line: Line, j: int) -> int:
        """Return the first phrase of "A, B and C" that ends with the phrase at `j`."""
        letters = line.letters
        joined = line.letter(j - 1) == "c" and line.letter(j - 2) == "n" and letters[j] == "n"
        if (
            not joined
            or line.first(j - 1) not in self.words["joining"] | {"nor", "or", "&"}
            or line.letter(j - 3) in "RFegf"
        ):
            return j
        first = j - 2
        while line.letter(first - 1) + line.letter(first - 2) == ",n" and line.letter(first - 3) in "^Qc;":
            first -= 2
        return first

    def _around(self, line: Line, verb: int) -> Subject | None:
        """Return the subject whose relative clause or participle holds the verb at `verb`."""
        letters = line.letters
        j = line.skip_back(verb - 1, "aDI")
        if j < 0:
            return None
        owned = line.letter(j - 1) in "wt" and line.letter(j - 2) in "nI"  # "The nurse that Lind praised said"
        if letters[verb] in "ergf" and letters[j] in "np" and not owned:
            return Subject(j, self._with_phrases(line, j + 1), "left", j)
        if letters[j] in "np" and line.letter(j - 1) == "n" and line.letter(j - 2) in "^,ctsQ":
            return Subject(j - 1, j, "left", j - 1)  # "the pilots I met said"
        for k in range(j, max(-1, j - 6), -1):
            if letters[k] in "wt" and line.letter(k - 1) in "nI":
                found = self._antecedent(line, k)
                return Subject(found.first, found.last, "left", found.first) if found is not None else None
            if letters[k] in ",;:Q-":
                break
        return None

    def _relative(self, line: Line, j: int) -> Subject | None:
        """Return the antecedent of a relative pronoun, "that" only behind a noun."""
        if line.letters[j] == "t" and line.letter(j - 1) not in "nI":
            return None
        return self._antecedent(line, j)

    def _antecedent(self, line: Line, pronoun: int) -> Subject | None:
        letters = line.letters
        if line.letter(pronoun - 1) == "i" and line.letter(pronoun - 2) == "n":
            return Subject(pronoun - 2, pronoun - 1, "relative", pronoun)  # "many of whom"
        end = pronoun - (line.letter(pronoun - 1) in ",-")
        at, nearest = end - 1, -1
        while at >= 0 and letters[at] in "DIn":
            if letters[at] != "D":
                nearest = at if nearest < 0 else nearest
                if self.is_speaker(line, at):
                    return Subject(at, at + 1, "relative", pronoun)
            if letters[at] == "n":
                break
            at -= 1
        if nearest < 0 and line.letter(at) == "p":
            nearest = at
        return Subject(nearest, nearest + 1, "relative", pronoun) if nearest >= 0 else None

    def is_speaker(self, line: Line, at: int) -> bool:
        part, sentence = line.parts[at], line.sentence
        return any(
            sentence.low[k] in self.lexicon.people
            or ((named := sentence.named[k]) is not None and named.kind in SPEAKING_KINDS)
            for k in range(part.first, part.last)
        )

    def _joined(self, line: Line, j: int) -> Subject | None:
        """Return the subject of an earlier verb that the verb behind the conjunction at `j` shares."""
        letters = line.letters
        for k in range(j):
            if letters[k] == "R" and (found := self.before(line, k)) is not None and found.how != "relative":
                return Subject(found.first, found.last, "shared", j + 1)
        for k in range(j - 1, -1, -1):
            if letters[k] in "RF":
                found = self.before(line, k)
                if found is not None and line.letter(found.start - 1) in "wtsq" and line.letter(found.start - 2) != "^":
                    continue
                if found is not None:
                    return Subject(found.first, found.last, "shared", j + 1)
            if letters[k] in ";:":
                break
        return None

    def _behind_verb(self, line: Line, j: int) -> Subject | None:
        """Return the subject of "have for years been saying", or the one whose relative clause ends at `j`."""
        part = line.parts[j]
        if part.last - part.first == 1 and line.first(j) in self.lexicon.helping:
            return self.before(line, j)
        relative = line.letter(j - 2) == "w"  # "The nurse whom Lind visited said"
        if part.last - part.first == 1 and line.letter(j - 1) == "n" and line.first(j).endswith("ed") and not relative:
            return Subject(j - 1, j, "left", j - 1)  # "56 percent of owners polled said"
        return self._around(line, j)

    def _behind_participle(self, line: Line, j: int) -> Subject | None:
        noun = line.skip_back(j - 1, "DI")
        if line.letter(noun - 1) == "w" and (owner := self._antecedent(line, noun - 1)) is not None:
            return Subject(owner.first, owner.last, "left", owner.first)  # "The nurse whom Lind visited said"
        return Subject(noun, noun + 1, "left", noun) if noun >= 0 and line.letters[noun] == "n" else None

    def _before_bracket(self, line: Line, j: int) -> Subject | None:
        opening = next((k for k in range(j - 1, max(-1, j - 12), -1) if line.letters[k] == "("), 0)
        return self.before(line, opening) if opening else None

    def _before_aside(self, line: Line, j: int) -> Subject | None:
        """Return the subject before an aside in commas: "Lind, a lawyer, said"; or the aside, if it is only a name."""
        letters = line.letters
        doubtful: Subject | None = None
        for comma in range(j - 1, max(-1, j - _REACH), -1):
            if letters[comma] != letters[j]:
                continue
            if set(letters[comma + 1 : j]) == {"a"}:
                return self.before(line, comma)  # "brokers, however, said"
            before = self._before_phrases(line, comma)
            if before < 0 or self._is_tag(line, comma - 1):
                continue
            is_subject = letters[before] in "np" and line.letter(before - 1) not in "RFe"
            if self._only_names(line, comma + 1, j):
                return Subject(comma + 1, j, "left", before if is_subject else comma + 1)
            if (is_subject or letters[before] == "p") and _ASIDE.fullmatch(letters, comma + 1, j):
                found = self._start_of_asides(line, before, comma)
                if self._may_speak(line, found.first):
                    return found
                doubtful = doubtful or found  # "Lind, secretary for gulls, boats, and ropes, said"
            if letters[before] in "RF":
                break
        return doubtful or self._opening_name(line, j)

    def _before_phrases(self, line: Line, comma: int) -> int:
        """Return the constituent before the phrases that end at a comma, and before a participle with them."""
        before = line.skip_back(comma - 1, "DI")
        if before > 0 and line.letters[before] in "eg":
            return line.skip_back(before - 1, "DI")  # "The complaint filed by Orme, whose son is nine, alleges"
        return before

    def _opening_name(self, line: Line, j: int) -> Subject | None:
        """Return the name that opens the sentence, unless its verb follows: "Hollis, who lives there, said"."""
        opens = line.letters.startswith("n,") and self._only_names(line, 0, 1)
        return Subject(0, 1, "left", 0) if opens and not _MAIN_VERB.search(line.letters, 1, j) else None

    def _start_of_asides(self, line: Line, before: int, comma: int) -> Subject:
        """Return the subject before one or more asides: "Lind, the pilot, of Brno, said"."""
        letters, last = line.letters, comma
        while line.letter(before - 1) + line.letter(before - 2) == ",n" and line.letter(before - 3) in "^Qc;,":
            last = before - 1
            before -= 2
        first = self._first_of_list(line, before)
        named = letters[before] == "n" and line.sentence.named[line.parts[before].head] is not None
        return Subject(first, before + 1 if named else last, "left", first)

    def _is_tag(self, line: Line, at: int) -> bool:
        """Return whether the constituent between commas is a party and state, or the state of a town."""
        if line.letter(at - 1) != "," or line.letter(at) != "n":
            return False
        head = line.parts[at].head
        mention = line.sentence.named[head]
        return (mention is not None and mention.kind == "place") or bool(_PARTY.fullmatch(line.sentence.raw[head]))

    def _only_names(self, line: Line, first: int, last: int) -> bool:
        """Return whether the constituents are names of persons and nothing else but "and" and titles."""
        named = False
        begin, end = line.range(first, last) if first < last else (0, 0)
        for at in range(begin, end):
            mention, word = line.sentence.named[at], line.sentence.low[at]
            if mention is not None and mention.kind in _PERSON_KINDS:
                named = True
            elif word not in self.words["conjunction"] and word not in self._titles:
                return False
        return named

    # --- behind a verb ---

    def behind(self, line: Line, at: int) -> Subject | None:
        """Return the subject behind an inverted verb: "..., said Lind of the union"."""
        first = at + 1
        if line.letter(first) not in "npo" or line.first(first) in self.words["expletive"]:
            return None
        last = self._with_phrases(line, first + 1)
        while line.letter(last) == "c" and line.letter(last + 1) == "n" and line.first(last) in self.words["joining"]:
            last = self._with_phrases(line, last + 2)
        if line.letter(last) in "RFxz" or not (line.letter(at - 1) == "Q" or self._may_speak(line, first)):
            return None
        # "said its chairman, Igor Malt": the name speaks
        end = last + 2
        if line.letter(last) == "," and line.letter(last + 1) == "n" and self._only_names(line, last + 1, end):
            after = self._with_phrases(line, end)
            if line.letter(after) in "$,-;Q":
                return Subject(last + 1, end, "right", at)
        return Subject(first, last, "right", at)

    def _may_speak(self, line: Line, at: int) -> bool:
        part, sentence = line.parts[at], line.sentence
        return part.letter == "p" or any(
            sentence.named[k] is not None or sentence.low[k] in self.lexicon.speaking or sentence.raw[k][0].isupper()
            for k in range(part.first, part.last)
        )

    def attribution_end(self, line: Line, subject: Subject) -> int:
        """Return the end of an inverted attribution: behind the aside that follows its subject."""
        last = subject.last
        if line.letter(last) + line.letter(last + 1) != ",n":
            return last
        end = self._with_phrases(line, last + 2)
        return end if line.letter(end) in "$," and not self._may_begin_clause(line, last + 1, end) else last

    @staticmethod
    def _may_begin_clause(line: Line, first: int, last: int) -> bool:
        return line.letter(last) == "$" and line.has_verb(first, last)

    # --- participles and infinitives ---

    def of_participle(self, line: Line, at: int) -> Subject | None:
        """Return the subject of "saying" at `at`: the text that says it, or that of another verb."""
        letters, before = line.letters, line.letter(at - 1)
        if re.fullmatch(r"(?:[ca],?)?[iasc]?", letters[:at]):
            main = re.search(r",a?(?=[np][aDI]{0,3}[RF])", letters)
            if main is None:
                return None
            return Subject(main.end(), main.end() + 1, "opening", at)
        if before == "s" and line.first(at - 1) in self.words["as"]:
            return self._quoted(line, at - 1)
        if before == "i" and line.first(at - 1) not in self.words["participle-preposition"]:
            return None
        if before in "nI" and (found := self._of_text(line, at)) is not None:
            return found
        if before not in ",-aDQice" + "nI":
            return None
        start = letters.find(",") if letters[0] in "siI" and "," in letters[:at] else 0
        places = range(max(0, start), at) if before != "i" else range(at - 1, -1, -1)
        for k in places:
            if letters[k] in "RF" and (found := self.before(line, k)) is not None:
                return Subject(found.first, found.last, "shared", at)
        return None

    def _quoted(self, line: Line, joint: int) -> Subject | None:
        """Return who is quoted before the "as" at `joint`: "quoted Lind as saying", "Lind was quoted as saying"."""
        letters = line.letters
        last = joint - (line.letter(joint - 1) == ",")
        verb = next((k for k in range(last - 1, max(-1, last - 7), -1) if letters[k] in "RF"), -1)
        if verb < 0 or line.sentence.low[line.parts[verb].verb] not in self.words["handing"]:
            return None
        if line.parts[verb].passive or verb + 1 == joint:
            found = self.before(line, verb)
            return Subject(found.first, found.last, "left", found.start) if found is not None else None
        found = self.before(line, verb)
        start = found.start if found is not None else verb + 1
        return Subject(verb + 1, last, "handed", start) if letters[verb + 1] in "no" else None

    def _of_text(self, line: Line, at: int) -> Subject | None:
        """Return the text before a participle that says it, or its writer: "shared a post by Lind saying"."""
        letters = line.letters
        papers = self.lexicon.papers
        noun = at - 1
        issued = letters[noun] == "I" and line.first(noun) in self.words["issuer"] and line.letter(noun - 1) == "n"
        if issued and not papers.isdisjoint(line.words(noun - 1, noun)):
            return Subject(noun, noun + 1, "left", noun)
        part = line.parts[noun]
        if letters[noun] == "n" and line.sentence.low[part.head] in papers:
            shares = (
                line.letter(noun - 1) in "RF" and line.sentence.low[line.parts[noun - 1].verb] in self.words["handing"]
            )
            return Subject(noun, noun + 1, "left", noun) if shares else None
        if line.letter(noun - 1) in "RF" and line.sentence.low[line.parts[noun - 1].verb] in self.words["handing"]:
            return Subject(noun, noun + 1, "handed", noun)
        occasion = self.words["occasion"] | self.lexicon.documents
        if not occasion.isdisjoint(line.words(noun, noun + 1)):
            return None
        alone = noun == 0 or line.letter(noun - 1) in ",-c"
        person = letters[noun] == "I" and self.is_speaker(line, noun)
        return Subject(noun, noun + 1, "left", noun) if alone or person else None

    def of_infinitive(self, line: Line, at: int) -> tuple[Subject, bool] | None:
        """Return the subject of "took to the radio to say", and whether it refused: "declined to say"."""
        part = line.parts[at]
        verb = line.skip_back(at - 1, "aDInc")
        low = line.sentence.low
        if verb < 0 or line.letters[verb] not in "RF" or line.parts[verb].negated:
            return None
        group = line.parts[verb]
        near = low[group.last : part.first]
        speaking = self.words["speaking-infinitive"]
        word = low[group.verb]
        refuses = word in self.words["refusal"] or (not self.words["refusal"].isdisjoint(near[-1:]))
        if not refuses and word not in speaking and speaking.isdisjoint(near[-1:]):
            return None
        if group.modal and group.modal not in {"will", "would"}:
            return None
        found = self.before(line, verb)
        return (Subject(found.first, found.last, "left", found.start), refuses) if found is not None else None


_BY_LETTER: dict[str, Callable[[Subjects, Line, int], Subject | None]] = {
    **dict.fromkeys("npoz", Subjects._plain),
    **dict.fromkeys("wt", Subjects._relative),
    **dict.fromkeys(",-", Subjects._before_aside),
    **dict.fromkeys("egr", Subjects._behind_participle),
    **dict.fromkeys("RFf", Subjects._behind_verb),
    "c": Subjects._joined,
    ")": Subjects._before_bracket,
}
