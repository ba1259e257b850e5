"""Reports in a language whose clauses the comma parts: German, French.

takes:    a Sentence
gives:    Events like those of events.py: cue, who speaks, token ranges of what is said
does not: look across sentences; know any language's words (the pack does)
traps:    a sentence in the mood of reported speech goes on with the report before it: an Report without cue and subject
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from searchkit.extract import clause_sources
from searchkit.extract.clause_phrases import BOUNDARIES, ClauseGrammar, Clauses, Report
from searchkit.extract.packs import Cue, Pack
from searchkit.extract.reading import MOST_TOKENS, Sentence
from searchkit.text import Span

# How many parts of the sentence may stand between a cue and its content: "Lind, Sprecher der Stadt, ... sagte, ...".
_ASIDES = 3
# Words before a closing attribution that are a statement even if no verb among them is known.
_CLEAR_STATEMENT = 4


@dataclass(frozen=True, slots=True)
class _Verb:
    """A cue at work: token `at`, its finite verb `finite` (an auxiliary or itself), the end `last` of its part."""

    at: int
    finite: int
    cue: Cue
    first: int
    last: int
    final: bool
    passive: bool


class ClauseEventFinder:
    """Applies the cue rules of one clausal language to sentences."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._grammar = ClauseGrammar(pack)
        words = pack.words
        self._words = words
        self._sources = (
            words["according"] | words["according-with"] | words["such"] | words["thus"] | words["postposed"]
        )
        self._clitics = tuple(f"-{word}" for word in words["clitic"])
        marks = "|".join(sorted(map(re.escape, words["separable"]), key=len, reverse=True))
        self._reported = -1  # number of the paragraph whose last sentence reported something
        self._infixed = re.compile(rf"(?:{marks})zu\w{{2,20}}n") if marks else None

    def find(self, sentence: Sentence, previous: Sentence | None) -> Iterator[Report]:
        """The events of `sentence`; `previous` is the one before it in the same paragraph."""
        if len(sentence) > MOST_TOKENS:
            return
        clauses = Clauses(self._grammar, sentence)
        goes_on = self._reported == sentence.paragraph
        self._reported = -1
        taken = self._taken_up(clauses) if previous is not None and not goes_on else None
        if taken is not None:
            yield taken
            return
        floor = at = 0
        while at < clauses.size:
            found = self._at(clauses, at, floor)
            if found is None:
                at += 1
                continue
            event, reached = found
            self._reported = sentence.paragraph
            yield event
            floor = max(floor, reached)
            at = max(at + 1, reached)
        if self._reported < 0 and self._is_reported(clauses, goes_on=goes_on):
            self._reported = sentence.paragraph
            yield Report(None, "", None, ((0, clauses.size),), "mood")

    def _taken_up(self, clauses: Clauses) -> Report | None:
        """ "Das teilte die Polizei mit.": the sentence before is what was said."""
        if clauses.low[:1] == [] or clauses.low[0] not in self._words["answer"] or clauses.size < 3:
            return None
        verb = self._verb(clauses, 1)
        if verb is None or verb.cue.needs != "strong" or verb.last < clauses.size:
            return None
        subject = self._subject_after(clauses, verb)
        if subject is None or any(map(clauses.is_quoted, range(subject[1], clauses.size))):
            return None
        sentence = clauses.sentence
        return Report(
            sentence.range(1, 2), verb.cue.lemma, sentence.range(*subject), (), "taken-up", takes_previous=True
        )

    def _at(self, clauses: Clauses, at: int, floor: int) -> tuple[Report, int] | None:
        word = clauses.low[at]
        if word in self._sources:
            found = clause_sources.find(clauses, at, floor)
            if found is not None:
                return found
        verb = self._verb(clauses, at)
        return self._report(clauses, verb, floor) if verb is not None else None

    def _is_reported(self, clauses: Clauses, *, goes_on: bool) -> bool:
        """Whether the main clause stands in the mood of reported speech; what `goes_on` may stand in a looser one."""
        low = clauses.low
        supposes = any(word in self._words["condition"] for word in low)
        moods = self._grammar.loose if goes_on and not supposes else self._grammar.strict
        if clauses.size < 3 or not clauses.has_mood(0, clauses.size, moods):
            return False
        at = 0
        while at < clauses.size:
            end = clauses.end(at)
            opens_other = low[at] in self._words["subordinator"] or (at and low[at] in self._grammar.subordinators)
            if at < end and not opens_other and clauses.has_mood(at, end, moods):
                return True
            at = end + 1
        return False

    # --- the verb ---

    def _verb(self, clauses: Clauses, at: int) -> _Verb | None:
        low = clauses.low
        word = low[at]
        bare = self._bare(word)
        first, last = clauses.start(at), clauses.end(at)
        if clauses.is_capital(at) and at > 0:
            return None
        cue = None
        for candidate in self._pack.particled.get(bare, ()):
            if (low[last - 1] == candidate.particle and last - 1 > at) or self._is_joined(clauses, at, candidate):
                cue = candidate
                break
        cue = cue or self._pack.cues.get(bare)
        if cue is None or (bare in self._words["with-it"] and not self._has_it(clauses, at)):
            return None
        opening = low[first] in (self._grammar.subordinators if first else self._words["subordinator"])
        final = at == last - 1 and first < at and (opening or low[first] in self._words["as"])
        if clauses.raw[at].lower() not in self._pack.participles or self._stands_finite(clauses, at, first):
            return _Verb(at, at, cue, first, last, final, passive=False)
        auxiliary = self._auxiliary(clauses, at, first, last)
        if auxiliary is None:
            return None
        passive = low[auxiliary] in self._words["passive"] or low[at + 1 : at + 2] == ["worden"]
        return _Verb(at, auxiliary, cue, first, last, auxiliary == at + 1 and auxiliary == last - 1, passive)

    def _is_joined(self, clauses: Clauses, at: int, cue: Cue) -> bool:
        """Whether the particle stands right before its verb ("bekannt gab") or before an "und" in its clause."""
        low = clauses.low
        if at and low[at - 1] == cue.particle:
            return True
        return any(
            low[k] == cue.particle and low[k + 1] in self._words["conjunction"]
            for k in range(at + 1, clauses.end(at) - 1)
        )

    def _has_it(self, clauses: Clauses, at: int) -> bool:
        around = clauses.low[max(0, at - 1) : at + 2]
        return any(word in self._words["impersonal"] for word in around)

    def _bare(self, word: str) -> str:
        """`word` without the pronoun hung on to it: dit-il, a-t-elle, l'a."""
        if not self._clitics:
            return word
        if word.endswith(self._clitics):
            word = word.rpartition("-")[0].removesuffix("-t")
        return word[2:] if word[1:2] == "'" and word[0] in "lsmtn" else word

    def _auxiliary(self, clauses: Clauses, at: int, first: int, last: int) -> int | None:
        places: tuple[int, ...] = (*range(at - 1, first - 1, -1), *range(at + 1, min(last, at + 3)))
        for k in places:
            if self._bare(clauses.low[k]) in self._words["auxiliary"] and not clauses.is_spelled(k, "stop"):
                return k
        return None

    def _stands_finite(self, clauses: Clauses, at: int, first: int) -> bool:
        """Whether a form that may be a participle is the verb of its clause: no auxiliary is there to lead it."""
        if clauses.low[at].startswith(tuple(self._words["participle-prefix"])):
            return False
        return self._auxiliary(clauses, at, first, clauses.end(at)) is None

    # --- the report ---

    def _report(self, clauses: Clauses, verb: _Verb, floor: int) -> tuple[Report, int] | None:
        if self._is_negated(clauses, verb):
            return None
        opening = self._as_opening(clauses, verb, floor)
        if opening is not None:
            return self._as_said(clauses, verb, floor, opening)
        start, rule = self._content_after(clauses, verb)
        before = self._content_before(clauses, verb, floor, firm=start is not None)
        if before is not None:
            subject = self._subject(clauses, verb, inverted=True)
            contents = [before]
            end = verb.last
            if start is not None and rule in {"quote", "mood"}:
                contents.append((start, self._stop(clauses, start)))
                end = contents[-1][1]
            return self._made(
                clauses, verb, subject, contents, "interrupted" if len(contents) > 1 else "before-cue"
            ), end
        inside = self._quoted_inside(clauses, verb)
        if start is None and inside is not None:
            return self._made(clauses, verb, self._subject(clauses, verb), [inside], "about"), inside[1]
        if start is None:
            return self._awaiting(clauses, verb)
        if verb.cue.needs == "about" and rule not in {"quote", "colon"}:
            return None
        stop = self._stop(clauses, start)
        if rule == "colon" and clauses.is_quoted(start):
            stop = start + 1
        name = {
            "that": "cue-after-subject-that",
            "quote": "cue-after-subject-quote",
            "colon": "cue-after-subject-colon",
        }
        return self._made(
            clauses, verb, self._subject(clauses, verb), [(start, stop)], name.get(rule, "cue-after-subject")
        ), stop

    def _made(
        self, clauses: Clauses, verb: _Verb, subject: Span | None, contents: list[tuple[int, int]], rule: str
    ) -> Report:
        sentence = clauses.sentence
        cue = sentence.range(verb.at, verb.at + 1)
        if subject is None:
            rule = "impersonal"
        return Report(cue, verb.cue.lemma, subject, tuple(contents), rule)

    def _awaiting(self, clauses: Clauses, verb: _Verb) -> tuple[Report, int] | None:
        """A colon that ends its sentence: the quotation opens the next paragraph."""
        if verb.last != clauses.size - 1 or clauses.low[verb.last] != ":":
            return None
        subject = self._subject(clauses, verb)
        if subject is None:
            return None
        cue = clauses.sentence.range(verb.at, verb.at + 1)
        return Report(cue, verb.cue.lemma, subject, (), "colon", awaits=True), clauses.size

    def _is_negated(self, clauses: Clauses, verb: _Verb) -> bool:
        """Whether the verb is denied: "sagte nicht, dass"."""
        for word in clauses.low[min(verb.finite, verb.at) : verb.last]:
            if word in self._words["negation"]:
                return True
            if word in self._words["conjunction"]:
                break
        return False

    def _as_opening(self, clauses: Clauses, verb: _Verb, floor: int) -> int | None:
        """The "wie" that leads the part of the verb, or the one that an aside parts from it."""
        low = clauses.low
        if verb.first < verb.at and low[verb.first] in self._words["as"]:
            return verb.first
        start = verb.first
        for _ in range(2):
            if start < 2 or low[start - 1] != "," or verb.first != min(verb.at, verb.finite):
                return None
            start = clauses.start(start - 1)
            if start >= floor and low[start] in self._words["as"]:
                return start
        return None

    def _as_said(self, clauses: Clauses, verb: _Verb, floor: int, opening: int) -> tuple[Report, int] | None:
        """ "Wie X mitteilte, ..." and "..., wie X mitteilte"."""
        last = verb.last
        end = clauses.phrase_end(opening + 1, clauses.end(opening + 1))
        if opening != verb.first and end > opening + 1:
            subject: Span | None = clauses.sentence.range(opening + 1, end)
        else:
            subject = self._subject(clauses, verb)
        contents: list[tuple[int, int]] = []
        if opening - 1 > floor:
            contents.append((floor, opening - 1))
            if last + 1 < clauses.size and clauses.low[last] == ",":
                contents.append((last + 1, clauses.size))
        elif last + 1 < clauses.size and clauses.low[last] in {",", ":"}:
            contents.append((last + 1, clauses.size))
        if not contents:
            return None
        return self._made(clauses, verb, subject, contents, "as-said"), max(last, contents[-1][1])

    def _content_before(self, clauses: Clauses, verb: _Verb, floor: int, *, firm: bool) -> tuple[int, int] | None:
        """What stands before an attribution that begins with its verb: `..., sagte X`."""
        low = clauses.low
        lead = min(verb.at, verb.finite)
        skipped = clauses.skip(verb.first, lead, frozenset({"so"}) | self._words["object-clitic"])
        if verb.first > floor and skipped == lead and low[verb.first - 1] in {",", "-", "("}:
            last = verb.first - 1
        elif lead > floor and clauses.is_quoted(lead - 1):
            last = lead
        else:
            return None
        if clauses.is_quoted(last - 1):
            return floor, last
        if firm or verb.cue.needs in {"about", "weak"} or verb.final:
            return None
        if verb.cue.needs != "strong" and not clauses.has_mood(floor, last):
            return None
        clear = clauses.has_verb(floor, last) or last - floor >= _CLEAR_STATEMENT
        first = clauses.skip(floor, last, BOUNDARIES)
        noun_phrase = clauses.phrase_end(first, last)
        if not clear or (self._grammar.capitals and noun_phrase >= last) or low[noun_phrase : noun_phrase + 1] == [","]:
            return None
        clitic = low[lead].endswith(self._clitics) if self._clitics else False
        return (floor, last) if clitic or self._subject_after(clauses, verb) is not None else None

    def _content_after(self, clauses: Clauses, verb: _Verb) -> tuple[int | None, str]:
        """Where the content after the cue starts, and what shows it."""
        low, last = clauses.low, verb.last
        if last >= clauses.size:
            return self._unparted(clauses, verb)
        if low[last] == ":":
            told = last + 1 < clauses.size and (
                clauses.is_quoted(last + 1) or (verb.cue.needs == "strong" and clauses.has_verb(last + 1, clauses.size))
            )
            return (last + 1, "colon") if told else (None, "")
        at = last
        for aside in range(_ASIDES):
            if at >= clauses.size or low[at] != ",":
                break
            start, rule = self._opens_content(clauses, verb, at + 1, strict=aside > 0)
            if rule:
                return start, rule
            if low[at + 1] not in self._grammar.subordinators and clauses.has_verb(at + 1, clauses.end(at + 1)):
                break
            end = clauses.end(at + 1)
            if end < clauses.size and low[end] == ":" and clauses.is_quoted(end + 1):
                return end + 1, "colon"
            at = end
        return self._unparted(clauses, verb)

    def _unparted(self, clauses: Clauses, verb: _Verb) -> tuple[int | None, str]:
        """ "a déclaré que ...": the conjunction stands in the part of the verb, where no comma comes before it."""
        if self._grammar.capitals:
            return None, ""
        low = clauses.low
        for at in range(verb.at + 1, verb.last):
            if self._grammar.is_that(low[at]):
                return (at + 1 if low[at] in self._words["that"] else at), "that"
            if verb.cue.needs in {"strong", "clause"} and low[at] in self._words["question"]:
                return at, "that"
            if verb.cue.needs == "wish" and self._leads_infinitive(clauses, at):
                return at, "infinitive"
        return None, ""

    def _leads_infinitive(self, clauses: Clauses, at: int) -> bool:
        """Whether an infinitive with its mark begins at `at`: "de fermer", "d'ouvrir"."""
        endings = tuple(self._words["infinitive-ending"])
        word = clauses.low[at]
        if word in self._words["infinitive-mark"]:
            return at + 1 < clauses.size and clauses.low[at + 1].endswith(endings)
        return word.startswith("d'") and word.endswith(endings)

    def _opens_content(self, clauses: Clauses, verb: _Verb, at: int, *, strict: bool) -> tuple[int | None, str]:
        low, needs = clauses.low, verb.cue.needs
        if at >= clauses.size:
            return None, ""
        if self._grammar.is_that(low[at]):
            return (at + 1 if low[at] in self._words["that"] else at), "that"
        if low[at] in self._words["question"] and needs == "strong":
            return at, "that"
        if clauses.is_quoted(at):
            return at, "quote"
        if needs in {"weak", "about"}:
            return None, ""
        end = clauses.end(at)
        if low[at] in self._words["subordinator"]:
            # "sagte, wenn ..., sei ...": the main clause after it tells.
            return (at, "mood") if clauses.has_mood(end, clauses.end(end + 1)) else (None, "")
        if self._is_infinitive(clauses, at):
            return at, "infinitive"
        if low[at] in self._words["conjunction"]:
            return None, ""
        moods = self._grammar.strict if strict else self._grammar.moods
        if clauses.has_mood(at, end, moods) or (needs == "strong" and not strict and self._is_plain(clauses, at)):
            return at, "mood"
        return None, ""

    def _is_plain(self, clauses: Clauses, at: int) -> bool:
        """Whether a main clause begins at `at`, in whatever mood: "sagte, die Schiffe lagen ..."."""
        return self._grammar.capitals and clauses.is_main(at)

    def _is_infinitive(self, clauses: Clauses, at: int) -> bool:
        """Whether the part that begins at `at` closes with an infinitive: "zu kommen", "anzukommen"."""
        low, end = clauses.low, clauses.end(at)
        if not self._words["infinitive-mark"] or not self._grammar.capitals:
            return False
        for k in range(max(at, end - 3), end):
            if low[k] in self._words["infinitive-mark"] and k + 1 < end and low[k + 1].endswith("n"):
                return True
            if self._infixed is not None and self._infixed.fullmatch(low[k]):
                return True
        return False

    def _quoted_inside(self, clauses: Clauses, verb: _Verb) -> tuple[int, int] | None:
        """A quotation in the clause of the verb: `nannte es „...“`."""
        for at in range(verb.at + 1, verb.last):
            if clauses.is_quoted(at) and (
                verb.cue.needs == "about" or at == verb.at + 1 or clauses.low[at - 1] in self._words["quoting"]
            ):
                return at, at + 1
        if verb.cue.needs == "about" and verb.finite < verb.at:
            for at in range(verb.at - 1, verb.finite, -1):
                if clauses.is_quoted(at) and clauses.low[at - 1] in self._words["quoting"]:
                    return at, at + 1
        return None

    def _stop(self, clauses: Clauses, start: int) -> int:
        """Where content that starts at `start` ends: before another report joined to this one, or with the sentence."""
        low = clauses.low
        for at in range(start + 1, clauses.size):
            if low[at] not in self._words["conjunction"] or at + 1 >= clauses.size:
                continue
            for place in (at + 1, at + 2):
                verb = self._verb(clauses, place) if place < clauses.size else None
                if verb is None or verb.finite != at + 1 or verb.final or verb.cue.needs == "about":
                    continue
                return at - 1 if low[at - 1] == "," else at
        return clauses.size

    # --- who speaks ---

    def _subject(self, clauses: Clauses, verb: _Verb, *, inverted: bool = False) -> Span | None:
        """Who speaks: before the verb, or behind it; an `inverted` verb has its subject behind it if anywhere."""
        if verb.passive:
            return None
        sentence, low = clauses.sentence, clauses.low
        word = low[verb.finite]
        if self._clitics and word.endswith(self._clitics):
            end = sentence.end[verb.finite]
            return Span(end - len(word.rpartition("-")[2]), end)
        found = self._subject_after(clauses, verb) if inverted else None
        found = found or self._subject_before(clauses, verb) or self._subject_after(clauses, verb)
        if found is None or (found[1] - found[0] == 1 and low[found[0]] in self._words["impersonal"]):
            found = self._document(clauses, verb)
        return sentence.range(*found) if found is not None else None

    def _document(self, clauses: Clauses, verb: _Verb) -> tuple[int, int] | None:
        """Where it is said, if nobody says it: "In einem Brief der Stadt heißt es"."""
        low = clauses.low
        for at in range(verb.first, verb.last - 1):
            if low[at] in self._words["source-preposition"]:
                end = clauses.phrase_end(at + 1, verb.last)
                if any(word in self._pack.roles["document"] for word in low[at + 1 : end]):
                    return at + 1, end
        return None

    def _subject_before(self, clauses: Clauses, verb: _Verb) -> tuple[int, int] | None:
        low = clauses.low
        lead = min(verb.finite, verb.at)
        first = verb.first
        if verb.final:
            first = clauses.skip(first + 1, verb.at, self._words["adverb"])
            if low[verb.first] in self._words["relative"]:
                return self._before_relative(clauses, verb)
            return (first, clauses.phrase_end(first, lead)) if clauses.phrase_end(first, lead) > first else None
        if low[first] in self._words["as"]:
            return None
        first = clauses.skip(first, lead, self._grammar.openers | self._words["object-clitic"])
        inverted = lead + 1 < verb.last and low[lead + 1] in self._words["nominative"]
        if first < lead and low[first] not in self._grammar.not_subjects and not inverted:
            end = clauses.phrase_end(first, lead)
            if low[(end if end > first else lead) - 1] not in self._words["time"]:
                return (first, end if end > first else lead)
            return None
        if verb.first == lead and verb.first > 1 and low[verb.first - 1] == ",":
            return self._before_aside(clauses, verb)
        return None

    def _before_relative(self, clauses: Clauses, verb: _Verb) -> tuple[int, int] | None:
        low = clauses.low
        # "die Polizei, von der sie glaubt": the subject stands inside; "X, der sagte": before the comma.
        inner = clauses.phrase_end(verb.first + 1, verb.at)
        if inner > verb.first + 1 and low[verb.first + 1] not in self._words["preposition"]:
            return verb.first + 1, inner
        if verb.first > 1 and low[verb.first - 1] == ",":
            start = clauses.phrase_start(verb.first - 1, clauses.start(verb.first - 2))
            if start < verb.first - 1:
                return start, verb.first - 1
        return None

    def _before_aside(self, clauses: Clauses, verb: _Verb) -> tuple[int, int] | None:
        """The subject that asides part from its verb: "X, Sprecher der Stadt, sagte"."""
        low = clauses.low
        start = clauses.start(verb.first - 1)
        for _ in range(_ASIDES):
            if start < 2 or low[start - 1] != ",":
                break
            start = clauses.start(start - 1)
        first = clauses.skip(start, verb.first, self._grammar.openers)
        end = clauses.phrase_end(first, clauses.end(first))
        if end <= first or low[first] in self._grammar.not_subjects:
            return None
        # "L'installateur, la société Lind, affirme": the name stands in the aside.
        named = clauses.sentence.named
        if not any(named[first:end]) and end < verb.first and low[end] == "," and any(named[end : verb.first - 1]):
            end = verb.first - 1
        return first, end

    def _subject_after(self, clauses: Clauses, verb: _Verb) -> tuple[int, int] | None:
        low = clauses.low
        at = verb.finite + 1
        if not self._grammar.capitals and verb.at > verb.finite:
            at = verb.at + 1
        limit = verb.last
        for _ in range(_ASIDES + 1):
            at = clauses.skip(at, limit, self._words["adverb"] | self._words["weekday"])
            if at >= limit or low[at] not in self._words["preposition"]:
                break
            end = clauses.phrase_end(at + 1, limit)
            at = max(end, at + 1)
        end = clauses.phrase_end(at, limit)
        if end <= at:
            return None
        # "a déclaré le maire, Yvon Lind": the name after the comma belongs to the subject.
        if end < clauses.size and low[end] == "," and end + 1 < clauses.size:
            named = clauses.sentence.named[end + 1]
            if named is not None and named.kind == "person":
                end = clauses.phrase_end(end + 1, clauses.end(end + 1))
        return at, end
