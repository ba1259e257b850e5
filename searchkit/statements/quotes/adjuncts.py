"""Step over what stands between a verb of speech and what is said: addressee, time, occasion.

An occasion ("in a statement to reporters") ends where a clause seems to begin, which is a guess.
"""

from searchkit.statements.packs import Cue
from searchkit.statements.quotes.phrases import Grammar
from searchkit.statements.quotes.reading import QUOTED, Place, Sentence
from searchkit.statements.rules import Rules, apply

# Words between the commas around an addressee's office or the region of a town.
_LONGEST_ASIDE = 14


class _Place(Place, eq=False):
    asks: bool = False
    informs: bool = False


class Adjuncts:
    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        words = grammar.pack.words
        self.words = words
        self.times = words["time"] | words["weekday"] | words["relative-day"]
        self.days = words["weekday"] | words["day-adverb"]
        self.time_words = self.times | words["time-adjective"]
        self.addressees = words["addressee"] | grammar.pronouns
        # Whom somebody informs: "his colleagues", "the news conference".
        hearers = words["addressee"] | words["meeting"] | words["hearer"] | grammar.pack.roles["plural"]
        self.hearers = hearers - grammar.pronouns - grammar.determiners
        linking = grammar.prepositions | grammar.that | grammar.relatives | grammar.conjunctions
        self._behind_hearers = linking | self.times | words["opener"] | {",", ":", QUOTED}
        self._ends = grammar.that | grammar.pronouns | {":", ",", QUOTED}
        self._breaks = grammar.finite | grammar.subordinators | {",", ":", "-", "("}
        self._subjects = grammar.clause_openers | grammar.pronouns | grammar.determiners
        self._clausal = grammar.finite | grammar.that | {QUOTED}
        self._occasion_breaks = grammar.finite | words["speech-noun"] | {",", ":", QUOTED}
        self._openers = grammar.clause_openers | words["condition"] | {":", ",", QUOTED}

    def opening(self, sentence: Sentence, cue: Cue, start: int, stop: int) -> tuple[int, str]:
        """Return where the content starts and what firmly opens it (that, colon, quote), or an empty string."""
        low, at = sentence.low, start
        if cue.lemma in self.words["addressed"] and start < stop:
            place = self._place(sentence, start, start, stop)
            place.asks, place.informs = cue.lemma in self.words["asking"], cue.lemma in self.words["informing-verb"]
            at = apply(_ADDRESSEES, self, place) or start
        for _ in range(6):  # adjuncts in a row
            if at >= stop:
                break
            openers = self._subjects if low[at] in self.words["often"] else self.grammar.clause_openers
            if self.grammar.is_adverb(low[at]) and at + 1 < stop and low[at + 1] in openers:
                at += 1
            step = apply(_STEPS, self, self._place(sentence, start, at, stop))
            if step is None and at > start and cue.lemma in self.words["addressed"]:
                step = self._past_group(sentence, at, stop)
            if step is None:
                break
            at, firm = step
            if firm is not None:
                return at, firm
        return at, ""

    def _past_group(self, sentence: Sentence, at: int, stop: int) -> tuple[int, None] | None:
        """Return where the clause behind "voters in three villages" begins, if `at` is "in"."""
        low, grammar = sentence.low, self.grammar
        if low[at] not in grammar.prepositions:
            return None
        for ahead in range(at + 2, min(stop - 2, at + 8)):
            opens = low[ahead] in self.words["article"] or low[ahead] in grammar.pronouns
            if opens and low[ahead - 1] not in grammar.prepositions and grammar.is_clause(sentence, ahead, stop):
                return ahead, None
            if low[ahead] in self._breaks:
                break
        return None

    def _place(self, sentence: Sentence, start: int, at: int, stop: int) -> _Place:
        low = sentence.low
        return _Place(sentence, low, start, at, stop, low[at], low[at + 1] if at + 1 < stop else "")

    def past_noun(self, place: _Place) -> tuple[int, str] | None:
        low, nouns = place.low, self.words["speech-noun"]
        if place.word not in self.grammar.determiners and place.word not in nouns:
            return None
        for ahead in range(place.at, min(place.stop - 1, place.at + 4)):
            if low[ahead] in nouns:
                return (ahead + 2, "that") if low[ahead + 1] in self.grammar.that else None
        return None

    def opens_with_colon(self, place: _Place) -> bool:
        digits = place.low[place.at - 1].isdigit() and place.low[place.at + 1 : place.at + 2]
        return place.word == ":" and not (digits and digits[0].isdigit())

    def is_after_date(self, place: _Place) -> bool:
        """Return whether a clause follows the comma after a month or year: "said in May 2020, the quay is old"."""
        last = place.low[place.at - 1]
        dated = last in self.words["month"] or last in self.times or (last.isdigit() and len(last) in {1, 2, 4})
        return place.word == "," and place.at > place.start and dated and self.leads(place)

    def leads(self, place: _Place) -> bool:
        return place.following != "" and self.grammar.is_clause(place.sentence, place.at + 1, place.stop)

    def opens_aside(self, place: _Place) -> bool:
        aside = place.word == "," and place.low[place.at + 2 : place.at + 3] == [","]
        return aside and place.low[place.at + 1] in self.grammar.openings

    def past_aside(self, place: _Place) -> tuple[int, None] | None:
        """Return the comma behind "the head of the union," before "that" or a quotation."""
        end = self._aside_end(place.sentence, place.at, place.stop)
        return (end, None) if end > place.at else None

    def _aside_end(self, sentence: Sentence, comma: int, stop: int) -> int:
        low, grammar = sentence.low, self.grammar
        for at in range(comma + 2, min(stop - 1, comma + _LONGEST_ASIDE)):
            if low[at] == "," and (low[at + 1] in grammar.that or low[at + 1] == QUOTED):
                return at
            if low[at] in self._clausal and not (low[at] in grammar.finite and low[comma + 1] in grammar.relatives):
                break
        return comma

    def before_colon(self, place: _Place) -> tuple[int, str] | None:
        """Return the place past the colon before a quotation that closes the phrase: "said outside court: '...'"."""
        low = place.low
        for ahead in range(place.at + 1, min(place.stop - 1, place.at + _LONGEST_ASIDE)):
            if low[ahead] == ":":
                return (ahead + 1, "colon") if low[ahead + 1] == QUOTED else None
            if low[ahead] in self._clausal:
                return None
        return None

    def past_far_that(self, place: _Place) -> tuple[int, str] | None:
        """Return the place past "that" behind other adverbials: "said on Radio One that", "said many times that"."""
        low, grammar = place.low, self.grammar
        for ahead in range(place.at + 1, min(place.stop - 1, place.at + _LONGEST_ASIDE)):
            if low[ahead] in grammar.that and low[ahead - 1] in grammar.conjunctions:
                return None  # "said many doubted her but that"
            others = low[ahead - 1] in self.words["speech-noun"] and place.word not in self.words["inside"]
            if low[ahead] in grammar.that and others:
                return None  # "agreed to pay over allegations that"
            if low[ahead] in grammar.that and low[ahead - 1] not in grammar.prepositions:
                subject = place.sentence.named[ahead + 1] is not None or low[ahead + 1] in self._subjects
                subject = subject or low[ahead + 1] in self.words["amount"] or low[ahead + 1][0].isdigit()
                subject = subject or low[ahead + 1] == QUOTED or (place.word == QUOTED and ahead == place.at + 1)
                if subject and grammar.has_verb(place.sentence, ahead + 1, place.stop):
                    return ahead + 1, "that"
                continue  # "the committee that met"
            if low[ahead] in self._breaks:
                return None
        return None

    def opens_adverbial(self, place: _Place) -> bool:
        return place.word in self.grammar.prepositions or place.word in self.words["repeated"]

    def past_setting(self, place: _Place) -> tuple[int, None] | None:
        end = apply(_SETTINGS, self, place) or place.at
        return (end, None) if end > place.at else None

    def is_early(self, place: _Place, following: frozenset[str]) -> bool:
        return place.word in self.words["time-adjective"] and place.following in following

    def is_month(self, place: _Place) -> bool:
        return place.word in self.words["month"] and place.following.isdigit()

    def past_times(self, place: _Place, at: int) -> int:
        while at < place.stop and place.low[at] in self.times:
            at += 1
        return at

    def past_late_on(self, place: _Place) -> int:
        """Step into "late on Friday that", but not "late on Friday after a night in which the crew slept"."""
        ahead = place.low[place.at + 2 : min(place.stop, place.at + 6)]
        return place.at if self.grammar.that.isdisjoint(ahead) else place.at + 1

    def past_span(self, place: _Place) -> int | None:
        low, at = place.low, place.at
        for ahead in range(at + 1, min(place.stop, at + 4)):
            counted = low[ahead] in self.words["before-after"] or low[ahead - 1] in self.words["preceding"]
            if counted and low[ahead + 1 : ahead + 2] and low[ahead + 1] in self.grammar.that:
                return ahead + 1  # "said the day before that", "said the previous week that"
            if low[ahead] in self.words["time-order"] and low[ahead - 1] in self.words["time-span"]:
                scene = ahead + 1 < len(low) and low[ahead + 1] in self.words["when"]
                return at if scene else ahead + 1
        return None

    def past_date(self, place: _Place, at: int) -> int:
        low, stop = place.low, place.stop
        while at < stop and (low[at].isdigit() or (low[at] == "," and at + 1 < stop and low[at + 1].isdigit())):
            at += 1
        return at

    def past_occasion(self, place: _Place) -> int | None:
        sentence, low, at, stop, grammar = place.sentence, place.low, place.at, place.stop, self.grammar
        for ahead in range(at + 1, min(stop, at + 8)):
            word = low[ahead]
            if word in self.words["month"]:
                return self.past_date(place, ahead + 1)
            if word in self.words["occasion"] or word in self.times:
                return self._occasion_end(sentence, ahead + 1, stop)
            if word in grammar.that:
                if ahead == at + 1:
                    continue  # "wrote for people in that spot"
                return ahead  # "said at a fair in Brno that"
            if word == "," and (end := self._aside_end(sentence, ahead, stop)) > ahead:
                return end  # "said at a fair in Brno, Moravia, that"
            if word in self._occasion_breaks:
                break  # "fired back at claims that": the claims are others'
        return None

    def _occasion_end(self, sentence: Sentence, at: int, stop: int) -> int:
        """Return the next comma, that, colon or quotation, or where a clause seems to begin."""
        low = sentence.low
        for ahead in range(at, min(stop, at + 12)):
            clause = low[ahead] in self.words["article"] and low[ahead - 1] not in self.grammar.prepositions
            if clause or low[ahead] in self._ends:
                return ahead
        return min(at, stop)

    def before_clause(self, place: _Place) -> int | None:
        """Return where the clause or quotation behind the addressee begins."""
        low, at, grammar = place.low, place.at, self.grammar
        for ahead in range(at, min(place.stop, at + 14)):
            word = low[ahead]
            if word in grammar.questions and low[ahead - 1] in grammar.prepositions:
                return at  # "advises towns on how to drain them"
            if low[ahead - 1] in grammar.prepositions and word in grammar.determiners:
                continue  # "informed the host at the end of the hour that"
            if word in self._openers or (ahead > at and word in grammar.pronouns):
                return ahead
            if place.asks and word in self.words["asked"] and low[ahead + 1 : ahead + 2]:
                verbal = low[ahead + 1] in grammar.finite or low[ahead + 1] in grammar.pack.cues
                return place.at if verbal else ahead  # "asked Lind which quay", not "asked those who said"
            if word in grammar.auxiliaries or word == "-":
                break  # "informed the Courier the toll is tied to the bridge, since"
        return None

    def is_subject(self, place: _Place) -> bool:
        """Return whether the words at `place` have a verb of their own: "warned the quay would close"."""
        low, named = place.low, place.sentence.named
        for ahead in range(place.at + 1, min(place.stop, place.at + 6)):
            if low[ahead] in self.grammar.auxiliaries:
                return True
            if not low[ahead].isalpha() or low[ahead] in self._subjects or named[ahead] is not named[place.at]:
                return False
        return False

    def past_hearers(self, place: _Place) -> int | None:
        """Return where the clause behind people or a meeting begins: "informed his colleagues progress had been made".

        None if there are no people, or no clause directly behind them.
        """
        low, at = place.low, place.at + (place.word in self.grammar.determiners)
        end = next((k for k in range(at, min(place.stop - 1, at + 3)) if low[k] in self.hearers), place.stop)
        while end < place.stop and low[end] in self.hearers:
            end += 1
        if end < place.stop and low[end] in self.grammar.finite:
            end = end - 1 if at == place.at else at  # "informed police officers had left"; "the committee members"
        ahead = range(end + 1, min(place.stop, end + _LONGEST_ASIDE))
        verb = next((k for k in ahead if low[k] in self._breaks or low[k] in self.grammar.that), place.stop)
        if end == at or verb == place.stop or low[verb] not in self.grammar.finite:
            return None
        is_other = low[end] in self._behind_hearers or low[end].endswith("ing") or self.grammar.is_adverb(low[end])
        return None if is_other else end

    def name_end(self, place: _Place, at: int) -> int:
        """Return the end of the name at `at`, or `at` if no name follows."""
        named, mention = place.sentence.named, place.sentence.named[at] if at < place.stop else None
        if mention is None:
            return at
        end = next((k for k in range(at, place.stop) if named[k] is not mention), place.stop)
        return (
            self.name_end(place, end) if place.low[end - 1].endswith(("'s", "s'")) else end
        )  # "the Courier's Vera Lind"

    def past_noun_phrase(self, place: _Place) -> int:
        low, named, stop, grammar = place.low, place.sentence.named, place.stop, self.grammar
        end = place.at + 1
        if end < stop and named[end] is not None:
            return self.name_end(place, end)  # "the Courier"
        while end < stop and low[end] not in grammar.determiners and named[end] is None and end < place.at + 5:
            end += 1
        if low[end - 1] in grammar.people:
            return self.name_end(place, end)  # "the host Ann Lind"
        if end < stop and low[end - 1] in grammar.prepositions:
            name = end + (low[end] in self.words["article"])
            if name < stop and named[name] is not None:
                return self.name_end(place, name)
        return end


# Steps from a verb of speech to the content; None for what opens it: another step follows.
_STEPS: Rules[Adjuncts, _Place, tuple[int, str | None]] = (
    ("informed the 'Harbor Hour' that", lambda _, p: p.word == QUOTED and p.at > p.start, Adjuncts.past_far_that),
    ("quotation", lambda _, p: p.word == QUOTED, lambda _, p: (p.at, "quote")),
    ("the claim that", None, Adjuncts.past_noun),
    ("that", lambda f, p: p.word in f.grammar.that, lambda _, p: (p.at + 1, "that")),
    ("colon", Adjuncts.opens_with_colon, lambda _, p: (p.at + 1, "colon")),
    (", quotation", lambda _, p: (p.word, p.following) == (",", QUOTED), lambda _, p: (p.at + 1, "quote")),
    (", that", lambda f, p: p.word == "," and p.following in f.grammar.that, lambda _, p: (p.at + 2, "that")),
    ("said, however, the quay", Adjuncts.opens_aside, lambda _, p: (p.at + 3, None)),
    ("comma after a date", Adjuncts.is_after_date, lambda _, p: (p.at + 1, "")),
    ("aside between commas", lambda _, p: p.word == ",", Adjuncts.past_aside),
    ("phrase before a colon", lambda f, p: p.word in f.grammar.prepositions, Adjuncts.before_colon),
    ("time or occasion", None, Adjuncts.past_setting),
    ("on the radio that", Adjuncts.opens_adverbial, Adjuncts.past_far_that),
)

# Where an adverbial of time or occasion ends; its start means that it is not one.
_SETTINGS: Rules[Adjuncts, _Place, int] = (
    ("on a day", lambda f, p: p.word in f.days, lambda f, p: f.past_times(p, p.at + 1)),
    ("late on Friday", lambda f, p: f.is_early(p, f.words["setting"]), Adjuncts.past_late_on),
    ("last week", lambda f, p: f.is_early(p, f.time_words), lambda f, p: f.past_times(p, p.at + 2)),
    ("days ago", lambda f, p: p.word[0].isalnum() and not f.grammar.is_adverb(p.word), Adjuncts.past_span),
    ("reporters Dec. 15 the", Adjuncts.is_month, lambda f, p: f.past_date(p, p.at + 1)),
    ("on an occasion", lambda f, p: p.word in f.words["setting"], Adjuncts.past_occasion),
)

# Where the addressee of a verb like "inform" ends; its start means that the verb has no addressee.
_ADDRESSEES: Rules[Adjuncts, _Place, int] = (
    ("asked if", lambda f, p: p.word in f.words["condition"] or p.word in f.words["asked"], lambda _, p: p.at),
    ("informed so they can", lambda f, p: p.word in f.grammar.subordinators, lambda _, p: p.at),
    ("informed his colleagues progress had", lambda _, p: p.informs, Adjuncts.past_hearers),
    ("warned it would", Adjuncts.is_subject, lambda _, p: p.at),
    ("reporters, then a clause", lambda f, p: p.word in f.words["addressee"] and f.leads(p), lambda _, p: p.at + 1),
    ("anybody before a clause", None, Adjuncts.before_clause),
    ("warned in March", lambda f, p: p.word in f.grammar.prepositions, lambda _, p: p.at),
    ("host Ann Lind", lambda f, p: p.word in f.grammar.people, lambda f, p: f.name_end(p, p.at + 1)),
    ("reporters, him", lambda f, p: p.word in f.addressees, lambda _, p: p.at + 1),
    ("name", lambda _, p: p.sentence.named[p.at] is not None, lambda f, p: f.name_end(p, p.at)),
    ("noun phrase", lambda f, p: p.word in f.grammar.determiners, Adjuncts.past_noun_phrase),
    ("any other word, its name", None, lambda f, p: f.name_end(p, p.at + 1)),
)
