"""Find verbs of speech in German and French, each joined with its auxiliary or its particle, and who speaks.

A form may be finite and a participle ("erklärt"): the auxiliary in its part of the sentence decides. In German the verb
stands second: what stands before it may be its object.
"""

from msgspec import Struct

from searchkit.statements.clauses.constituents import Grouper
from searchkit.statements.clauses.phrases import Clauses, is_title
from searchkit.statements.packs import Cue
from searchkit.statements.text import Span


class Verb(Struct, frozen=True):
    """A verb of speech as constituents: `at`, its finite verb `finite` (an auxiliary or itself), and its part from
    `first` up to `last`. It is `final` in a dependent clause; `unreal`: "hätte gesagt"."""

    at: int
    finite: int
    cue: Cue
    first: int
    last: int
    final: bool = False
    passive: bool = False
    unreal: bool = False


class Verbs:
    """Finds verbs of speech in lines."""

    def __init__(self, grouper: Grouper) -> None:
        lexicon = self.lexicon = grouper.lexicon
        self._bare = grouper.bare
        self.words = lexicon.words
        self._pack = lexicon.pack

    def mark(self, line: Clauses) -> dict[int, Verb]:
        """Return the verbs of speech by constituent, and give these the letters R and r."""
        found = {at: verb for at in range(len(line)) if (verb := self.at(line, at)) is not None}
        for at, verb in found.items():
            if line.letters[at] != "f":
                line.parts[at].letter = "r" if verb.final else "R"
        line.letters = "".join(part.letter for part in line.parts)
        return found

    def at(self, line: Clauses, at: int) -> Verb | None:
        """Return the verb of speech at constituent `at`."""
        letter, size = line.letters[at], line.size(at, at + 1)
        if letter not in "FLMef" or (size > 1) != (letter == "f"):
            return None
        token = line.parts[at].last - 1
        word, spelled = self._bare(line.sentence.low[token]), self._bare(line.sentence.raw[token].lower())
        first, last = line.starts[at], line.ends[at]
        cue, last = self._cue(line, at, word, last)
        if cue is None or (word in self.words["with-it"] and not self.has_it(line, at)):
            return None
        participle = spelled in self._pack.participles
        if spelled != word and not (participle or spelled in self._pack.finite_forms):
            return None  # "gefördert" is not "gefordert"
        if letter == "f":
            return Verb(at, at, cue, first, last)
        modal = self._modal(line, at) if letter == "e" and at == last - 1 and word.endswith("en") else None
        if modal is not None:
            return Verb(at, modal, cue, first, last)
        if participle and (letter == "e" or self._auxiliary(line, at, first, line.ends[at]) is not None):
            return self._participle(line, at, cue, first, last)
        final = at == last - 1 and first < at and line.in_subordinate(at)
        return Verb(at, at, cue, first, last, final, word in self.words["passive"]) if letter != "e" else None

    def _modal(self, line: Clauses, at: int) -> int | None:
        """Return the modal verb of an infinitive at the end: "musste er betonen, dass"."""
        places = range(at - 1, line.starts[at] - 1, -1)
        return next((k for k in places if line.first(k) in self.words["modal"]), None)

    def _cue(self, line: Clauses, at: int, word: str, last: int) -> tuple[Cue | None, int]:
        """Return the cue of the form `word`, and the end of its part, which its particle may move."""
        for particled in self._pack.particled.get(word, ()):
            end = self._closing(line, at, particled.particle) or self._joined_end(line, at, particled.particle)
            if end:
                return particled, end
        if at < last - 1 and line.single(last - 1) in self.words["prefix"]:
            return None, last  # "findet ... statt" is another verb
        cue = self._pack.cues.get(word)
        reflexive = cue is not None and cue.lemma in self.words["not-reflexive"]
        itself = reflexive and "sich" in line.words(line.starts[at], last)  # "zeigte sich überrascht"
        return None if itself else cue, last

    def _closing(self, line: Clauses, at: int, particle: str) -> int:
        """Return the end of the part that `particle` closes: that of the verb, or one after asides; 0 for none.

        "Das teilte die Leiterin, Vera Lind, mit": the name is an aside between the verb and its particle.
        """
        last = line.ends[at]
        for _ in range(3):
            if line.single(last - 1) == particle and last - 1 > at:
                return last
            if line.letter(last) != "," or last + 1 >= len(line):
                return 0
            aside = line.ends[last + 1]
            if line.letter(aside) != "," or aside + 1 >= len(line):
                return 0
            letters = line.letters[last + 1 : aside]
            if letters[:1] not in "wq" and not {*"FKLMRtsf"}.isdisjoint(letters):
                return 0
            last = line.ends[aside + 1]
        return 0

    def _joined_end(self, line: Clauses, at: int, particle: str) -> int:
        """Return the end of the part of a verb with its particle, which "und" may end: "wies ab und"; 0 for none."""
        last = line.ends[at]
        if particle in (line.single(at - 1), line.single(at + 1)):
            return last
        joined = (k + 1 for k in range(at + 1, last - 1) if line.single(k) == particle and line.letter(k + 1) == "c")
        return next(joined, 0)

    def _participle(self, line: Clauses, at: int, cue: Cue, first: int, last: int) -> Verb | None:
        """Return the verb of a participle with its auxiliary: "hat gesagt", "wird gefordert"."""
        auxiliary = self._auxiliary(line, at, first, last)
        if auxiliary is None:
            return None
        perfect = line.first(auxiliary) not in self.words["state"] or line.first(at + 1) == "worden"
        if (not perfect and cue.lemma not in self.words["moving"]) or line.letter(auxiliary) == "K":
            return None  # "Das ist geplant": a state; "Ihr sei versichert worden": this is said itself
        passive = line.first(auxiliary) in self.words["passive"]
        passive = passive or line.first(at + 1) in self.words["passive-participle"]
        final = auxiliary > at and auxiliary == last - 1
        return Verb(at, auxiliary, cue, first, last, final, passive, unreal=line.letter(auxiliary) == "L")

    def _auxiliary(self, line: Clauses, at: int, first: int, last: int) -> int | None:
        places = (*range(at - 1, first - 1, -1), *range(at + 1, min(last, at + 3)))
        known = (k for k in places if line.letters[k] in "FKLM")
        return next((k for k in known if self._bare(line.single(k)) in self.words["auxiliary"]), None)

    def has_it(self, line: Clauses, at: int) -> bool:
        return any(line.single(k) in self.words["impersonal"] for k in (at - 1, at + 1))


_ASIDES = 4  # parts of the sentence between a subject and its verb: "Lind, Sprecher der Stadt, ... sagte"
Tokens = tuple[int, int]


class Subjects:
    """Finds the subjects of verbs of speech, as tokens."""

    def __init__(self, grouper: Grouper) -> None:
        self._clitic = grouper.clitic
        self.lexicon = grouper.lexicon
        self.words = grouper.words

    def of(self, line: Clauses, verb: Verb, shared: Span | None, *, inverted: bool = False) -> Span | None:
        """Return who speaks, or None; an `inverted` verb has its subject behind it if anywhere; `shared` spoke last."""
        token = line.parts[verb.finite].first
        if clitic := self._clitic(line.sentence.low[token]):
            end = line.sentence.end[token]
            return Span(end - len(clitic), end)
        joined = self._shared(line, verb)
        if verb.passive and verb.cue.lemma in self.words["naming"]:
            found = self.before(line, verb) or self.after(line, verb)  # "Lind wird mit den Worten zitiert"
        elif verb.passive:
            found = self._agent(line, verb) or self._document(line, verb)
        elif line.letters[verb.at] == "f":
            found = self._governing(line, verb)
        elif joined is not None:
            return shared or line.sentence.range(*joined)
        else:
            found = self._stated(line, verb, inverted=inverted)
            if found is None or line.sentence.low[found[0]] in self.words["impersonal"]:
                found = self._document(line, verb) or self._agent(line, verb)
        return line.sentence.range(*found) if found is not None else None

    def _stated(self, line: Clauses, verb: Verb, *, inverted: bool) -> Tokens | None:
        """Return the subject that stands before or behind an active verb."""
        behind = self.after(line, verb)
        found = (behind if inverted else None) or self.before(line, verb)
        if found is None or inverted or behind is None or self._is_source(line, found):
            return found if found is not None else behind
        # "Diese Entscheidung kritisierte der Minister": the object comes first.
        return behind if self.is_party(line, behind) else found

    def is_party(self, line: Clauses, tokens: Tokens) -> bool:
        """Return whether a noun phrase names a person or body, by name, role or pronoun."""
        words, named = line.sentence.low[slice(*tokens)], line.sentence.named[slice(*tokens)]
        personal = words[0] in self.words["pronoun"] and words[0] not in self.words["impersonal"] and len(words) == 1
        endings = self.lexicon.party_endings
        known = any(word in self.lexicon.parties or word.endswith(endings) for word in words)
        return personal or known or any(mention is not None and mention.kind != "place" for mention in named)

    def _is_source(self, line: Clauses, tokens: Tokens) -> bool:
        named = any(line.sentence.named[slice(*tokens)])
        return named or self._is_written(line, tokens) or self.is_party(line, tokens)

    # --- before the verb ---

    def before(self, line: Clauses, verb: Verb) -> Tokens | None:
        """Return the subject before the verb."""
        letters, lead = line.letters, min(verb.finite, verb.at)
        if verb.final:
            return self._in_subordinate(line, verb)
        if line.first(verb.first) in self.words["as"]:
            return None
        first = min(line.skip(verb.first), lead)
        inverted = self._is_inverted(line, first, lead) or self._is_dative(line, verb, first)
        surname = first == 0 and line.letter(0) == "I" and line.first(0) in self.words["from"]
        if surname and line.names_person((line.parts[0].first + 1, line.parts[0].first + 3)):
            return line.tokens(0)  # "Von der Lind sagte"
        titled = letters[first] == "Q" and first + 1 == lead and is_title(line.sentence, line.parts[first].first)
        if letters[first] == "w":
            return self.antecedent(line, first)
        if first < lead and (letters[first] in "np" or titled) and not inverted:
            return line.tokens(first)
        if first == lead and line.letter(verb.first - 1) == "," and not inverted:
            return self._before_aside(line, verb)
        return None

    def _is_inverted(self, line: Clauses, first: int, lead: int) -> bool:
        """Return whether a pronoun behind the verb is its subject; not "es" of "Die Behörde hält es für ..."."""
        inverted = line.letter(lead + 1) == "p" and line.first(lead + 1) in self.words["nominative"]
        if inverted and line.first(lead + 1) in self.words["impersonal"]:
            return line.letter(first) not in "np" or not self.is_party(line, line.tokens(first))
        return inverted

    def _is_dative(self, line: Clauses, verb: Verb, first: int) -> bool:
        """Return whether the subject stands behind the verb: "Der Trainerin Vera Lind hält Malt vor, ..."."""
        if verb.cue.lemma not in self.words["dative-verb"] or line.first(first) != "der":
            return False
        return any(word.endswith("in") for word in line.words(first, first + 1)) and self.after(line, verb) is not None

    def _in_subordinate(self, line: Clauses, verb: Verb) -> Tokens | None:
        """Return the subject of a verb that ends its clause: "dass die Stadt sagte", "Lind, der sagte"."""
        opener = verb.first + (line.letter(verb.first) == "c")
        inner = line.find("np", opener + 1, min(verb.finite, verb.at))
        relative = line.letter(opener) == "w"
        oblique = line.size(opener, opener + 1) > 1 or line.first(opener) in self.words["accusative"]
        if inner is not None and (not relative or oblique or inner == opener + 1):
            return line.tokens(inner)
        return self.antecedent(line, opener) if relative else None

    @staticmethod
    def antecedent(line: Clauses, pronoun: int) -> Tokens | None:
        """Return the phrase before the comma of a relative clause."""
        before = pronoun - 2
        if line.letter(pronoun - 1) != "," or before < 0:
            return None
        before -= line.letter(before) not in "no" and line.letter(before - 1) in "no"
        return (line.parts[before].head, line.parts[before].last) if line.letter(before) in "noI" else None

    def _before_aside(self, line: Clauses, verb: Verb) -> Tokens | None:
        """Return the subject that asides part from its verb: "X, Sprecher der Stadt, sagte"."""
        start = verb.first
        relative = False
        for _ in range(_ASIDES):
            if start < 2 or line.letters[start - 1] != ",":
                break
            start = line.starts[start - 2] if line.letters[start - 2] != "," else start - 1
            relative = relative or line.letter(start) in "wsq"
        first = line.skip(start, "acD")
        if line.letter(first) not in "np" or line.letter(first + 1) not in ",Ia":
            return None
        begin, end = line.tokens(first)
        aside = line.range(first + 2, verb.first - 1) if verb.first - 1 > first + 2 else (0, 0)
        closed = not relative and line.letter(first + 1) == "," and not line.names_person((begin, end))
        # "L'installateur, la société Lind, affirme": the name stands in the aside.
        speaks = any(mention is not None and mention.kind != "place" for mention in line.sentence.named[slice(*aside)])
        return begin, aside[1] if closed and speaks else end

    # --- behind the verb ---

    def is_behind(self, line: Clauses, verb: Verb) -> bool:
        """Return whether the subject stands behind the verb, or is attached to it."""
        return bool(self._clitic(line.first(verb.finite))) or self.after(line, verb) is not None

    def after(self, line: Clauses, verb: Verb) -> Tokens | None:
        """Return the subject behind the verb."""
        at, limit = (verb.finite if self.words["capitals"] else max(verb.finite, verb.at)) + 1, verb.last
        at = line.skip(at, "aIDoic")
        if at >= limit or line.letters[at] not in "np":
            return None
        first, end = line.tokens(at)
        named = line.parts[at + 2].first if line.letters[at + 1 : at + 3] == ",n" else 0
        # "sagte der Leiter, Ivo Lind": the name after the comma belongs to the subject.
        return first, line.parts[at + 2].last if named and line.names_person((named, named + 1)) else end

    def _shared(self, line: Clauses, verb: Verb) -> Tokens | None:
        """Return the subject of the clause before, if the verb follows an "und": "Sie schwieg und kündigte an, ..."."""
        lead = min(verb.finite, verb.at)
        if lead < 2 or line.letters[lead - 1] != "c" or line.first(lead - 1) not in self.words["joining"]:
            return None
        at = line.find("np", line.starts[lead], lead)
        if at is None:  # "Im Mai legte Lind das Amt nieder und verkündete, ..."
            at = line.find("np", 0, lead)
        return line.tokens(at) if at is not None else None

    def _governing(self, line: Clauses, verb: Verb) -> Tokens | None:
        """Return the subject of the clause before an infinitive: "Lind beeilte sich, der Presse zu erklären, ..."."""
        first = line.skip(0)
        governs = line.letters[first] in "np" and verb.first > 1 and self.is_party(line, line.tokens(first))
        return line.tokens(first) if governs else None

    def _agent(self, line: Clauses, verb: Verb) -> Tokens | None:
        """Return who speaks in a passive: "Das wurde von der Stadt angekündigt"."""
        for part in line.parts[verb.first : verb.last]:
            by = part.letter == "I" and line.sentence.low[part.first] in self.words["agent"]
            if by and self.is_party(line, (part.head, part.last)):
                return part.head, part.last
        return None

    def _document(self, line: Clauses, verb: Verb) -> Tokens | None:
        """Return the document that says it: "In einem Brief der Stadt heißt es"."""
        if line.letter(verb.first) == "w" and line.size(verb.first, verb.first + 1) > 1:  # "ein Brief, in dem es heißt"
            found = self.antecedent(line, verb.first)
            if found is not None and self._is_written(line, found):
                return found
        for part in line.parts[verb.first : verb.last]:
            if part.letter not in "iI" or line.sentence.low[part.first] not in self.words["source-preposition"]:
                continue
            if part.letter == "I" and self._is_written(line, (part.head, part.last)):
                return part.head, part.last
            if part.letter == "i" and is_title(line.sentence, part.last):
                return part.last, part.last + 1
        return None

    def _is_written(self, line: Clauses, tokens: Tokens) -> bool:
        return any(word.endswith(self.lexicon.documents) for word in line.sentence.low[slice(*tokens)])
