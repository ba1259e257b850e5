"""Find statements without a verb of speech: by a phrase that names their source, or by the mood of reported speech.

A phrase (laut X, nach Angaben von X, X zufolge, so X, selon X) inside a clause splits the statement into two contents.
A sentence in the mood of reported speech or with "soll ... haben" goes on with the report before it.
"""

from msgspec.structs import replace

from searchkit.statements.clauses.phrases import BOUNDARIES, ClauseGrammar, Clauses
from searchkit.statements.quotes.reading import Report, Sentence
from searchkit.statements.text import Span


def source_report(clauses: Clauses, at: int, floor: int) -> tuple[Report, int] | None:
    """Return the report of the source phrase at token `at`, and the token up to which it explains the sentence."""
    words, word = clauses.grammar.words, clauses.low[at]
    opinion = word in words["according-with"] and _is_source(clauses, at - 1)  # "ihrer Meinung nach"
    owned = opinion and clauses.low[at - 2] in words["possessive"]  # not "Ihrer Meinung nach" in a question
    if word in words["postposed"] or (owned and (at == 2 or clauses.raw[at - 2].islower())):
        return _postposed(clauses, at, floor)
    # "Pour Yvon Lind, le quai ...": of a person, and at the start only.
    named = word in words["according-named"] and at == 0 and any(map(clauses.is_person, range(1, 4)))
    if named or word in words["according"] or word in words["according-with"]:
        return _according(clauses, at, floor)
    if word in words["such"]:
        return _such(clauses, at, floor)
    if word in words["thus"]:
        thus = clauses.sentence.range(at, at + 1)
        return _around(clauses, (at, at + 1), floor, thus, thus, rule="thus")
    return None


def _according(clauses: Clauses, at: int, floor: int) -> tuple[Report, int] | None:
    grammar, low = clauses.grammar, clauses.low
    first = at + 1
    end = clauses.phrase_end(first, clauses.size)
    if not grammar.capitals and at == clauses.skip(0, at, grammar.openers):
        end = _opening_end(clauses, first, end)
    cue_end = first
    if low[at] in grammar.words["according-with"]:
        noun = _source_noun(clauses, first, end)
        if noun is None:
            return None
        cue_end = noun + 1
        if not _goes_on(clauses, cue_end):
            end = cue_end
        inner = clauses.skip(cue_end, end, grammar.words["from"])
        if inner < end:
            first = inner
    if end <= at + 1 or (low[at + 1] in grammar.words["relative"] and not grammar.capitals):
        return None
    agents = (
        k for k in range(first, end) if low[k] in grammar.words["from"] and clauses.sentence.named[k - 1] is not None
    )
    end = next(agents, end)  # "laut Lind von Tausenden begrüßt"
    closing = clauses.appositive_end(end)
    is_named = closing is not None and not clauses.is_person(end - 1) and clauses.is_person(end + 1)
    # "selon son directeur, Yvon Lind, ..."
    subject = clauses.sentence.range(first, closing if is_named and closing is not None else end)
    return _around(clauses, (at, end), floor, clauses.sentence.range(at, cue_end), subject)


def _opening_end(clauses: Clauses, first: int, end: int) -> int:
    """Return the comma behind a phrase that opens the sentence: "Selon un sondage commandé par la mairie, ..."."""
    comma = clauses.end(first)
    closes = comma < clauses.size and clauses.low[comma] == "," and end < comma <= end + 8
    return comma if closes and not clauses.has_verb(end, comma) else end


def _source_noun(clauses: Clauses, first: int, end: int) -> int | None:
    """Return the noun of speech in "nach Angaben der Stadt", "nach Linds Angaben"; None for another phrase."""
    noun = next((k for k in range(first, min(end, first + 4)) if clauses.is_capital(k)), first)
    if not _is_source(clauses, noun) and noun + 1 < end:
        noun += 1
    return noun if _is_source(clauses, noun) else None


def _goes_on(clauses: Clauses, at: int) -> bool:
    """Return whether a noun phrase goes on at `at` with its genitive or with "von", not with another noun."""
    if at >= clauses.size or clauses.is_quoted(at):
        return False
    word = clauses.low[at]
    return word in clauses.grammar.words["genitive"] | clauses.grammar.words["from"] or (
        word.endswith("er") and not clauses.is_capital(at)
    )


def _is_source(clauses: Clauses, at: int) -> bool:
    if at >= clauses.size:
        return False
    words, word = clauses.grammar.words, clauses.low[at]
    source = word in words["source-noun"] or word.endswith(tuple(words["source-ending"]))
    return source and at > 0 and clauses.is_capital(at)


def _postposed(clauses: Clauses, at: int, floor: int) -> tuple[Report, int] | None:
    start = clauses.phrase_start(at, max(floor, clauses.start(at)))
    start = clauses.skip(start, at - 1, clauses.grammar.openers)
    if start == at:
        return None
    sentence = clauses.sentence
    return _around(clauses, (start, at + 1), floor, sentence.range(at, at + 1), sentence.range(start, at))


def _around(
    clauses: Clauses,
    phrase: tuple[int, int],
    floor: int,
    cue: Span,
    subject: Span | None,
    *,
    rule: str = "according-to",
) -> tuple[Report, int] | None:
    """Return the statement before and after the source phrase, a range of tokens."""
    grammar, low, (first, last) = clauses.grammar, clauses.low, phrase
    start = clauses.start(first)
    opening = clauses.skip(max(start, floor), first, grammar.openers) == first
    stop = clauses.size
    contents: list[tuple[int, int]] = []
    if opening and max(start, floor) > floor and first > floor + 1 and low[start - 1] in BOUNDARIES:
        # ", laut X" after the statement: what stands behind another comma goes on with it.
        contents.append((floor, start - 1))
        if last < stop and low[last] == "," and not _is_aside(clauses, last):
            contents.append((last + 1, stop))
        elif last < stop and low[last] not in BOUNDARIES:
            contents = [(last, stop)]
    elif opening:
        after = _after_asides(clauses, last)
        contents.append((after, stop))
    else:
        if low[start] in grammar.subordinators and start > 0:
            stop = clauses.end(last)
        contents.append((_main_start(clauses, max(start, floor), floor), first))
        after = _after_asides(clauses, last) if last < stop and low[last] == "," else last
        contents.append((after, stop))
    kept = tuple(
        (begin, end)
        for begin, end in contents
        if end - begin > 1 or (begin < end and low[begin] not in grammar.words["relative"])  # not "die, laut X, ..."
    )
    if not kept:
        return None
    return Report(cue, _written(clauses, cue), subject, kept, rule), max(stop, last)


def _main_start(clauses: Clauses, start: int, floor: int) -> int:
    """Return where a clause starts whose last part begins with its verb: before the asides behind its subject."""
    for _ in range(2):
        if start <= floor + 1 or clauses.phrase_end(start, clauses.end(start)) > start:
            break
        if clauses.low[start - 1] != "," or clauses.low[start] in clauses.grammar.subordinators:
            break
        start = max(floor, clauses.start(start - 1))
        if start > floor and clauses.low[start - 1] == ",":
            start = max(floor, clauses.start(start - 1))
    return start


def _written(clauses: Clauses, cue: Span) -> str:
    sentence = clauses.sentence
    words = zip(sentence.raw, sentence.start, sentence.end, strict=True)
    return " ".join(raw.lower() for raw, start, end in words if cue.start <= start and end <= cue.end)


def _is_aside(clauses: Clauses, comma: int) -> bool:
    return clauses.appositive_end(comma) is not None and not clauses.has_verb(comma + 1, clauses.end(comma + 1))


def _after_asides(clauses: Clauses, at: int) -> int:
    """Return where the statement begins after the source phrase: past its appositives and relative clauses."""
    grammar, low = clauses.grammar, clauses.low
    if at >= clauses.size or low[at] != ",":
        return at
    comma = at
    for _ in range(3):
        closing = clauses.appositive_end(comma)
        if closing is None:
            break
        opens_clause = low[comma + 1] in grammar.subordinators
        aside = clauses.sentence.named[comma + 1] is not None or low[comma + 1] in grammar.pack.roles["role"]
        if not grammar.capitals and not opens_clause and not aside:
            break
        if not opens_clause and clauses.has_verb(comma + 1, closing):
            break
        comma = closing
    return comma + 1


def _such(clauses: Clauses, at: int, floor: int) -> tuple[Report, int] | None:
    """Return the report of `„...“, so X`: a part of the sentence that holds nothing but "so" and who speaks."""
    grammar, low = clauses.grammar, clauses.low
    start = clauses.start(at)
    if start != at and not clauses.is_quoted(at - 1):
        return None
    end = clauses.end(at)
    first = at + 1
    subject_end = clauses.phrase_end(first, end)
    if subject_end == first:
        return None
    speaks = clauses.has_verb(first, end) or low[first] in grammar.pack.particled  # ", so teilte die Stadt mit"
    if speaks or low[first] in grammar.words["as"]:
        return None
    if low[first] not in grammar.words["determiner"] and low[first + 1 : first + 2] == ["sie"]:
        return None  # "so denken sie"
    sentence = clauses.sentence
    cue, subject = sentence.range(at, at + 1), sentence.range(first, subject_end)
    before = at if start != at else at - 1
    if before - floor < 1:
        return None
    contents = [(floor, before)]
    apart = grammar.subordinators | grammar.words["conjunction"]
    names = clauses.phrase_end(end + 1, clauses.size) == clauses.size  # "so die Sprecherin, Vera Lind"
    goes_on = end + 1 < clauses.size and not names and low[end + 1] not in apart
    if goes_on or (end + 1 < clauses.size and clauses.has_mood(end + 1, clauses.size)):
        contents.append((end + 1, clauses.size))
        end = clauses.size
    return Report(cue, low[at], subject, tuple(contents), "interrupted" if len(contents) > 1 else "before-cue"), end


class FreeIndirect:
    def __init__(self, grammar: ClauseGrammar) -> None:
        self._grammar = grammar
        self._words = grammar.words

    def find(self, clauses: Clauses, previous: Sentence | None, *, goes_on: bool) -> Report | None:
        """Return the report of a sentence without a cue; `goes_on` if the sentence before has a report.

        Otherwise the subject of the sentence before speaks, if it names a party.
        """
        report = self._in_mood(clauses, goes_on=goes_on) or self._reason(clauses) or self._before_colon(clauses)
        if report is None:
            if not goes_on:
                return None
            rule = "hearsay" if self._is_hearsay(clauses) else "planned" if self._is_planned(clauses) else ""
            return Report(None, "", None, ((0, clauses.size),), rule) if rule else None
        if report.subject is None and clauses.low[0] in self._words["for-whom"]:
            end = clauses.phrase_end(1, clauses.end(0))  # "Für Lind sei der Kai sicher"
            if end > 1 and clauses.is_party(1, end):
                return replace(report, subject=clauses.sentence.range(1, end))
        if report.subject is None and not goes_on and previous is not None:
            before = Clauses(self._grammar, previous)
            reported = before.has_mood(
                0, before.size, self._grammar.loose
            )  # its subject may as well be what is spoken of
            return report if reported else replace(report, subject=self._party_of(before))
        return report

    def _in_mood(self, clauses: Clauses, *, goes_on: bool) -> Report | None:
        """Return a sentence in the mood of reported speech; a sentence that `goes_on` may be in a looser one."""
        grammar, low = self._grammar, clauses.low
        supposes = any(word in self._words["condition"] for word in low)
        if clauses.size < 3 or not self._words["speaking-person"].isdisjoint(low):
            return None  # "ich habe" is not in the subjunctive
        if not clauses.has_mood(0, clauses.size, grammar.strict if supposes else grammar.loose):
            return None
        # "Sie hätten gewusst, wie es stehe": one clear form among the looser ones is enough.
        loose = not supposes and (goes_on or clauses.has_mood(0, clauses.size, grammar.strict))
        moods = grammar.loose if loose else grammar.strict
        at = 0
        while at < clauses.size:
            end = clauses.end(at)
            opening = at + (low[at] in self._words["preposition"] and at + 1 < end)  # ", in deren Haus"
            opens_other = low[at] in self._words["subordinator"] or (at and low[opening] in grammar.subordinators)
            if at < end and not opens_other and clauses.has_mood(at, end, moods):
                return self._introduced(clauses, at) or Report(None, "", None, ((0, self._end(clauses)),), "mood")
            at = end + 1
        return None

    def _end(self, clauses: Clauses) -> int:
        """Return where the words without marks end: before the quotation that a colon opens, or with the sentence."""
        colons = (at for at in range(3, clauses.size) if clauses.low[at - 1] == ":" and clauses.is_quoted(at))
        return next((at - 1 for at in colons if not clauses.is_title(at)), clauses.size)

    def _reason(self, clauses: Clauses) -> Report | None:
        """Return the reason that a party gives: "Lind lehnte den Bau ab, da er zu teuer sei"."""
        low = clauses.low
        for at in range(1, clauses.size):
            if low[at - 1] == "," and low[at] in self._words["reason"]:
                subject = self._party_of(clauses)
                if subject is not None and clauses.has_mood(at, clauses.end(at), self._grammar.strict):
                    return Report(None, "", subject, ((at, clauses.size),), "reason")
        return None

    def _before_colon(self, clauses: Clauses) -> Report | None:
        """Return the quotation after a sentence about a party: "Die Stadt zeigte sich überrascht: „Das ist neu.“"."""
        for at in range(2, clauses.size):
            if clauses.low[at - 1] == ":" and clauses.is_quoted(at) and not clauses.is_title(at):
                subject = self._party_of(clauses)
                if subject is not None:
                    return Report(None, "", subject, ((at, at + 1),), "introduced")
        return None

    def _introduced(self, clauses: Clauses, at: int) -> Report | None:
        """Return the report of "Lind zeigte sich überrascht: Ihr sei ..."."""
        if at < 2 or clauses.low[at - 1] != ":":
            return None
        first = clauses.skip(0, at, self._grammar.openers)
        end = clauses.phrase_end(first, at - 1)
        subject = clauses.sentence.range(first, end) if end > first and clauses.is_party(first, end) else None
        return Report(None, "", subject, ((at, clauses.size),), "introduced" if subject is not None else "mood")

    def _is_planned(self, clauses: Clauses) -> bool:
        """Return whether the sentence goes on with a plan that was reported: "Der Kai soll im Mai öffnen"."""
        low, at = clauses.low, 0
        while at < clauses.size:
            end = clauses.end(at)
            opens_other = low[at] in (self._grammar.subordinators if at else self._words["subordinator"])
            # In a main clause "soll" stands second, never last.
            if not opens_other and end - at > 3 and not self._words["hearsay"].isdisjoint(low[at : end - 1]):
                return True
            at = end + 1
        return False

    def _is_hearsay(self, clauses: Clauses) -> bool:
        """Return whether the sentence reports what unnamed people say: "Er soll ... gewesen sein"."""
        low, at = clauses.low, 0
        while at < clauses.size:
            end = clauses.end(at)
            part = low[at:end]
            opens_other = not part or part[0] in (self._grammar.subordinators if at else self._words["subordinator"])
            hearsay = not opens_other and len(part) > 3 and not self._words["hearsay"].isdisjoint(part)
            if hearsay and part[-1] in self._words["perfect"] and not clauses.is_capital(end - 2):
                perfect = part[-1] not in self._words["be"] or part[-2] in self._words["been"] or "ge" in part[-2]
                if perfect and part[-2].endswith(("t", "n")):
                    return True
            at = end + 1
        return False

    def _party_of(self, clauses: Clauses) -> Span | None:
        """Return the party that is the subject of a sentence: "Lind verteidigte den Bau. Er sei nötig"."""
        first = clauses.skip(0, clauses.size, self._grammar.openers)
        for _ in range(2):  # the subject stands before its verb or right behind it
            end = clauses.phrase_end(first, clauses.end(first))
            names_party = first < end and clauses.low[first] not in self._grammar.not_subjects
            speaks = end < clauses.size and clauses.low[end] in self._grammar.pack.cues
            if names_party and (speaks or clauses.is_party(first, end)):
                return clauses.sentence.range(first, end)
            first = clauses.skip(end + 1, clauses.size, self._words["adverb"])
        return None
