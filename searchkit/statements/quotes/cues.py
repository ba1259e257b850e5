"""Find verbs of speech in a sentence, each with the noun phrase that is its subject.

Inversion (`..., said X`) counts only where content stands before the verb; elsewhere the name is an appositive.
"""

from msgspec.structs import replace

from searchkit.statements.packs import Cue
from searchkit.statements.quotes.phrases import Grammar
from searchkit.statements.quotes.reading import QUOTED, Candidate, Candidates, Sentence, Verb
from searchkit.statements.quotes.shared_subjects import SharedSubjects
from searchkit.statements.rules import Rules, Verdicts, apply, judge

# How far before a participle the text may stand that says it, in tokens.
_PHRASE = 10


class CueFinder:
    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.cues = grammar.pack.cues
        words = grammar.pack.words
        self.words = words
        self.moments = words["weekday"] | words["relative-day"] | words["month"]
        self.binding = grammar.prepositions - words["participle-preposition"]
        self.determining = grammar.determiners | grammar.prepositions
        self.edges = grammar.relatives | grammar.that | {",", "-", ")"}
        self.plurals = grammar.pack.roles["plural"]
        self.times = words["time"] | words["weekday"] | words["relative-day"]
        self.inverted_stops = frozenset({"", ",", "-", ":", "(", QUOTED}) | words["personal-relative"]
        self.inverted_stops |= grammar.prepositions | self.times
        self.leading = grammar.phrases("leading-verb")
        self.quoted_as = [phrase.split("-") for phrase in words["quoted-as"]]
        self.long_particles = [phrase.split("-") for phrase in words["long-particle"]]
        self._nouns = words["speech-noun"]
        self._shared = SharedSubjects(grammar)
        self._answers = self._nouns | words["answer-noun"]
        self._papers = grammar.pack.roles["document"] | words["message"]
        self._narrators = words["first-person"] | words["reader"]
        self._noun_verbs = dict(pair.split("-") for pair in words["noun-verb"])
        self._phrases: dict[str, list[list[str]]] = {}
        for phrase in words["source-phrase"]:
            self._phrases.setdefault(phrase.partition("-")[0], []).append(phrase.split("-"))
        longest = {max(phrase, key=len) for phrases in self._phrases.values() for phrase in phrases}
        # A sentence without any of these words reports nothing: one test for most sentences.
        self.triggers = self.cues.keys() | self._answers | longest
        self._any_start = self.triggers | self._phrases.keys()

    def candidates(self, sentence: Sentence) -> list[Candidate]:
        """Return every cue of `sentence` that has a subject, left to right."""
        found: list[Candidate] = []
        low = sentence.low
        for at, word in enumerate(low):
            if word not in self._any_start:
                continue
            phrases = (words for words in self._phrases.get(word, ()) if low[at : at + len(words)] == words)
            if (phrase := next(phrases, None)) is not None:
                after = at + len(phrase)
                end = after
                while end < len(low) and low[end] not in self.grammar.breaks and low[end] != QUOTED:
                    end += 1
                if end > after:
                    cue = Cue(lemma=" ".join(low[at:after]), needs="strong")
                    found.append(Candidate(at, after, cue, (after, end), "according"))
            elif word in self._nouns and self.opens_that(low, at + 1) and (owner := self._owner(sentence, at)):
                noun = word.removesuffix("s")
                cue = Cue(lemma=self._noun_verbs.get(noun, noun), needs="weak")
                found.append(Candidate(at, at + 1, cue, owner, "left", noun=True))
            elif word in self._answers and self._equates(low, at + 1) and (owner := self._owner(sentence, at)):
                cue = Cue(lemma=self._noun_verbs.get(word, word), needs="weak")
                found.append(Candidate(at, at + 2, cue, owner, "left"))
            elif word in self.cues:
                verb = self._verb(sentence, at, self.cues[word], found[-1] if found else None)
                candidates = apply(_READINGS, self, verb) if verb is not None else None
                found.extend(candidates or ())
        return found

    def _equates(self, low: list[str], at: int) -> bool:
        """Return whether "was" and a clause or quotation follow: "her answer was that", "his view is “no”"."""
        follows = at + 1 < len(low) and (low[at + 1] == QUOTED or self.opens_that(low, at + 1))
        return follows and low[at] in self.words["be"]

    def opens_that(self, low: list[str], at: int) -> bool:
        return at < len(low) and low[at] in self.grammar.that

    def _owner(self, sentence: Sentence, at: int) -> tuple[int, int] | None:
        """Return whose claim the noun at `at` is: "Lind's repeated claim", "their claim"."""
        low, grammar = sentence.low, self.grammar
        for before in range(at - 1, max(-1, at - 4), -1):
            if low[before] in self.words["possessive"]:
                return before, before + 1
            if low[before].endswith(("'s", "s'")):
                owner = grammar.phrase_before(sentence, before)
                return self._person_at_end(sentence, *owner) if owner is not None else None
            if low[before] in grammar.determiners or low[before] in grammar.prepositions or low[before] == ",":
                return None
        return None

    def _person_at_end(self, sentence: Sentence, first: int, last: int) -> tuple[int, int]:
        """Return the person at the end of "evidence of his father's", or the tokens as they are."""
        mention = sentence.named[last - 1]
        role = sentence.low[last - 1].rstrip("s").rstrip("'") in self.grammar.people
        if role or (mention is not None and mention.kind == "person"):
            inside = (at for at in range(last - 1, first, -1) if sentence.low[at - 1] in self.grammar.prepositions)
            first = next(inside, first)
        return first, last

    def _past_particle(self, low: list[str], at: int, particle: str) -> int:
        """Return the token after the words that belong to the verb at `at`; 0 if they do not follow it."""
        for words in self.long_particles:
            if words[0] == particle and low[at + 1 : at + 1 + len(words)] == words:
                return at + 1 + len(words)
        words = particle.split()
        for start in (at + 1, at + 2):
            if low[start : start + len(words)] == words:
                return start + len(words)
            if start >= len(low) or low[start] not in self.words["particle-filler"]:  # "made it clear"
                break
        return 0

    def _verb(self, sentence: Sentence, at: int, cue: Cue, last: Candidate | None) -> Verb | None:
        """Return the verb at `at` with what its auxiliaries say about it; None if its particle is missing."""
        low, grammar = sentence.low, self.grammar
        after = self._past_particle(low, at, cue.particle) if cue.particle else at + 1
        if not after:
            return None
        pair = f"{cue.lemma}-{low[after]}" if after < len(low) else ""
        if pair in self.words["longer-cue"]:
            cue = Cue(lemma=f"{cue.lemma} {low[after]}", needs="clause")
        after += pair in self.words["longer-cue"] or pair in self.words["object-particle"]
        helped = negated = supposed = False
        before = at - 1
        while before >= 0:
            word = low[before]
            if sentence.named[before] is not None or (sentence.raw[before][0].isupper() and before):
                break
            if word in grammar.negations or word.endswith("n't"):
                negated = True
            elif word in self.words["modal"]:
                supposed = True
                break
            elif word in grammar.auxiliaries:
                helped = helped or word not in self.words["have"]
            elif not grammar.is_adverb(word):
                break
            before -= 1
        lead = low[before] if before >= 0 else ""
        helped = helped or grammar.is_contraction(lead)
        participle = low[at].endswith("ing") and not helped
        following = low[after] if after < len(low) else ""
        return Verb(
            sentence, low, at, low[at], after, following, cue, last, before, lead, helped, negated, supposed, participle
        )

    def shared(self, verb: Verb) -> Candidates:
        """Return the candidate of a co-ordinated verb or a participle, whose subject stands before an earlier verb."""
        states = verb.following in self.grammar.that or verb.following in self.words["nominative"]
        if states and verb.cue.lemma in self.words["tell-verb"] and not verb.participle:
            return ()  # "was arrested and informed he ...": without an addressee it is passive
        subject = verb.last.subject if verb.last is not None else self._shared.before(verb.sentence, verb.at)
        if subject is None and verb.participle and verb.before <= 0 and verb.last is None:
            subject = self._shared.behind(verb.sentence, verb.after)
        return verb.candidate(subject, "shared")

    def unsaid(self, verb: Verb) -> Candidates:
        """Return the candidate of "did not say whether", "would not rule out that"."""
        last = verb.last
        if last is not None and last.at <= verb.before < last.after:
            return verb.candidate(last.subject, "shared")  # "neither confirmed nor denied"
        subject = self.grammar.subject_before(verb.sentence, verb.before - verb.supposed)
        if subject is not None and verb.low[subject[1] - 1] in self._narrators:
            return ()  # "I can't believe how cheap it is" is the article's own
        return verb.candidate(subject, "left")

    def refused(self, verb: Verb) -> Candidates | None:
        """Return the candidate of "declined to say", "stopped short of saying"; None if the verb is not refused."""
        low, grammar, before = verb.low, self.grammar, verb.before - 1
        if verb.low[max(0, before) : before + 1] == ["short"] and verb.lead in self.words["denial-link"]:
            before -= 1
        before = grammar.skip_back(low, before)
        if before < 1 or low[before] not in self.words["refusal"]:
            return None
        before = grammar.skip_back(low, before - 1, also=grammar.auxiliaries)
        if low[before] in grammar.negations or low[before] in self.words["modal"]:
            return ()
        verb.negated = True
        subject = grammar.subject_before(verb.sentence, before)
        if subject is None and low[before] in grammar.conjunctions and verb.last is not None:
            return verb.candidate(verb.last.subject, "shared")
        return verb.candidate(subject, "left")

    def documented(self, verb: Verb) -> Candidates | None:
        """Return the candidate of "shared a post by Lind saying": who wrote what says it; None without such a text."""
        low = verb.low
        aside = verb.lead == ","
        last = verb.before - aside
        reach = range(last, max(0, last - _PHRASE), -1)
        quoting = next((at for at in reach if low[at] in self.words["handing"]), 0)
        paper = next((at for at in reach if low[at] in self._papers), 0)
        if low[last] in self.words["as"] and quoting > paper and low[quoting + 1] not in self.grammar.prepositions:
            return self._handed_on(verb, quoting + 1, last)  # "a report quoted him as saying"
        until = paper or last
        shared = next((at for at in range(until, max(0, until - _PHRASE), -1) if low[at] in self.words["handing"]), 0)
        shares = shared > 0 and self.words["be"].isdisjoint(low[shared - 1 : shared])
        if not paper and shares and not aside:
            return self._handed_on(verb, shared + 1, last + (low[last] not in self.words["as"]))
        if not paper or (aside and not shares) or not self.grammar.breaks.isdisjoint(low[paper:last]):
            return None
        return self._of_paper(verb, paper, last, shared if shares else None)

    def _of_paper(self, verb: Verb, paper: int, last: int, shared: int | None) -> Candidates | None:
        """Return the candidate of the document at `paper`, which the verb at `shared` passes on."""
        low, sentence, aside = verb.low, verb.sentence, verb.lead == ","
        if paper < last:
            if low[paper + 1] not in self.words["issuer"]:
                return None
            return () if aside else verb.candidate((paper + 2, last + 1), "left")  # who says it, the writer or sharer?
        owner = self._owner(sentence, paper)
        if owner is None:
            is_passed_on = shared is not None and not aside
            return verb.candidate(self.grammar.phrase_before(sentence, paper), "left") if is_passed_on else None
        if aside or (low[owner[0]] in self.words["possessive"] and shared is None):
            return None
        return verb.candidate((owner[0] if shared is None else max(owner[0], shared + 1), owner[1]), "left")

    def _handed_on(self, verb: Verb, first: int, last: int) -> Candidates | None:
        """Return the candidate of "retweeted Lind saying", "quoted the mayor as saying": whose words those are."""
        others = self.grammar.prepositions - self.words["of"] | self.grammar.breaks
        speaks = self._is_somebody(verb.sentence, first, last) and others.isdisjoint(verb.low[first:last])
        return verb.candidate((first, last), "left") if speaks else None

    def _is_somebody(self, sentence: Sentence, first: int, last: int) -> bool:
        is_pronoun = first + 1 == last and sentence.low[first] in self.words["object-pronoun"]
        return is_pronoun or (first < last and self.grammar.speaks(sentence, first, last))

    def spoken_infinitive(self, verb: Verb) -> Candidates:
        """Return the candidate of "took to the radio to say", "continues to insist": the first verb asserts it."""
        low, grammar = verb.low, self.grammar
        for at in range(verb.before - 1, max(0, verb.before - 6), -1):
            if low[at] in self.words["speaking-infinitive"]:
                before = at - 1
                while before > 0 and (low[before] in grammar.auxiliaries or grammar.is_adverb(low[before])):
                    if low[before] in self.words["modal"]:
                        return ()
                    before -= 1
                if low[before] in grammar.negations or low[before].endswith("n't"):
                    return ()
                return verb.candidate(grammar.subject_before(verb.sentence, before), "left")
            if low[at] in {",", ";", "-"} or low[at] in grammar.finite or low[at] in grammar.conjunctions:
                break
        return ()

    def quoted_as_saying(self, verb: Verb) -> Candidates:
        low, grammar = verb.low, self.grammar
        before = grammar.skip_back(low, verb.at - 3, -1, grammar.auxiliaries)
        verb.cue = self.cues["said"]
        return verb.candidate(grammar.subject_before(verb.sentence, before), "left")

    def subject_before(self, verb: Verb) -> Candidates:
        low, words = verb.low, self.words
        subject = self.grammar.subject_before(verb.sentence, verb.before)
        if subject is None and self.opens_that(low, verb.before) and QUOTED in low[verb.after : verb.after + 2]:
            subject = self.grammar.phrase_before(verb.sentence, verb.before - 1)  # "a sticker that says “it is old”"
        if subject is None:
            shares = verb.lead in {",", QUOTED} and verb.last is not None
            return verb.candidate(verb.last.subject, "shared") if shares and verb.last is not None else ()
        first, last = subject
        reader = low[first] in words["reader"]
        # A court hears witnesses, others only hear of things; a letter reads "...", a person only reads it.
        hears = verb.cue.lemma in words["hear-verb"] and low[last - 1] not in words["hearer"]
        reads = verb.cue.lemma in words["read-verb"] and self._is_person(verb.sentence, last - 1)
        return () if reader or hears or reads else verb.candidate(subject, "left")

    def _is_person(self, sentence: Sentence, at: int) -> bool:
        word, mention = sentence.low[at], sentence.named[at]
        person = mention is not None and mention.kind == "person"
        personal = word in self.grammar.pronouns and word not in self.words["neuter"]
        return person or personal or word in self.grammar.people

    def inverted(self, verb: Verb) -> Candidates | None:
        sentence, low, grammar = verb.sentence, verb.low, self.grammar
        after, before = verb.after, verb.before
        if self._is_never_inverted(verb):
            return None
        end = grammar.phrase_after(sentence, after)
        if end is None or verb.following in self.words["expletive"]:
            return None
        name_end = grammar.name_after(sentence, end)
        subject = (end + 1, name_end) if name_end else (after, end)
        if self._interrupts(sentence, before, after, end):
            return verb.candidate((after, end), "right")
        if verb.lead == QUOTED:
            clause = verb.following in grammar.pronouns and low[end : end + 1] and low[end] in grammar.finite
            return None if clause else verb.candidate(subject, "right")  # "who calls it 'old,' said he does not"
        if before < 0 and (end >= len(low) or low[end] not in {":", ","}):
            return None
        stated = before <= 0 or (grammar.states(sentence, 0, before) and grammar.has_verb(sentence, 0, before))
        if not stated and grammar.subject_before(sentence, before) is not None:
            return None  # "Vera Lind, head of the office, said the plan ..."
        stop = low[end] if end < len(low) else ""
        return verb.candidate(subject, "right") if stop in self.inverted_stops else None

    def _is_never_inverted(self, verb: Verb) -> bool:
        lemma = verb.cue.lemma
        if verb.form in self.words["never-inverted"] or lemma in self.words["tell-verb"]:
            return True
        if verb.following in self.moments and not self._is_person(verb.sentence, verb.after):
            return True  # "said Monday", but "said June Carter"
        return verb.low[verb.at] == lemma and lemma not in self.words["say-verb"]

    def _interrupts(self, sentence: Sentence, before: int, first: int, end: int) -> bool:
        """Return whether a person between commas, a finite verb behind, says both sides."""
        low, mention = sentence.low, sentence.named[first]
        person = mention is not None and mention.kind == "person" and sentence.named[end - 1] is mention
        between = before > 0 and low[before] == "," and end + 1 < len(low) and low[end] == ","
        return person and between and low[end + 1] in self.grammar.finite

    def is_capitalized(self, verb: Verb) -> bool:
        sentence, at = verb.sentence, verb.at
        return at > 0 and sentence.raw[at][0].isupper() and verb.low[at - 1] != QUOTED and not sentence.is_title()

    def is_passive(self, verb: Verb) -> bool:
        inside = verb.low[verb.before + 1 : verb.at]
        return verb.helped and not verb.form.endswith("ing") and not self.words["be"].isdisjoint(inside)

    def is_conditional(self, verb: Verb) -> bool:
        """Return whether a contraction holds a modal: "I'd write", but not "he'd said"."""
        contracted = self.grammar.is_contraction(verb.lead)
        bare = verb.form == verb.cue.lemma
        return contracted and (verb.lead.endswith("'ll") or (verb.lead.endswith("'d") and bare))

    def is_bound(self, verb: Verb) -> bool:
        """Return whether a preposition governs the participle: "for saying"; "on saying that" still reports."""
        reports = verb.cue.needs == "strong" and verb.following in self.grammar.that
        return verb.participle and verb.lead in self.binding and not reports

    def is_base_form(self, verb: Verb) -> bool:
        """Return whether a co-ordinated verb is a bare base form that no other base form leads to."""
        lemma, last = verb.cue.lemma, verb.last
        base = verb.form == lemma and lemma not in self.words["read-verb"]
        return base and (last is None or verb.low[last.at] != last.cue.lemma)

    def may_be_inverted(self, verb: Verb) -> bool:
        capital = verb.at > 0 and verb.sentence.raw[verb.at][0].isupper()
        return verb.adjacent and not capital and verb.lead in {"", ",", QUOTED, "-"}

    def states_that(self, verb: Verb) -> bool:
        states = verb.lead not in self.determining and verb.form in self.words["telling"]
        clause = self.opens_that(verb.low, verb.at + 1) and verb.at + 2 < len(verb.low)
        return states and clause and self.grammar.opens_clause(verb.sentence, verb.at + 2)

    def is_governed(self, verb: Verb) -> bool:
        heard = verb.before > 0 and verb.low[verb.before - 1] in self.words["perception"]
        return verb.base and verb.adjacent and (heard or verb.lead in self.grammar.prepositions)

    def is_cleft(self, verb: Verb) -> bool:
        would = verb.supposed and verb.low[verb.before] in self.words["volition"]
        return would and verb.following in self.words["be"] and self.opens_that(verb.low, verb.after + 1)

    def _saying(self, verb: Verb) -> int | None:
        """Return the next "saying" behind "as" in the same clause."""
        low = verb.low
        for at in range(verb.at + 3, min(len(low), verb.at + _PHRASE)):
            if low[at - 1] in self.words["as"] and low[at].endswith("ing") and low[at] in self.cues:
                return at
            if low[at] in {";", ":", QUOTED}:
                break
        return None

    def handed_on(self, verb: Verb) -> Candidates | None:
        """Return the candidate of "“It is wet,” the radio quoted him as saying"; None without "saying".

        Words behind "saying" need none.
        """
        saying = self._saying(verb)
        if saying is None:
            return None
        subject = self.grammar.subject_before(verb.sentence, verb.before)
        if subject is None or QUOTED not in verb.low[: subject[0]]:
            return ()
        first, last = verb.at + 1, saying - 1 - (verb.low[saying - 2] == ",")
        if not self._is_somebody(verb.sentence, first, last):
            return ()
        verb.cue, verb.after = self.cues[verb.low[saying]], saying + 1
        return tuple(replace(each, handed_on=(first, last)) for each in verb.candidate(subject, "left"))

    def is_count(self, verb: Verb) -> bool:
        """Return whether a number or "some" is the subject: "one in five say", "some suggested that", "some have"."""
        low, counts = verb.low, verb.lead in self.words["counting"]
        perfect = not self.words["have"].isdisjoint(low[verb.before + 1 : verb.at])
        clause = self.opens_that(low, verb.at + 1) or verb.following in self.grammar.pronouns
        finite = (clause and not verb.form.endswith("s")) or verb.form in self.words["say-verb"]
        return counts and (perfect or finite)

    def lacks_speaker(self, verb: Verb) -> bool:
        named = verb.sentence.named[verb.before] is not None or verb.lead in self.grammar.speaking
        return verb.form.endswith("s") and not named

    def is_final_say(self, verb: Verb) -> bool:
        determiners = self.grammar.determiners
        final = verb.at > 1 and verb.low[verb.at - 2] in determiners and verb.lead in self.words["say-adjective"]
        return verb.lead in determiners or final

    def has_object(self, verb: Verb) -> bool:
        singular = verb.lead.isalpha() and not verb.lead.endswith("s") and verb.lead not in self.determining
        following = verb.low[verb.at + 1] if verb.at + 1 < len(verb.low) else ""
        return singular and verb.form.endswith("s") and following in self.grammar.articles

    def lacks_plural(self, verb: Verb) -> bool:
        sentence, before = verb.sentence, verb.before
        phrase = self.grammar.phrase_before(sentence, before)
        joined = phrase is not None and any(
            inner in self.words["joining"]
            or inner in self.plurals
            or inner in self.words["these"]
            or (inner.endswith("s") and not inner.endswith(("ss", "us")) and sentence.named[phrase[0] + number] is None)
            for number, inner in enumerate(verb.low[phrase[0] : before])
        )
        mention = sentence.named[before]
        plural = verb.lead.endswith("s") or verb.lead in self.plurals
        return not joined and (not plural or (mention is not None and mention.kind == "person"))


def _reject(finder: CueFinder, verb: Verb) -> Candidates:  # noqa: ARG001  rows of a table have one signature
    return ()


# What a known form of a verb of speech is in its sentence; an empty result: not a report.
_READINGS: Rules[CueFinder, Verb, Candidates] = (
    ("part of a name", lambda _, v: v.sentence.named[v.at] is not None, _reject),
    ("capitalized inside a sentence", CueFinder.is_capitalized, _reject),
    ("went on to win", lambda f, v: v.cue.lemma in f.leading and v.following in f.words["infinitive-mark"], _reject),
    ("it is worth noting", lambda f, v: v.at > 0 and v.low[v.at - 1] in f.words["helping"], _reject),
    ("passive", CueFinder.is_passive, _reject),
    ("quoted him as saying", lambda f, v: v.form in f.words["handing"], CueFinder.handed_on),
    ("what she would say is that", CueFinder.is_cleft, CueFinder.unsaid),
    ("should not say", lambda f, v: v.supposed and v.low[v.before] not in f.words["volition"], _reject),
    ("would not say", lambda _, v: v.negated and not v.participle, CueFinder.unsaid),
    ("supposed: could say", lambda _, v: v.supposed or v.negated, _reject),
    ("declined to say", lambda f, v: v.lead in f.words["infinitive-mark"] | f.words["denial-link"], CueFinder.refused),
    ("infinitive", lambda f, v: v.lead in f.words["infinitive-mark"], CueFinder.spoken_infinitive),
    ("contracted modal", CueFinder.is_conditional, _reject),
    ("quoted as saying", lambda f, v: v.low[max(0, v.at - 2) : v.at] in f.quoted_as, CueFinder.quoted_as_saying),
    ("its warning", lambda f, v: v.participle and v.adjacent and v.lead in f.words["definite"], _reject),
    ("participle after a preposition", CueFinder.is_bound, _reject),
    ("a post by Lind saying", lambda _, v: v.participle and v.before > 0, CueFinder.documented),
    ("participle", lambda _, v: v.participle, CueFinder.shared),
    ("base form after a conjunction", lambda f, v: v.lead in f.grammar.conjunctions and f.is_base_form(v), _reject),
    ("co-ordinated verb", lambda f, v: v.lead in f.grammar.conjunctions, CueFinder.shared),
    ("inverted: said X", CueFinder.may_be_inverted, CueFinder.inverted),
    ("heard him say; than say", CueFinder.is_governed, _reject),
    ("nothing before it", lambda _, v: v.before < 0, _reject),
    ("noun", lambda f, v: not v.helped and judge(_NOUNS, f, v, False), _reject),
    ("subject before the verb", None, CueFinder.subject_before),
)

# Whether a form such as "claims" is a noun; by default it is a verb.
_NOUNS: Verdicts[CueFinder, Verb, bool] = (
    ("after a pronoun", lambda f, v: v.lead in f.grammar.pronouns, False),
    ("who's argued", lambda f, v: v.lead.partition("'")[0] in f.grammar.relatives, False),
    ("form of a verb only", lambda f, v: v.form in f.words["never-noun"], False),
    ("a sticker that read 'old'", lambda f, v: v.lead in f.grammar.that and v.following in {QUOTED, ":"}, False),
    ("states that", CueFinder.states_that, False),
    ("some have said, some say that", CueFinder.is_count, False),
    ("a final say", lambda f, v: v.form in f.words["say-verb"] and f.is_final_say(v), True),
    ("they say", lambda f, v: v.form in f.words["say-verb"], False),
    ("the brochure calls the ferry", CueFinder.has_object, False),
    ("officials claim", lambda f, v: v.lead in f.plurals and v.form == v.cue.lemma, False),
    ("the claim, Lind's claim", lambda f, v: v.lead in f.determining or v.lead.endswith(("'s", "s'")), True),
    ("reads; after a boundary", lambda f, v: v.form in f.words["read-verb"] or v.lead in f.edges, False),
    ("base form without a plural subject", lambda f, v: v.base and f.lacks_plural(v), True),
    ("base form", lambda _, v: v.base, False),
    ("plural without a speaker", CueFinder.lacks_speaker, True),
)
