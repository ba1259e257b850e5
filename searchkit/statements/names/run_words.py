"""Say what the units of a run are to each other: title, person's name, head word and what belongs to it."""

import re
from collections.abc import Sequence

from searchkit.statements.document import MentionKind
from searchkit.statements.names.gazetteer import head_words, plain_words
from searchkit.statements.names.runs import Unit
from searchkit.statements.word_lists import word_sets

# What stands before an armed unit and belongs to its name: "the 5th Brigade".
_ORDINAL = re.compile(r"(?<![\w.])\d{1,4}(?:st|nd|rd|th) $")
# At most so many words make one person's name: "Mohammed bin Salman bin Abdulaziz Al Saud" has five units.
LONGEST_PERSON = 5
# Kinds of known names that may be part of a person's name: "Jordan".
PERSON_LIKE_KINDS = frozenset({"place", "company", "organisation", "group"})


class RunWords:
    """The run that is read, and the words that explain its units."""

    _run: Sequence[Unit] = ()

    def __init__(self, text: str) -> None:
        self._text = text
        self._heads = head_words()
        self._given = word_sets("given_names.txt")["given"]
        self._alike = word_sets("look_alikes.txt")
        self._modifiers = word_sets("titles.txt")["modifiers"]
        self._words = plain_words()

    def _kind(self, at: int) -> str:
        return self._run[at].kind

    def _is_ordinary(self, unit: Unit) -> bool:
        return unit.word.lower() in self._words["ordinary"]

    def _continues(self, at: int, first: int) -> bool:
        """Return whether unit `at` exists and stands one space behind the unit before, or begins at `first`."""
        return at < len(self._run) and (at == first or self._run[at].joint == " ")

    # --- titles and persons ---

    def _is_title(self, at: int) -> bool:
        """Return whether the unit is a title, and not an adjective of the next head: "Ostrava General Hospital"."""
        run = self._run
        if self._kind(at) != "title" or run[at].word != "General" or at + 1 == len(run) or run[at + 1].joint != " ":
            return self._kind(at) == "title"
        return self._heads.kinds.get(run[at + 1].word) not in ("organisation", "agency")

    def _is_modifier(self, at: int) -> bool:
        """Return whether the unit leads to a title and names nothing itself: "Treasury Secretary", not "NATO"."""
        unit = self._run[at]
        return unit.word in self._modifiers and (not unit.known or unit.known[0].bound)

    def _person_end(self, at: int, *, titled: bool) -> int:
        """Return the unit after the person's name that begins at `at`; `at` when none does."""
        run = self._run
        end = at
        while end < len(run) and end - at < LONGEST_PERSON:
            unit = run[end]
            if end > at and unit.joint not in (" ", "de"):
                break
            if unit.kind and not (unit.kind in PERSON_LIKE_KINDS and self._is_person_like(end, at, titled=titled)):
                break
            if end - at > 1 and not unit.kind and unit.word in self._heads.kinds:
                break
            end += 1
        return end

    def _is_person_like(self, at: int, first: int, *, titled: bool) -> bool:
        """Return whether the known name at `at` may be part of the person's name that begins at `first`."""
        run = self._run
        if at == first + 1 and run[at].kind == "place" and run[first].word in self._given and not run[first].known:
            return True  # "Alison Blackburn"
        if run[at].word not in self._alike["persons"]:
            return False
        ahead = at + 1 < len(run) and run[at + 1].joint in (" ", "de") and not self._kind(at + 1)
        return at > first or titled or ahead

    # --- names that a head word explains ---

    def _stretch_end(self, at: int) -> int:
        """Return the end of the stretch that one name may fill: up to a title and what belongs to it."""
        run = self._run
        stop = at
        while stop < len(run) and (stop == at or self._goes_on(stop)) and not self._is_title(stop):
            stop += 1
        return self._before_modifiers(at, stop) if stop < len(run) else stop

    def _before_modifiers(self, at: int, stop: int) -> int:
        """Return the end of the name before a title at `stop`: "Executive" belongs to "Executive Director"."""
        while stop > at + 1 and self._kind(stop) == "title" and self._is_modifier(stop - 1):
            stop -= 1
        return stop

    def _goes_on(self, at: int) -> bool:
        """Return whether unit `at` may belong to the name before; "and" joins topics and owners: "Ways and Means"."""
        unit, before = self._run[at], self._run[at - 1]
        if unit.joint != "and":
            return unit.joint in (" ", "de", "&")
        if unit.word in self._heads.words["owner"]:
            return True
        if unit.known or before.known or unit.word in self._heads.kinds or before.word in self._heads.kinds:
            return False
        return self._is_ordinary(unit) and self._is_ordinary(before)

    def _last_head(self, at: int, stop: int) -> int:
        """Return the last head word of the range, or -1."""
        run = self._run
        for place in range(stop - 1, at - 1, -1):
            kind = self._kind(place)
            if kind == "legal" and place > at:
                return place
            if kind == "agency" and run[place].known[0].bound and self._is_own_body(at, place):
                return place
            if not kind and run[place].word in self._heads.words["unit"]:
                # A word like "Division" is an armed unit after an ordinal, or after "Armored".
                armed = place > at and run[place - 1].word in self._heads.words["unit word"]
                if armed or self._ordinal_before(at) is not None:
                    return place
            if not kind and self._head_of(place):
                # A given name before it and nothing after: "Gordon Bank" is as likely a person as a bank.
                is_name = place == at + 1 and run[at].word in self._given and run[place].joint == " "
                return -1 if is_name else place
        return -1

    def _is_own_body(self, at: int, place: int) -> bool:
        """Return whether a body of many countries is another one: "Army of Revolutionaries", "Karvanian Ministry"."""
        run = self._run
        goes_on = place + 1 < len(run) and run[place + 1].joint == "of" and not run[place + 1].known
        if goes_on and run[place].word in self._heads.kinds:
            return True
        before = run[place - 1]
        plain = before.word in self._modifiers or self._is_ordinary(before)
        return place > at and not (before.known or plain or before.initial)

    def _head_of(self, at: int) -> str:
        """Return the head word that unit `at` is, or ends in ("Ledger-Post"); empty if it is not one."""
        word = self._run[at].word
        if word in self._heads.kinds:
            return word
        last = word.rpartition("-")[2]
        return last if last != word and last in self._heads.kinds else ""

    def _head_kind(self, head: int) -> MentionKind:
        if self._kind(head) == "legal":
            return "company"
        if self._kind(head) == "agency" or not self._head_of(head):
            return "agency"
        return self._heads.kinds[self._head_of(head)]

    def _ordinal_before(self, at: int) -> int | None:
        """Return where the ordinal before unit `at` begins: "5th" of "5th Brigade"."""
        start = self._run[at].start
        found = _ORDINAL.search(self._text, max(0, start - 8), start)
        return found.start() if found is not None else None

    def _is_described(self, at: int, head: int) -> bool:
        """Return whether only plain words stand before the head: "Russian Railways" is a name with its demonym."""
        return all(map(self._is_ordinary, self._run[at:head]))

    def _after_of(self, at: int, kind: MentionKind) -> int:
        """Return the end of what follows "of": up to the next title, person or list name."""
        run = self._run
        end = at
        while end < len(run) and self._kind(end) != "title":
            unit, before = run[end], run[end - 1]
            if end > at and (
                unit.joint == ""
                or (unit.joint == "and" and not self._joins_topics(end, kind))
                or (before.kind == "place" and unit.joint == " " and unit.word not in self._heads.kinds)
            ):
                break
            end += 1
        return end

    def _joins_topics(self, at: int, kind: MentionKind) -> bool:
        """Return whether "and" before unit `at` joins topics of a body rather than two names."""
        unit, before = self._run[at], self._run[at - 1]
        if (
            kind not in {"agency", "law", "organisation"}
            or unit.known
            or self._heads.kinds.get(unit.word, "company") != "company"
        ):
            return False
        return kind != "organisation" or not (before.known or unit.word in self._given)
