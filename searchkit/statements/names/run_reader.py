"""Read a run: decide which of its words are a name together, and of what kind.

Each step reads from one unit and returns the unit after what it read, or 0 where it does not apply. Names of the same
entity are merged later, in names/links.py.
"""

from collections.abc import Sequence

from searchkit.statements.names.gazetteer import Known, capitalized_roles
from searchkit.statements.names.runs import (
    LONGEST_PERSON,
    PERSON_LIKE_KINDS,
    WORD_BEFORE,
    CandidateKind,
    NameCandidate,
    RunWords,
    Unit,
)
from searchkit.statements.rules import NAME_RULES

# The lists of the heads of a kind that "of" may follow, where not all may: "Bank of Ostrava".
_BEFORE_OF = {"company": "company of", "place": "place of", "other": "place of", "list": "place of"}


class RunReader(RunWords):
    """Reads the runs of one text, one at a time, and notes where they name a country."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.countries: list[tuple[int, str]] = []
        self._last_place: NameCandidate | None = None
        self._found: list[NameCandidate] = []

    def read(self, run: Sequence[Unit]) -> list[NameCandidate]:
        """Return the names in `run`, in order."""
        self._run, self._found = run, []
        if len(run) == 1 and run[0].word not in self._heads.words["unit"]:
            # Most runs are one word: no title leads to a name there, no head explains one.
            kind = self._kind(0)
            if kind != "title":
                (self._demonym if kind == "demonym" else self._listed if kind else self._plain)(0)
            return self._found
        at = 0
        while at < len(run):
            at = (
                self._title(at)
                or self._led(at)
                or self._headed(at)
                or self._demonym(at)
                or self._listed(at)
                or self._plain(at)
            )
        return self._found

    def _title(self, at: int) -> int:
        """Read a title phrase, and the person after it."""
        run = self._run
        end = self._titles_end(at)
        if end == at:
            return 0
        if self._is_thing(at):  # "the ferry Queen Averly"
            stop = self._person_end(end, titled=True)
            self._add(at, stop, "other", "name-shape")
            return stop
        if end == at + 1 and (legal := self._legal_end(end)):  # "General Pumps Corp" is not a general
            self._add(at, legal, "company", "legal-form")
            return legal
        if end < len(run) and run[end].joint == "of":
            # "Secretary of Commerce for Industry and Security": an office's topics, unless what follows is known.
            while end < len(run) and not run[end].known and (self._is_modifier(end) or self._is_ordinary(run[end])):
                end += 1
        if end < len(run) and run[end].joint == " ":
            stop = self._person_end(end, titled=True)
            # Plain words that go on with a title name no person: "Major Capital Program".
            office = stop - end > 1 and run[end].word not in self._given and self._is_ordinary(run[stop - 1])
            if stop > end and not office:
                self._add(end, stop, "person", "title")
                return stop
        return end

    def _legal_end(self, at: int) -> int:
        """Return the unit after a legal form that soon follows the words from `at`, 0 without one."""
        run = self._run
        legal = next((place for place in range(at, min(len(run), at + 4)) if self._kind(place) == "legal"), None)
        joined = legal is not None and all(unit.joint in (" ", "&") for unit in run[at : legal + 1])
        return legal + 1 if legal is not None and joined else 0

    def _is_thing(self, at: int) -> bool:
        """Return whether a noun before the unit says that no person's name follows: "the ferry"."""
        start = self._run[at].start
        before = WORD_BEFORE.search(self._text, max(0, start - 41), start)
        return before is not None and before[1] in self._things

    def _titles_end(self, at: int) -> int:
        """Return the unit after titles; modifiers lead to one: "Deputy Commerce Secretary"."""
        end = ahead = at
        while self._continues(ahead, at):
            if self._is_modifier(ahead):
                ahead += 1
            elif self._is_title(ahead):
                end = ahead = ahead + 1
            else:
                break
        return end

    def _led(self, at: int) -> int:
        """Read a name that its first word explains: "Liwa al-Karama", "Wadi Zarqun", "Operation Open Harbor"."""
        run = self._run
        kind = self._heads.leading.get(run[at].word)
        if kind is None:
            return 0
        stop = at + 1
        while stop < len(run) and stop - at < LONGEST_PERSON and run[stop].joint in (" ", "de"):
            if self._kind(stop) in ("title", "agency", "legal") or (kind == "place" and self._kind(stop)):
                break
            stop += 1
        head = self._last_head(at, stop)
        if stop - at < 2 or (kind != "other" and head > at and self._head_kind(head) != kind):
            return 0
        self._add(at, stop, kind, "head")
        return stop

    def _headed(self, at: int) -> int:
        """Read a name that its head word explains: "Tiandy Technologies", "Ministry of Commerce"."""
        run = self._run
        stop = self._stretch_end(at)
        head = self._last_head(at, stop)
        if head < 0:
            return 0
        kind = self._head_kind(head)
        end = head + 1
        ordinal = self._ordinal_before(at) if run[head].word in self._heads.words["unit"] else None
        if ordinal is not None:
            self._add(at, end, "agency", "head").start = ordinal
            return end
        if (
            end == stop
            and end < len(run)
            and run[end].joint == "of"
            and (kind not in _BEFORE_OF or run[head].word in self._heads.words[_BEFORE_OF[kind]])
        ):
            end = self._after_of(end, kind)
        elif end - at == 1:
            # A head alone is a common noun with a capital ("The Government"), or a surname: left to the plain words.
            return 0
        first = self._headed_start(at, head, end, kind)
        if end - first == 1 and run[first].word in self._heads.kinds and kind != "place":
            return end
        if kind == "place" and self._local_body(first, end):
            return end
        rule = "legal-form" if self._kind(head) == "legal" else "head"
        name = self._add(first, end, kind, rule, country=self._country_of_headed(at, head, end, kind))
        if kind == "company" and rule == "head" and self._is_described(first, end):
            # "Clean Energy", "Veto Power": plain words may be a company's name, or anything.
            name.kind, name.rule, name.confidence = "other", "plain-head", NAME_RULES["plain-head"]
        return end

    def _headed_start(self, at: int, head: int, end: int, kind: str) -> int:
        """Return where a name with a head word begins: after a demonym of somebody else, and after plain words."""
        run, first = self._run, at
        is_own = kind in ("agency", "organisation") or self._kind(head) == "legal" or self._is_described(at + 1, head)
        if self._kind(at) == "demonym" and (end - at < 2 or not is_own):
            first = at + 1
        opens = first + 1 < head and run[first].initial and not run[first].known
        # "Former Harbour Group": any other word belongs to the name, as in "Silver Harbour Group".
        return first + 1 if opens and run[first].word in self._alike["openers"] else first

    def _country_of_headed(self, at: int, head: int, end: int, kind: str) -> str:
        """Return the code of the country that owns the name, begins it or ends it; empty when none does."""
        run = self._run
        if self._kind(at) == "demonym" or (self._kind(at) == "place" and kind == "agency"):
            return run[at].known[0].country
        country = self._possessor(run[at].start)
        if not country and end > head + 1 and self._kind(end - 1) == "place":
            return run[end - 1].known[0].country
        return country

    def _possessor(self, start: int) -> str:
        """Return the code of the place whose possessive stands before `start`: "China's Ministry of Commerce"."""
        place = self._last_place
        owns = place is not None and place.end == start - 3 and self._text.startswith("'s ", start - 3)
        return place.country if place is not None and owns else ""

    def _demonym(self, at: int) -> int:
        """Read a demonym, with the body that it owns: "Chinese Foreign Ministry"."""
        run = self._run
        if self._kind(at) != "demonym":
            return 0
        known = run[at].known[0]
        self._count_country(known, run[at].start)
        following = run[at + 1] if at + 1 < len(run) else None
        if following is None:
            self._body_after(at, known)
        else:
            return self._owned_body(at) or at + 1
        return at + 1

    def _owned_body(self, at: int) -> int:
        """Read a listed body with its owner before it: "Chinese Foreign Ministry", "Kenya Red Cross"."""
        owner, body = self._run[at], self._run[at + 1] if at + 1 < len(self._run) else None
        if body is None or body.joint != " " or body.kind not in {"agency", "organisation"} or body.word.isupper():
            return 0
        if body.kind == "organisation" and not self._is_shared(body):
            return 0
        kind: CandidateKind = "agency" if body.kind == "agency" else "organisation"
        country, known = owner.known[0].country, body.known if not body.known[0].bound else ()
        known = known if known and known[0].country == country else ()
        self._add(at, at + 2, kind, "country-body", known=known, country=country)
        return at + 2

    def _body_after(self, at: int, known: Known) -> bool:
        """Read a lower-case head after a place or demonym: "Xinjiang regional government"."""
        unit = self._run[at]
        if at + 1 < len(self._run):
            return False
        match = self._heads.body.match(self._text, unit.end)
        if match is None:
            return False
        if match[1] in self._heads.words["generic"] and match[0].removeprefix("'s") == f" {match[1]}":
            # "Chinese authorities", "a Berlin court": no particular body.
            return False
        self._add(at, at + 1, "agency", "country-body", country=known.country).end = match.end()
        return True

    def _body_of_place(self, at: int, known: Known) -> int:
        return self._owned_body(at) or (at + 1) * (self._body_after(at, known) or self._local_body(at, at + 1))

    def _local_body(self, first: int, stop: int) -> bool:
        """Read a body of a town, with a lower-case head behind units `first` to `stop`: "Ostrin city council"."""
        if stop < len(self._run):
            return False
        match = self._heads.local.match(self._text, self._run[stop - 1].end)
        if match is None or self._run[first].word.lower() in self._words["ordinary"]:
            return False
        self._add(first, stop, "agency", "local-body").end = match.end()
        return True

    def _listed(self, at: int) -> int:
        """Read a name that the gazetteer knows."""
        run = self._run
        kind = self._kind(at)
        if not kind or kind == "legal":
            return at + 1 if kind else 0
        unit = run[at]
        if kind in PERSON_LIKE_KINDS and self._is_person_like(at, at, titled=False):
            stop = self._person_end(at, titled=False)
            firm = kind == "place" and unit.word not in self._given  # "Paris Baguette"
            self._add(at, stop, "other" if firm else "person", "name-shape")
            return stop
        known = unit.known[0]
        if not (known.bound or known.weak):
            self._count_country(known, unit.start)
        if kind == "place" and (end := self._body_of_place(at, known)):
            return end
        is_word = unit.word in self._alike["words"]
        if is_word and unit.initial and len(run) == 1:
            return at + 1
        rule = "list-ambiguous" if is_word or unit.word in self._alike["persons"] else "list"
        listed: CandidateKind = known.kind  # type: ignore[assignment]  # titles, demonyms and legal forms were read above
        country = self._possessor(unit.start) if known.bound else known.country
        name = self._add(at, at + 1, listed, rule, known=unit.known, country=country)
        if kind == "place":
            self._last_place = name
        return at + 1

    def _count_country(self, known: Known, start: int) -> None:
        if known.country:
            self.countries.append((start, known.country.partition("-")[0]))

    def _plain(self, at: int) -> int:
        """Read capitalised words that nothing explains: a person when they look like one."""
        run = self._run
        stop = self._person_end(at, titled=False)
        if stop == at:
            return at + 1
        if stop == at + 1 < len(run) and run[stop].joint == "&" and not (self._kind(stop) or run[at].shouted):
            # "Corbett & Wray": two family names make a firm.
            self._add(at, stop + 1, "company", "head")
            return stop + 1
        if self._continues(stop, at):
            stop = self._before_modifiers(at, stop)
        if run[at].shouted:
            self._add(at, at + 1, "unknown", "lone")  # only a name that the document writes elsewhere can explain it
            return at + 1
        first = self._name_start(at, stop)
        if first == stop:
            return stop
        if not run[first].initial and self._local_body(first, stop):
            return stop
        words = [run[place].word for place in range(first, stop)]
        if len(words) == 1:
            if len(words[0].rstrip(".")) > 1:
                self._add(first, stop, "unknown", "lone")
        elif words[0] in ("Bill", "Bills") and len(words[1]) == 1:
            # "Bill C" of "Bill C-48".
            self._add(first, stop, "law", "head")
        elif words[0] in self._given and all(map(_is_name_word, words)):
            self._add(first, stop, "person", "given-name")
        elif all(map(_is_name_word, words)):
            self._add(first, stop, "person", "name-shape")
        else:
            self._add(first, stop, "other", "name-shape")
        return stop

    def _name_start(self, at: int, stop: int) -> int:
        """Return where the name begins in plain words, after an opening word of the sentence or a role."""
        run = self._run
        words, given = self._words, self._given
        for place in range(stop - 3, at - 1, -1):
            if run[place].word in capitalized_roles():
                return place + 1  # "UX Designer Mikel Lind"
        first = at
        while first < stop and run[first].initial and first == at:
            word = run[first].word
            following = run[first + 1].word if first + 1 < stop else ""
            if word in given and following and following not in given:
                break
            plain = word.lower() in words["common"] or (word.lower() in words["ordinary"] and following in given)
            if not plain and not (following and len(word) > 5 and word.endswith("ing") and word not in given):
                break
            first += 1
        return self._given_name(first, stop)

    def _given_name(self, first: int, stop: int) -> int:
        """Return the given name with only ordinary words before it, or `first`: "Organizer Jana Korbel"."""
        run = self._run
        for place in range(first + 1, stop - 1):
            if run[place].word in self._given and (run[place].initial or all(map(self._is_ordinary, run[first:place]))):
                return place
        return first

    def _add(
        self, first: int, stop: int, kind: CandidateKind, rule: str, *, known: tuple[Known, ...] = (), country: str = ""
    ) -> NameCandidate:
        head = self._run[first]
        name = NameCandidate(
            head.start,
            self._run[stop - 1].end,
            kind,
            rule,
            NAME_RULES[rule],
            known=known,
            country=country,
            initial=head.initial,
            shouted=head.shouted,
        )
        self._found.append(name)
        return name


def _is_name_word(word: str) -> bool:
    return len(word) > 1 and not (len(word) > 3 and word.isupper()) and not any(map(str.isdigit, word))
