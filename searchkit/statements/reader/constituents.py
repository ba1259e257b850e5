"""Group the tokens of a sentence into phrases and verb groups, each once; a letter stands for each constituent.

n noun phrase   p o pronoun as subject and object   z pronoun with its verb ("he's")   I preposition and phrase
R finite verb group of speech   F other finite verb group   x auxiliary of an inverted question
r -ing of speech   g other -ing   e participle   f infinitive with "to"   b bare verb form
D time   a adverb   i preposition alone   t that   w relative pronoun   s subordinator   q question word
c conjunction   S source ("according to Lind")   Q quotation   , ; : - ( ) marks
"""

import re

from msgspec import Struct

from searchkit.statements.packs import Cue
from searchkit.statements.quotes.reading import Sentence
from searchkit.statements.reader.lexicon import Lexicon
from searchkit.statements.reader.tags import Tagger

_NOMINAL = frozenset("dnN#v")
# Letters of a verb of a clause.
VERBAL = frozenset("RFxz")
_MOST = 250  # constituents of a sentence that are read
_REACH = 14  # tokens between those whom somebody informs and the verb of the clause behind them
_VERB_AHEAD, _AS_AHEAD = re.compile(r"[nIiaD]{0,4}[RF]"), re.compile(r"[nIiaD,]{0,4}[RF]")
_ASIDE_AHEAD = re.compile(r",[niIDa]{1,6},[aDI]{0,2}[RF]")
_YEAR = re.compile(r"(?:19|20)\d\d")


class Constituent(Struct, eq=False):
    """Tokens from `first` up to `last` with their letter and head token; `verb` is the main verb of a verb group, `cue`
    its verb of speech; `negated`, `passive` and the `modal` verb describe the group."""

    letter: str
    first: int
    last: int
    head: int
    cue: Cue | None = None
    verb: int = -1
    negated: bool = False
    modal: str = ""
    passive: bool = False


class Line(Struct, eq=False):
    """A sentence as its constituents and one letter for each."""

    sentence: Sentence
    parts: list[Constituent]
    letters: str

    def __len__(self) -> int:
        return len(self.parts)

    def first(self, at: int) -> str:
        """Return the first word of a constituent; empty outside the sentence."""
        return self.sentence.low[self.parts[at].first] if 0 <= at < len(self.parts) else ""

    def words(self, first: int, last: int) -> list[str]:
        """Return the words of the constituents from `first` up to `last`."""
        parts = self.parts[first:last]
        return self.sentence.low[parts[0].first : parts[-1].last] if parts else []

    def size(self, first: int, last: int) -> int:
        """Return the number of their tokens."""
        return self.parts[last - 1].last - self.parts[first].first if first < last else 0

    def letter(self, at: int) -> str:
        """Return the letter of a constituent; "^" before the first and "$" behind the last."""
        return "^" if at < 0 else self.letters[at] if at < len(self.letters) else "$"

    def has_verb(self, first: int, last: int) -> bool:
        return not VERBAL.isdisjoint(self.letters[first:last])

    def states(self, first: int, last: int) -> bool:
        """Return whether a verb or a quotation stands among the constituents."""
        return self.has_verb(first, last) or "Q" in self.letters[first:last]

    def is_complete(self, at: int) -> bool:
        """Return whether a constituent is a quotation that ends as a sentence does, or with a comma."""
        return self.letter(at) == "Q" and self.sentence.is_complete(self.parts[at].first)

    def closes(self, at: int) -> bool:
        """Return whether a constituent is a comma, or a quotation that ends with one."""
        return self.letter(at) == "," or (self.letter(at) == "Q" and self.sentence.has_comma(self.parts[at].first))

    def skip_back(self, at: int, letters: str = "a") -> int:
        """Return the last place up to `at` with another letter; -1 if all are among these."""
        while at >= 0 and self.letters[at] in letters:
            at -= 1
        return at

    def range(self, first: int, last: int) -> tuple[int, int]:
        """Return the tokens of the constituents from `first` up to `last`."""
        return self.parts[first].first, self.parts[last - 1].last


class Grouper:
    """Groups tagged tokens into constituents."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        words = self.words = lexicon.words
        self._tagger = Tagger(lexicon)
        self._pointing = words["time-adjective"] | words["time-pointer"]
        self._time_heads = words["time"] | words["weekday"] | words["month"] | words["relative-day"]
        self._time_heads |= words["time-plural"]
        self._settings = self._time_heads | words["occasion"]
        self._hearers = words["addressee"] | words["meeting"] | words["hearer"] | lexicon.plurals
        self._hearers -= words["pronoun"] | words["determiner"]
        self._long_particles = [phrase.split("-") for phrase in words["long-particle"]]
        self._source_starts = frozenset(words[0] for words in lexicon.sources)

    def line(self, sentence: Sentence) -> Line:
        """Return a sentence with its constituents, which cover its tokens in order."""
        tags = self._tagger.tags(sentence)
        found: list[Constituent] = []
        at, size = 0, len(tags)
        while at < size:
            found.append(self._next(sentence, tags, at))
            at = found[-1].last
        parts = self._joined(sentence, found)[:_MOST]
        return Line(sentence, parts, "".join([part.letter for part in parts]))

    def _next(self, sentence: Sentence, tags: list[str], at: int) -> Constituent:
        letter, low = tags[at], sentence.low
        if low[at] in self._source_starts and (end := self._source_end(low, at)):
            return Constituent("S", at, end, at)
        if letter in "xRFb" and (group := self._verb_group(sentence, tags, at)) is not None:
            return group
        if letter in _NOMINAL or (letter == "g" and self._is_noun(low, tags, at)):
            return self._phrase(sentence, tags, at)
        if letter in "fia" and (verb := self._infinitive_verb(low, tags, at)) is not None:
            return self._infinitive(sentence, tags, verb, at)
        if letter == "g":
            perfect = low[at] in self.words["perfect-participle"] and tags[at + 1 : at + 2] in (["R"], ["b"], ["e"])
            start, at = at, at + perfect  # "having said"
            cue = self._cue(sentence, at, at + 1)
            end = at + 1 + (self._particle(low, cue, at + 1) if cue is not None else 0)
            return Constituent("r" if cue is not None else "g", start, end, at, cue, at)
        return Constituent(letter, at, at + 1, at)

    def _infinitive_verb(self, low: list[str], tags: list[str], at: int) -> int | None:
        """Return the verb of the infinitive that begins at `at`: "to close", "to soon close", "not to close"."""
        if tags[at] == "f":
            return at
        mark = at + (low[at] in self.words["infinitive-negation"])
        if mark >= len(low) or low[mark] not in self.words["infinitive-mark"] or tags[mark] != "i":
            return None
        verb = next((k for k in range(mark + 1, len(tags)) if tags[k] != "a"), mark)
        return verb if tags[verb] in "fx" and (mark == at or verb == mark + 1) else None

    def _source_end(self, low: list[str], at: int) -> int:
        """Return the end of the words that lead to a source: "according to"; 0 if none stand at `at`."""
        return next((at + len(words) for words in self.lexicon.sources if low[at : at + len(words)] == words), 0)

    def _cue(self, sentence: Sentence, at: int, end: int) -> Cue | None:
        """Return the cue of the form at `at`, if the particle that it needs follows at `end`."""
        cue = self.lexicon.cues.get(sentence.low[at])
        return cue if cue is None or not cue.particle or self._particle(sentence.low, cue, end) else None

    def _verb_group(self, sentence: Sentence, tags: list[str], at: int) -> Constituent | None:
        """Return auxiliaries, adverbs and the main verb; None if only adverbs stand there."""
        low, end, verb = sentence.low, at, -1
        group = Constituent("F", at, at, at)
        while end < len(tags) and tags[end] in "xRFba" and not self._ends_group(low, tags, verb, end):
            group.negated = group.negated or (tags[end] in "ax" and self._negates(low[end]))
            if tags[end] != "a":
                self._describe(group, low, tags, verb, end)
                verb = end
            end += 1
            if verb >= 0 and tags[verb] in "RF":
                break
        if verb < 0:
            return None
        group.head = group.verb = verb
        cue = self._cue(sentence, verb, end) if tags[verb] != "x" else None
        group.last = end + (self._particle(low, cue, end) if cue is not None else 0)
        group.cue, group.letter = cue, "R" if cue is not None else "F"
        if tags[at] == "b" and verb == at and tags[at - 1 : at] == ["o"] and low[at] not in self.words["say-verb"]:
            group.cue, group.letter = None, "b"  # "let him say"
        return group

    def _ends_group(self, low: list[str], tags: list[str], verb: int, end: int) -> bool:
        """Return whether the token at `end` does not go on with the group whose last verb is `verb`."""
        if tags[end] == "a":
            ahead = next((k for k in range(end, len(tags)) if tags[k] != "a"), end)
            return (verb >= 0 and tags[verb] != "x") or tags[ahead] not in "xRFb"
        return verb >= 0 and tags[end] in "xRF" and tags[verb] != "x" and low[verb] not in self.lexicon.helping

    def _describe(self, group: Constituent, low: list[str], tags: list[str], verb: int, end: int) -> None:
        """Note the modal verb and the passive of a group, whose next verb stands at `end`."""
        if tags[end] == "x":
            group.modal = low[end] if low[end] in self.words["modal"] else group.modal
        elif verb >= 0 and low[verb] in self.words["be"] and not low[end].endswith("ing"):
            group.passive = "n" in self.lexicon.kinds(low[end])

    def _negates(self, word: str) -> bool:
        return word in self.words["negation"] or word.endswith("n't")

    def _particle(self, low: list[str], cue: Cue, end: int) -> int:
        """Return how many words behind the verb belong to it: "out" of "pointed out", "out" of "rule out"."""
        if not cue.particle:
            pair = f"{cue.lemma}-{low[end] if end < len(low) else ''}"
            return int(pair in self.words["longer-cue"] or pair in self.words["object-particle"])
        words = cue.particle.split()
        for longer in self._long_particles:
            if longer[0] == cue.particle and low[end : end + len(longer)] == longer:
                return len(longer)
        filled = low[end : end + 1] != words[:1] and not self.words["particle-filler"].isdisjoint(low[end : end + 1])
        end += filled  # "made it clear"
        return filled + len(words) if low[end : end + len(words)] == words else 0

    def _infinitive(self, sentence: Sentence, tags: list[str], at: int, first: int) -> Constituent:
        end = at + 1
        while end < len(tags) and (tags[end] == "b" or (tags[end] == "a" and tags[end + 1 : end + 2] == ["b"])):
            end += 1
        return Constituent("f", first, end, at, self._cue(sentence, end - 1, end), end - 1)

    def _is_noun(self, low: list[str], tags: list[str], at: int) -> bool:
        """Return whether an -ing form is a noun: "the ruling of", "his warning,"."""
        if not at or tags[at - 1] not in "dN#" or at + 1 == len(tags) or tags[at + 1] not in "nNi,RF":
            return False
        return tags[at - 1] == "d" or low[at] not in self.lexicon.cues

    def _phrase(self, sentence: Sentence, tags: list[str], at: int) -> Constituent:
        """Return the noun phrase that starts at `at`."""
        low, end, size = sentence.low, at + 1, len(tags)
        if at and tags[at - 1] == "R" and (hearer := self._hearer_end(low, tags, at)):
            return Constituent("n", at, hearer, hearer - 1)
        while end < size:
            if tags[end] == "(":
                close = _bracket_end(tags, end)
                if not close:
                    break
                end = close
            elif self._goes_on(sentence, tags, at, end):
                end += 1
            else:
                break
        head = end - 1
        while head > at and tags[head] == ")":
            head -= 2
        named = sentence.named[head]
        person = named is not None and named.kind == "person"
        return Constituent("n" if person or not self._is_time(low, at, end) else "D", at, end, head)

    def _hearer_end(self, low: list[str], tags: list[str], at: int) -> int:
        """Return where a clause begins behind those whom somebody informs: "his colleagues ships had left", or 0."""
        cue = self.lexicon.cues.get(low[at - 1])
        if cue is None or cue.lemma not in self.words["informing-verb"]:
            return 0
        first = at + (tags[at] == "d")
        end = next((k for k in range(first, min(len(low), first + 3)) if low[k] in self._hearers), len(low))
        while end < len(low) and low[end] in self._hearers:
            end += 1
        if end < len(low) and tags[end] in "Rx":
            end = end - 1 if first == at else 0  # "officers had left"; "the committee members were late"
        if not at < end < len(low) or tags[end] not in _NOMINAL:
            return 0
        verb = next((k for k in range(end, min(len(low), end + _REACH)) if tags[k] in "xR,:;Q"), end)
        return end if tags[verb] in "xR" else 0

    def _goes_on(self, sentence: Sentence, tags: list[str], at: int, end: int) -> bool:
        """Return whether the token at `end` belongs to the noun phrase that starts at `at`."""
        tag, before, low = tags[end], tags[end - 1], sentence.low
        following = tags[end + 1] if end + 1 < len(tags) else "$"
        if tag == "d":
            article = low[end] in self.words["article"] and low[end - 1] not in self.words["predeterminer"]
            return before in "da" and not article
        if tag in _NOMINAL:
            return tag != "N" or not self._names_another(sentence, tags, at, end)
        if tag == "g":
            cue = low[end] in self.lexicon.cues
            return following in "nN" and before in ("d" if cue else "dnN")
        if tag == "a":
            return following in "nN#g" and before == "d"
        return tag == "c" and self._joins_inside(sentence, tags, end)

    def _names_another(self, sentence: Sentence, tags: list[str], at: int, end: int) -> bool:
        """Return whether a name begins a clause of its own behind the phrase: "a choice Malt called “slow”"."""
        mention = sentence.named[end]
        if mention is None or mention.kind != "person" or mention is sentence.named[end - 1]:
            return False
        timed = sentence.low[end - 1] in self._settings  # "in a statement Lind said"
        if not timed and (tags[at] != "d" or tags[at - 1 : at] not in (["x"], ["R"])):
            return False
        last = next((k for k in range(end, len(tags)) if sentence.named[k] is not mention), len(tags) - 1)
        plain = timed or (tags[end - 1] == "n" and sentence.low[end - 1] not in self.lexicon.people)
        return plain and tags[last] in "Rx"

    def _joins_inside(self, sentence: Sentence, tags: list[str], at: int) -> bool:
        """Return whether a conjunction joins words inside one phrase: "oil and gas workers", "Gulf and Western"."""
        if at + 1 >= len(tags) or sentence.low[at] not in {"and", "or", "&"}:
            return False
        left, right = sentence.named[at - 1], sentence.named[at + 1]
        if left is not None and left is right:
            return True
        if sentence.low[at - 1] in self._time_heads:
            return False
        ahead = next((k for k in range(at + 1, len(tags)) if tags[k] not in "nN#"), len(tags) - 1)
        plural = sentence.low[ahead - 1].endswith("s") and tags[ahead] in "RF"
        return tags[at - 1] == tags[at + 1] == "n" and plural

    def _is_time(self, low: list[str], first: int, last: int) -> bool:
        head, opening = low[last - 1], low[first]
        if opening in self.words["month"] and head.isdigit():
            return True
        if head in self.words["time-order"] and last - first > 1:
            return True  # "ten days ago"
        if head not in self._time_heads and not (last - first == 1 and _YEAR.fullmatch(head)):
            return False
        if last - first == 1 or opening in self._pointing or opening in self._time_heads or opening[0].isdigit():
            return True
        return opening in self.words["determiner"] and low[first + 1] in self._pointing

    def _joined(self, sentence: Sentence, found: list[Constituent]) -> list[Constituent]:
        """Join prepositions and sources with their phrases, and genitives with the noun before."""
        joined: list[Constituent] = []
        at, last = 0, len(found) - 1
        while at <= last:
            one = found[at]
            inside = found[at + 1] if at < last else None
            if one.letter not in "is" or inside is None or not self._takes_phrase(sentence, found, at):
                joined.append(one)
                at += 1
                if one.letter == "S":
                    at = self._with_source(found, one, at)
                continue
            owned = joined[-1] if joined and sentence.low[one.first] in self.words["of"] else None
            if owned is not None and (inside.letter == "D" or owned.letter in "nI"):
                owned.last = inside.last
            else:
                joined.append(Constituent("D" if inside.letter == "D" else "I", one.first, inside.last, inside.head))
            at += 2
            if joined[-1].letter == "I" and _joins_places(sentence, found, at):
                joined[-1].last = found[at + 1].last
                at += 2
        return joined

    def _takes_phrase(self, sentence: Sentence, found: list[Constituent], at: int) -> bool:
        """Return whether the constituent is a preposition with its phrase behind it, and opens no clause."""
        one, inside = found[at], found[at + 1]
        if inside.letter not in "nDo":
            return False
        word = sentence.low[one.first]
        if word in self.words["only-subordinator"] and sentence.low[inside.first] not in self.words["of"]:
            return False
        quoted = found[at + 2].letter if at + 2 < len(found) else "$"
        if (
            quoted == "Q"
            and inside.letter == "n"
            and inside.last - inside.first == 1
            and self.lexicon.plain.get(sentence.low[inside.first]) == "d"
        ):
            return False  # "of a “double” standard"
        return not self._opens_clause(sentence, found, at)

    def _opens_clause(self, sentence: Sentence, found: list[Constituent], at: int) -> bool:
        """Return whether a word that is a preposition or a subordinator opens a clause: "after the mayor left"."""
        word = sentence.low[found[at].first]
        if found[at].letter == "i" and word not in self.words["subordinator"]:
            return False
        ahead = "".join(one.letter for one in found[at + 2 : at + 12])
        aside = _ASIDE_AHEAD.match(ahead)  # "after Lind, governor of the bank, spoke"
        return (
            aside is not None
            or _VERB_AHEAD.match(ahead) is not None
            or (word in self.words["as"] and _AS_AHEAD.match(ahead) is not None)
        )

    @staticmethod
    def _with_source(found: list[Constituent], source: Constituent, at: int) -> int:
        """Extend a source by its phrase, what belongs to that and a relative clause; return the place behind."""
        start = at
        while at < len(found) and found[at].letter in ("npo" if at == start else "iIne"):
            if found[at].letter == "i" and found[at + 1 : at + 2] and found[at + 1].letter == "D":
                break  # "according to Lind on Monday"
            at += 1
            if "".join(one.letter for one in found[at : at + 3]) == "cn,":
                at += 2  # "according to the Gull and the Tide, ..."
        if at < len(found) and found[at].letter in "wRF" and at > start:
            at = next((k for k in range(at, len(found)) if found[k].letter in ",;:-"), len(found))
        source.last = found[at - 1].last if at > start else source.last
        return at


def _bracket_end(tags: list[str], at: int) -> int:
    """Return the end of a short form in brackets, such as "(HU)", or 0."""
    return next((k + 1 for k in range(at + 1, min(len(tags), at + 4)) if tags[k] == ")"), 0)


def _joins_places(sentence: Sentence, found: list[Constituent], at: int) -> bool:
    """Return whether "and" joins two places behind one preposition: "in Cowley and Selden"."""
    if at + 1 >= len(found) or found[at].letter != "c" or found[at + 1].letter != "n":
        return False
    short = all(
        one.last - one.first <= 2 and sentence.raw[one.head][0].isupper() for one in (found[at - 1], found[at + 1])
    )
    return short and sentence.low[found[at].first] in {"and", "or"}
