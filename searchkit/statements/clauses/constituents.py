"""Group the tokens of a German or French sentence into constituents, each once; a letter stands for each.

n noun phrase   o object by its form   p pronoun as subject   I preposition and phrase   F finite verb
K L M verb in the strict and the looser subjunctive, or either mood   R r verb of speech, in a dependent clause
e participle, infinitive or particle at the end   f infinitive with "zu"   D time   a adverb   i preposition alone
t "dass"   w relative pronoun   s subordinator   q question word   c conjunction   d determiner
S source ("laut Lind")   Q quotation   , ; : - ( ) marks
"""

from searchkit.statements.clauses.phrases import (
    MARKS,
    Clauses,
    Lexicon,
    Phrases,
    Place,
    Source,
    bracket_end,
    is_capital,
    is_person,
    is_title,
)
from searchkit.statements.quotes.reading import Sentence
from searchkit.statements.reader.constituents import Constituent


class Grouper:
    """Groups tokens into constituents."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.words = lexicon.words
        self.phrases = Phrases(lexicon)
        self._not_subject = self.words["accusative"]
        self._before_object = self.words["determiner"] | self.words["object-pronoun"]

    def bare(self, word: str) -> str:
        """Return `word` without the pronoun attached to it: dit-il, a-t-elle, l'a."""
        clitic = self.clitic(word)
        if clitic:
            word = word[: -len(clitic) - 1].removesuffix("-t")
        elided, apostrophe, rest = word.partition("'")
        return rest if apostrophe and elided + apostrophe in self.words["elided-before-verb"] else word

    def clitic(self, word: str) -> str:
        """Return the pronoun attached to `word`: "il" of "dit-il"; empty for none."""
        last = word.rpartition("-")[2]
        return last if "-" in word and last in self.words["clitic"] else ""

    def elided(self, word: str) -> int:
        """Return the length of an elided conjunction in `word`: three in qu'il."""
        conjunction = word.partition("'")[0] + "'"
        return len(conjunction) if conjunction in self.words["that-elided"] else 0

    def line(self, s: Sentence) -> Clauses:
        """Return a sentence with its constituents, which cover its tokens in order."""
        found: list[Constituent] = []
        size, at = len(s), 0
        while at < size:
            last = at
            while last < size and (s.low[last] not in MARKS or bracket_end(s, last, size)):
                last = bracket_end(s, last, size) or last + 1
            if last > at:
                self._part(s, at, last, found)
            if last < size:
                found.append(Constituent(s.low[last], last, last + 1, last))
            at = last + 1
        letters = "".join(part.letter for part in found)
        starts, ends, start = [], [len(found)] * len(found), 0
        for k, letter in enumerate(letters):
            starts.append(start)
            if letter in MARKS:
                ends[start : k + 1] = [k] * (k + 1 - start)
                start = k + 1
        return Clauses(s, found, letters, starts, ends)

    def _part(self, s: Sentence, at: int, last: int, found: list[Constituent]) -> None:
        """Add the constituents of the tokens between two marks."""
        begin = len(found)
        while at < last and s.low[at] in self.words["conjunction"]:
            found.append(Constituent("c", at, at + 1, at))
            at += 1
        opener, size = self._opener(s, at, last)
        if opener:
            found.append(Constituent(opener, at, at + size, at))
            at += size
        verb, place = False, Place(s, at, last, opener, self._is_infinitive(s, last))
        while at < last:
            place.at, place.before = at, "".join(part.letter for part in found[begin:])
            part = self._next(place)
            if part.letter in "ctwsq":
                verb = False
            elif part.letter in "FKLM":
                part.letter = "e" if part.letter == "F" and verb and not opener else part.letter
                verb = True
            found.append(part)
            at = part.last
        self._settle(s, found, begin, subordinate=bool(opener))

    def _settle(self, s: Sentence, found: list[Constituent], begin: int, *, subordinate: bool) -> None:
        """Leave the last of several verbs at the end of a clause finite: "gesagt hatte", "erhalten zu haben"."""
        chain = False  # behind a verb, participles lead to an infinitive with "zu"
        for part, following in reversed(tuple(zip(found[begin:], found[begin + 1 :], strict=False))):
            perfect = following.letter == "f" and s.low[following.head] in self.words["perfect"]
            chain = perfect or (chain and following.letter == "e")
            infinite = chain or (following.letter == "f" and s.low[part.head].endswith("n"))
            if part.letter == "F" and (infinite or (subordinate and following.letter in "FKLM")):
                part.letter = "e"

    def _opener(self, s: Sentence, at: int, last: int) -> tuple[str, int]:
        """Return the letter and size of what opens a dependent clause at `at`."""
        if at >= last or s.quoted[at] >= 0:
            return "", 0
        word = s.low[at]
        if word in self.words["that"]:
            return "t", 1
        if word in self.words["question"] or word in self.words["free-relative"]:
            return "q", 1
        if word in self.words["subordinator"]:
            only = word not in self.words["preposition"] and word not in self.words["adverb"]
            return ("s", 1) if only or self._ends_with_verb(s, at, last) else ("", 0)
        if word in self.words["as"]:
            return "s", 1
        size = self._relative_size(s, at, last) if at else 0
        return ("w" if size else ""), size

    def _relative_size(self, s: Sentence, at: int, last: int) -> int:
        """Return the tokens of a relative pronoun and its preposition; 0 if none opens the part."""
        ends = self._ends_with_verb(s, at, last)
        if s.low[at] in self.lexicon.relative:
            return int(self._is_relative(s, at, last, ends=ends))
        if s.low[at] not in self.words["preposition"] or not ends or s.low[at + 1] not in self.lexicon.relative:
            return 0
        inner = s.low[at + 2] in self.lexicon.letters or self.phrases.end(s, at + 1, last) < last - 1
        return 2 * (inner and not self._has_early_verb(s, at, last))

    def _ends_with_verb(self, s: Sentence, at: int, last: int) -> bool:
        """Return whether the part may end with a finite verb."""
        word, raw = s.low[last - 1], s.raw[last - 1]
        if last - 1 <= at or raw[0].isupper() or word in self.lexicon.letters or s.quoted[last - 1] >= 0:
            return False
        if self._is_infinitive(s, last):
            return False
        return raw in self.lexicon.finite or raw in self.lexicon.loose or word.endswith(("t", "te", "en", "n"))

    def _has_early_verb(self, s: Sentence, at: int, last: int) -> bool:
        """Return whether a finite verb stands before the end of the part: it is a main clause."""
        late = last - 1
        while late > at and s.raw[late][0].islower() and s.low[late] not in self.lexicon.letters:
            late -= 1
        return any(s.low[k] in self.words["finite"] or s.raw[k] in self.lexicon.loose for k in range(at + 2, late))

    def _is_relative(self, s: Sentence, at: int, last: int, *, ends: bool) -> bool:
        """Return whether "die" at `at` opens a relative clause: no finite verb follows its phrase."""
        if s.low[at] not in self.words["determiner"]:
            return s.raw[at][0].islower()
        end = self.phrases.end(s, at, last)
        if not any(is_capital(s, k) or s.quoted[k] >= 0 for k in range(at + 1, end)):
            return True  # "der 1963 kam"
        if end == last or not ends:
            return False
        known = bool(self._verb(s, end, last, second=False).strip("e"))
        return not known or (end == last - 1 and s.raw[end] not in self.lexicon.loose)

    def _next(self, place: Place) -> Constituent:
        """Return the constituent that begins at a place."""
        s, at, last = place.sentence, place.at, place.last
        if closing := bracket_end(s, at, last):
            return Constituent("a", at, closing, at)
        if s.quoted[at] >= 0:
            return Constituent("Q", at, at + 1, at)
        if (source := self._source(s, at, last, first=not place.before)) is not None:
            return source
        if infinitive := self._infinitive_end(s, at, last):
            return Constituent("f", at, infinitive, infinitive - 1)
        if verb := "" if self._is_bare_adjective(place) else self._verb(s, at, last, second=place.is_second):
            return Constituent(verb, at, at + 1, at)
        return self._phrase(place) or self._prepositional(place) or self._closed(place)

    def _phrase(self, place: Place) -> Constituent | None:
        """Return the noun phrase at a place, or the source that it names with "zufolge" behind it."""
        s, at, last = place.sentence, place.at, place.last
        end = self.phrases.end(s, at, last)
        if end == at and self.lexicon.letters.get(s.low[at]) != "o":
            return None
        source = self._postposed(s, at, max(end, at + 1), last)
        if source is not None or end == at or (self._only_quoted(s, at, end) and not place.leads):
            return source
        return Constituent(self._case(s, at, end), at, end, at)

    def _prepositional(self, place: Place) -> Constituent | None:
        """Return a preposition with its phrase."""
        s, at, last = place.sentence, place.at, place.last
        if s.low[at] not in self.words["preposition"] or self.lexicon.letters[s.low[at]] != "i" or at + 1 == last:
            return None
        begin = at + 1
        while begin < last - 1 and self.lexicon.letters.get(s.low[begin]) == "a" and not is_capital(s, begin):
            begin += 1  # "auf nicht weiter bezeichnete Quellen"
        end = self.phrases.end(s, begin, last)
        if end == begin or self._only_quoted(s, begin, end):
            return None
        timed = s.low[end - 1] in self.lexicon.dated or s.low[end - 1].isdigit()
        return self._postposed(s, at, end, last) or Constituent("D" if timed else "I", at, end, begin)

    def _closed(self, place: Place) -> Constituent:
        """Return a word of a closed class; a determiner before a verb is a noun: "Einige glauben"."""
        s, at = place.sentence, place.at
        letter = self.lexicon.letters.get(s.low[at], "a")
        alone = place.leads and letter == "d" and s.low[at] not in self.words["plain-article"] and at + 1 < place.last
        if alone and self._verb(s, at + 1, place.last, second=True):
            letter = "n"
        return Constituent("d" if letter == "w" else letter, at, at + 1, at)

    def _opens_with_verb(self, s: Sentence, word: str) -> bool:
        """Return whether the first word of a sentence is a verb: "Sei der Kai zu?", "Sagte Lind:", not "Versuche"."""
        if s.low[0] in self.words["finite"] or s.low[0] in self.words["auxiliary"]:
            return True
        named = len(s) > 1 and (s.named[1] is not None or s.low[1] in self.words["nominative"])
        return named and word in self.lexicon.pack.finite_forms

    @staticmethod
    def _is_bare_adjective(place: Place) -> bool:
        """Return whether a form describes the noun behind it: "nie bezahlte Reklame zu drucken"."""
        bare = place.infinite and not place.before.strip("ca") and place.at + 1 < place.last
        return bare and place.sentence.low[place.at].endswith("te") and is_capital(place.sentence, place.at + 1)

    def _only_quoted(self, s: Sentence, at: int, end: int) -> bool:
        """Return whether a phrase is words in marks with nothing but a determiner: eine „Ruine“."""
        leads = all(word in self.words["determiner"] for word in s.low[at : end - 1])
        return s.quoted[end - 1] >= 0 and leads

    def _verb(self, s: Sentence, at: int, last: int, *, second: bool) -> str:
        """Return the letter of a verb form at `at`; empty for other words."""
        raw = s.raw[at].lower()
        if not raw.isalpha() or (s.raw[at][0].isupper() and (at or not self._opens_with_verb(s, raw))):
            return ""
        if raw in self.lexicon.loose:
            either = raw in self.lexicon.pack.spelled["either"]
            return "K" if raw in self.lexicon.strict else "M" if either else "L"
        if raw in self.lexicon.finite or s.low[at] in self.words["finite"]:
            return "F"
        return self._guessed(s, at, last, second=second) if s.low[at] not in self.lexicon.letters else ""

    def _guessed(self, s: Sentence, at: int, last: int, *, second: bool) -> str:
        """Return the letter of a word that no list has, by its ending and place."""
        raw, closes = s.raw[at], at == last - 1
        if raw in self.lexicon.wishes and (second or closes):
            return "K"
        if raw in self.lexicon.pack.participles or (raw[:2] == "ge" and len(raw) > 5 and raw.endswith(("t", "en"))):
            return "e"
        if closes or not second:
            return "e" if closes and raw.endswith(("t", "n")) else ""
        if raw.endswith("e") and not raw.endswith("te") and s.low[at + 1] in self._before_object:
            return "K"  # "die Sorte erspare den Einsatz"
        plural = raw.endswith("en")
        return "a" if plural and is_capital(s, at + 1) else "F" if plural or raw.endswith(("t", "te")) else ""

    def _case(self, s: Sentence, at: int, end: int) -> str:
        """Return the letter of a phrase: "o" for one that its form shows to be no subject, "D" for a time."""
        word, closing = s.low[at], s.low[end - 1]
        if end - at == 1 and word in self.words["pronoun"]:
            return "p"
        timed = closing in self.lexicon.dated and (s.named[end - 1] is None)
        if timed or (closing.isdigit() and end - at > 1 and s.low[end - 2] in self.words["month"]):
            return "D"
        dative = word.endswith("em") and word not in self.lexicon.letters and s.raw[at].islower()
        return "o" if dative or word in self._not_subject or self._is_dative(s, at, end) else "n"

    def _is_dative(self, s: Sentence, at: int, end: int) -> bool:
        """Return whether a phrase with "der" is feminine, and so no subject: "der Zeitung"."""
        noun = next((k for k in range(at + 1, end) if is_capital(s, k)), at)
        feminine = s.low[noun] in self.words["feminine-noun"] or s.low[noun].endswith(self.lexicon.feminine_endings)
        return s.low[at] in self.words["feminine-dative"] and feminine and not is_person(s, noun)

    def _is_infinitive(self, s: Sentence, last: int) -> bool:
        """Return whether the tokens before `last` are an infinitive with "zu"."""
        return any(at >= 0 and self._infinitive_end(s, at, last) for at in (last - 1, last - 2))

    def _infinitive_end(self, s: Sentence, at: int, last: int) -> int:
        """Return the end of an infinitive with "zu": "zu schließen", "aufzumachen"; 0 for other words."""
        word = s.low[at]
        if word in self.words["infinitive-mark"]:
            following = s.low[at + 1] if at + 1 < last and s.raw[at + 1].islower() else ""
            closed = following in self.lexicon.letters and following not in self.words["perfect"]
            return at + 2 if following.endswith("n") and not closed else 0
        inside = word.find("zu", 2, -4) if s.raw[at][0].islower() and word.endswith("n") else -1
        return at + 1 if inside > 0 and word[:inside] in self.words["separable"] else 0

    # --- sources ---

    def _source(self, s: Sentence, at: int, last: int, *, first: bool) -> Source | None:
        """Return "laut Lind", "nach Angaben der Stadt", "so Lind" or "demnach" at `at`."""
        word = s.low[at]
        if word in self.words["thus"]:
            return Source("S", at, at + 1, at, who=(at, at + 1), words=(at, at + 1), kind="thus")
        if word in self.words["such"] and (first or (at and s.quoted[at - 1] >= 0)):
            spoken = at + 1 >= last or s.raw[at + 1] in self.lexicon.finite  # "so teilte die Stadt mit"
            end = self.phrases.end(s, at + 1, last) if not spoken else 0
            return Source("S", at, end, at, who=(at + 1, end), words=(at, at + 1), kind="so") if end > at + 1 else None
        return self._according(s, at, last)

    def _according(self, s: Sentence, at: int, last: int) -> Source | None:
        """Return "laut Lind" or "nach Angaben der Stadt" at `at`."""
        word = s.low[at]
        if (word not in self.words["according"] and word not in self.words["according-with"]) or at + 1 >= last:
            return None
        begin, end, words = at + 1, self.phrases.end(s, at + 1, last), at + 1
        if word in self.words["according-with"]:
            noun = self._source_noun(s, begin, end)
            if noun < 0:
                return None
            words = noun + 1
            if not self._goes_on(s, words, last):
                end = words
            inner = words + (words < end and s.low[words] in self.words["from"])
            begin = inner if inner < end else begin
        agents = (k for k in range(begin + 1, end) if s.low[k] in self.words["from"] and s.named[k - 1] is not None)
        end = next(agents, end)  # "laut Lind von Tausenden begrüßt"
        return Source("S", at, end, at, who=(begin, end), words=(at, words)) if end > at + 1 else None

    def _source_noun(self, s: Sentence, first: int, end: int) -> int:
        """Return the noun of speech in "nach Angaben der Stadt", "nach Linds Angaben"; -1 for another phrase."""
        noun = next((k for k in range(first, min(end, first + 4)) if is_capital(s, k)), first)
        nouns = (k for k in (noun, noun + 1) if k < end and is_capital(s, k))
        return next((k for k in nouns if self.lexicon.is_source(s.low[k])), -1)

    def _goes_on(self, s: Sentence, at: int, last: int) -> bool:
        """Return whether a noun phrase goes on at `at` with its genitive or with "von", not with another noun."""
        word = s.low[at] if at < last and not is_capital(s, at) else ""
        return word in self.words["genitive"] or word in self.words["from"] or word.endswith("er")

    def _postposed(self, s: Sentence, at: int, end: int, last: int) -> Source | None:
        """Return "Berichten zufolge", "ihrer Meinung nach": a phrase with its preposition behind it."""
        word = s.low[end] if end < last else ""
        opinion = (
            word in self.words["according-with"]
            and self.lexicon.is_source(s.low[end - 1])
            and s.low[at] in self.words["possessive"]
            and (at == 0 or s.raw[at].islower())  # not "Ihrer Meinung nach" in a question
        )
        known = word in self.words["postposed"] or opinion
        return Source("S", at, end + 1, at, who=(at, end), words=(end, end + 1)) if known else None


_OPENING_REACH = 8  # tokens that describe a source up to the comma behind it


class FrenchGrouper(Grouper):
    """Groups tokens into constituents."""

    def phrase_end(self, s: Sentence, at: int, last: int) -> int:
        """Return where the phrase that begins with token `at` ends: before a verb or a word that ends it."""
        if s.low[at] in self.words["pronoun"]:
            return at + 1
        end = at
        while end < last and not self._ends_phrase(s, at, end):
            end += 1
        return end

    def _ends_phrase(self, s: Sentence, first: int, at: int) -> bool:
        word = s.low[at]
        if s.quoted[at] >= 0:
            return not (at > first and is_title(s, at) and s.named[at - 1] is None)
        if word in self.words["phrase-stop"] or word in self.words["weekday"] or word in self.words["that"]:
            return True
        closed = self.elided(word) or s.raw[at].lower() in self.lexicon.pack.spelled["stop"]
        return bool(closed) or bool(self._form(s, at)) or (at > first and word in self.lexicon.cues)

    def _form(self, s: Sentence, at: int) -> str:
        """Return the letter of a verb form."""
        word, spelled = self.bare(s.low[at]), self.bare(s.raw[at].lower())
        if spelled in self.lexicon.pack.spelled["stop"]:
            return ""
        if word in self.words["finite"] or word in self.words["auxiliary"]:
            return "F"
        if spelled.endswith(self.lexicon.finite_endings) and s.raw[at].islower():
            return "F"
        if word not in self.lexicon.cues or (at and s.raw[at][0].isupper()):
            return ""
        return "F" if spelled in self.lexicon.pack.finite_forms else "e"

    def _opener(self, s: Sentence, at: int, last: int) -> tuple[str, int]:
        word = s.low[at] if at < last else ""
        if word in self.words["as"]:
            return "s", 1
        if word in self.words["relative"] and at:
            return "w", 1
        known = word in self.words["subordinator"] and word not in self.words["preposition"]
        return ("s", 1) if known else ("", 0)

    def _next(self, place: Place) -> Constituent:
        s, at, last = place.sentence, place.at, place.last
        source = self._named_source(place)
        if source is not None:
            return source
        letter = "Q" if s.quoted[at] >= 0 else self._word_letter(s, at, last)
        if letter:
            return Constituent(letter, at, at + 1, at)
        word = s.low[at]
        to = s.raw[at].lower() in self.lexicon.pack.spelled["stop"]
        leads = to or word in self.words["preposition"]
        begin = at + leads
        end = self.phrase_end(s, begin, last) if begin < last else begin
        if to or word in self.words["addressing"]:
            end = min(end, begin + 1 + (begin < last and s.low[begin] in self.words["determiner"]))  # "à la presse"
        if end == begin:
            return Constituent("a", at, at + 1, at)
        alone = end - at == 1 and word in self.words["determiner"]  # « un “scandale” »
        return Constituent("d" if alone else self._letter(s, at, end, leads=leads), at, end, begin)

    def _word_letter(self, s: Sentence, at: int, last: int) -> str:
        """Return the letter of a verb or a word of a closed class; empty for what begins a phrase."""
        word = s.low[at]
        spoken = self.bare(word) in self.lexicon.cues  # "ce qu'affirme la mairie"
        if word in self.words["that"] or (self.elided(word) and not spoken):
            return "t"
        stops = s.raw[at].lower() in self.lexicon.pack.spelled["stop"]
        if word in self.words["question"] and not stops:
            return "q"
        closed = self.lexicon.letters.get(word, "") if not stops else ""
        letter = self._infinitive_letter(s, at, last) or ("c" if closed == "c" else self._form(s, at))
        return letter or ("a" if word in self.words["object-clitic"] else closed if closed in ("a", "w") else "")

    def _letter(self, s: Sentence, at: int, end: int, *, leads: bool) -> str:
        if end - at == 1 and s.low[at] in self.words["pronoun"]:
            return "p"
        timed = s.low[end - 1] in self.lexicon.dated or s.low[at] in self.lexicon.dated
        return "D" if timed else "I" if leads else "n"

    def _infinitive_letter(self, s: Sentence, at: int, last: int) -> str:
        """Return "f" for the "de" of an infinitive, "b" for what opens one without it."""
        word, endings = s.low[at], tuple(self.words["infinitive-ending"])
        following = s.low[at + 1] if at + 1 < last else ""
        if word in self.words["infinitive-mark"] and following.endswith(endings):
            return "f"
        if word.startswith("d'") and word.endswith(endings):
            return "f"
        negated = (
            word.startswith("n") and len(word) < 4 and not any(one.endswith(endings) for one in s.low[at + 1 : at + 4])
        )
        return "b" if word in self.words["infinitive-start"] and not negated else ""

    def _named_source(self, place: Place) -> Source | None:
        """Return "selon la mairie", "d'après lui", and "pour Yvon Lind" at the start of a sentence."""
        s, at, last = place.sentence, place.at, place.last
        mentions = s.named[at + 1 : at + 4]
        named = at == 0 and any(mention is not None and mention.kind == "person" for mention in mentions)
        known = s.low[at] in self.words["according"] or (named and s.low[at] in self.words["according-named"])
        if not known or at + 1 >= last or s.low[at + 1] in self.words["relative"]:
            return None
        end = self.phrase_end(s, at + 1, last)
        if end <= at + 1:
            return None
        comma = last if last < len(s) and s.low[last] == "," else 0
        if not place.before.strip("ac") and end < comma <= end + _OPENING_REACH:
            end = comma  # "Selon un sondage commandé par la mairie, ..."
        return Source("S", at, end, at, who=(at + 1, self._aside_end(s, end)), words=(at, at + 1))

    @staticmethod
    def _aside_end(s: Sentence, comma: int) -> int:
        """Return the end of an aside that names who speaks: "selon son directeur, Yvon Lind, ..."; else `comma`."""
        closing = next((k for k in range(comma + 1, len(s)) if s.low[k] in MARKS), comma)
        named = closing > comma and is_person(s, comma + 1) and not is_person(s, comma - 1)
        return closing if named and s.low[comma] == s.low[closing] == "," else comma
