"""Find attributions without a known verb of speech: headlines, signatures, "he sniffed".

A colon separates a headline from its source only where no full stop ends the sentence.
"""

from searchkit.statements.quotes.phrases import Grammar
from searchkit.statements.quotes.reading import QUOTED, Report, Sentence
from searchkit.statements.quotes.word_classes import SPEAKING_KINDS
from searchkit.statements.text import Span

# A name with a trade or a place after it; more is a sentence.
_LONGEST_SIGNATURE = 12
# A headline has this many words, and names who says it in no more than so many.
_SHORTEST_HEADLINE = 4
_LONGEST_SOURCE = 4


class Verbless:
    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._people = grammar.people | grammar.pronouns | grammar.pack.words["someone"]
        self._particles = grammar.pack.words["verb-particle"]
        self._no_verbs = grammar.finite | grammar.auxiliaries | grammar.prepositions | grammar.conjunctions
        self._no_verbs |= grammar.determiners | grammar.subordinators | grammar.relatives | grammar.pronouns

    def find(self, sentence: Sentence, previous: Sentence | None) -> Report | None:
        """Return the signature or headline that the sentence is; `previous` is the one before it in the paragraph."""
        return self._signed(sentence, previous) or (self._headline(sentence) if previous is None else None)

    def last(self, sentence: Sentence) -> Report | None:
        """Return the report of a sentence in which no known verb reports."""
        return self.seen_by(sentence) or self.in_words(sentence) or self.unlisted(sentence)

    def _headline(self, sentence: Sentence) -> Report | None:
        """Return the report of "Quay is closed: ministry" and "Poll: most want the quay open", without a full stop."""
        low = sentence.low
        size = len(low)
        if size < _SHORTEST_HEADLINE or ":" not in low or sentence.end[-1] != sentence.span.end:
            return None
        at = low.index(":")
        closes = size - at - 1 <= _LONGEST_SOURCE and at >= _SHORTEST_HEADLINE - 2
        if closes and self._is_source(sentence, at + 1, size):
            subject, part = sentence.range(at + 1, size), (0, at)
        elif 0 < at <= _LONGEST_SOURCE and self._is_poll(sentence, at):
            if not sentence.is_title() and not self._grammar.has_verb(sentence, at + 1, size):
                return None
            subject, part = sentence.range(0, at), (at + 1, size)
        else:
            return None
        return Report(sentence.range(at, at + 1), "", subject, (part,), "headline")

    def _is_source(self, sentence: Sentence, first: int, last: int) -> bool:
        """Return whether the tokens are a source: names, or a phrase with a role or a body as its head."""
        low, named, grammar = sentence.low, sentence.named, self._grammar
        mention = named[last - 1]
        if mention is not None:
            # "Best brush: Meridian" names no speaker.
            return mention.kind in SPEAKING_KINDS and grammar.has_verb(sentence, 0, first - 1)
        return low[last - 1] in grammar.speaking and not any(word in grammar.finite for word in low[first:last])

    def _is_poll(self, sentence: Sentence, last: int) -> bool:
        mention = sentence.named[last - 1]
        bodies = mention is not None and mention.kind in {"agency", "organisation", "company"}
        return bodies or sentence.low[last - 1] in self._grammar.pack.roles["document"]

    def seen_by(self, sentence: Sentence) -> Report | None:
        """Return the report of "For Lind, the quay is “a ruin”": her words, as far as they are in marks."""
        low = sentence.low
        mention = sentence.named[1] if len(low) > 1 and low[0] in self._grammar.pack.words["seen-by"] else None
        if mention is None or mention.kind != "person" or QUOTED not in sentence.low:
            return None
        end = next((k for k in range(1, len(sentence)) if sentence.named[k] is not mention), 1)
        if sentence.low[end : end + 1] != [","] or not self._grammar.is_clause(sentence, end + 1, len(sentence)):
            return None
        part = (end + 1, len(sentence))
        return Report(sentence.range(0, 1), "", sentence.range(1, end), (part,), "for-speaker")

    def in_words(self, sentence: Sentence) -> Report | None:
        """Return the report of "In Lind's words, it is “a ruin”" and "It is “a ruin”, in her own words"."""
        low, size, words = sentence.low, len(sentence), self._grammar.pack.words
        end = next((at for at in range(2, size) if low[at] in words["own-words"]), 0) if sentence.quotes else 0
        if not end:
            return None
        last = end - 1 - (low[end - 1] in words["say-adjective"])
        pronoun = low[last] in words["possessive"]
        phrase = (last, last + 1) if pronoun else self._grammar.phrase_before(sentence, last)
        if (
            phrase is None
            or not phrase[0]
            or not (pronoun or low[last].endswith(("'s", "s'")))
            or low[phrase[0] - 1] not in words["in"]
        ):
            return None
        first = phrase[0] - 1
        if first == 0 and low[end + 1 : end + 2] == [","]:
            content = (end + 2, size)
        elif end + 1 == size and low[first - 1] in {",", QUOTED}:
            content = (0, first - (low[first - 1] == ","))
        else:
            return None
        return Report(sentence.range(first, end + 1), "", sentence.owner(*phrase), (content,), "in-words")

    def unlisted(self, sentence: Sentence) -> Report | None:
        """Return the report of "“It is old,” Lind sniffed": behind the comma in the marks, any verb reports."""
        low = sentence.low
        if len(low) < 3 or sentence.quoted[0] < 0 or sentence.raw[0][-1] != ",":
            return None
        verb = next((at for at in range(1, min(len(low), 14)) if self._is_verb(sentence, at)), 0)
        if verb == 1:
            end = self._grammar.phrase_after(sentence, 2)
            subject = (2, end) if end is not None else None
        else:
            last = self._grammar.skip_back(low, verb - 1 - (low[verb - 1] == ","), 1)  # "Jan Lind, warned the union"
            subject = self._grammar.subject_before(sentence, last) if last > 0 else None
        if subject is None or subject[0] != (2 if verb == 1 else 1) or not self._speaks(sentence, *subject):
            return None
        cue_end = verb + 1 + any(word in self._particles for word in low[verb + 1 : verb + 2])
        return Report(sentence.range(verb, cue_end), "", sentence.range(*subject), ((0, 1),), "unlisted-verb")

    def _is_verb(self, sentence: Sentence, at: int) -> bool:
        """Return whether the token can be the verb behind a quotation: "sniffed", "mocks", "they sign off"."""
        word, before, named = sentence.low[at], sentence.low[at - 1], sentence.named
        if before == "," and named[at - 2] is not None and word in self._grammar.pack.cues:
            return True  # a stray comma: "Jan Lind, warned the union"
        if named[at] is not None or not sentence.raw[at].islower() or word in self._no_verbs:
            return False
        behind_name = named[at - 1] is not None or (before == "," and named[at - 2] is not None)
        pronoun = before in self._grammar.pronouns and word.isalpha() and not self._grammar.is_adverb(word)
        return word.endswith("ed") or (behind_name and word.endswith("s")) or pronoun

    def _speaks(self, sentence: Sentence, first: int, last: int) -> bool:
        """Return whether a person stands in the range, before any preposition: not "the film by Vera Lind"."""
        for at in range(first, last):
            mention, word = sentence.named[at], sentence.low[at]
            if word in self._people or (mention is not None and mention.kind == "person"):
                return True
            if word in self._grammar.prepositions:
                break
        return False

    def _signed(self, sentence: Sentence, previous: Sentence | None) -> Report | None:
        """Return the report of a quotation with a dash and a name after or before it, and nothing else."""
        low = sentence.low
        lead = int(low[:1] == ["-"] and low[-2:] == ["-", QUOTED])  # a bullet
        size, mention = len(low), sentence.named[lead] if len(low) > lead else None
        if 2 < size <= _LONGEST_SIGNATURE and low[-2:] == ["-", QUOTED] and mention is not None:
            name = self._signature(sentence, lead, size - 2)
            if name is not None and mention.kind == "person":
                return Report(sentence.range(size - 2, size - 1), "", name, ((size - 1, size),), "signed")
        inside = len(low) > 2 and low[0] == QUOTED and low[1] == "-"
        if not inside and (len(low) < 2 or low[0] != "-" or previous is None or previous.low[-1:] != [QUOTED]):
            return None
        first = 2 if inside else 1
        if len(low) - first > _LONGEST_SIGNATURE or not sentence.raw[first][0].isupper():
            return None
        name = self._signature(sentence, first, len(low))
        if name is None:
            return None
        dash = sentence.range(first - 1, first)
        return Report(dash, "", name, ((0, 1),) if inside else (), "signed", takes_previous=not inside)

    def _signature(self, sentence: Sentence, first: int, last: int) -> Span | None:
        """Return the name that the range begins with; None if it contains a verb."""
        low = sentence.low
        end = first + 1
        while end < last and low[end] not in {",", "("}:
            end += 1
        if any(word in self._grammar.finite or word in self._grammar.pack.cues for word in low[first:end]):
            return None
        return sentence.range(first, end)
