"""Find the subject that a verb of speech shares with another verb: before a participle or "and", or behind an opening.

A range of tokens is returned, or None.
"""

from searchkit.statements.quotes.phrases import Grammar
from searchkit.statements.quotes.reading import Sentence
from searchkit.statements.quotes.word_classes import SPEAKING_KINDS


class SharedSubjects:
    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._nominative = grammar.pack.words["nominative"]
        self._speaking = grammar.speaking - grammar.pack.words["counting"]  # "two pilots"

    def before(self, sentence: Sentence, at: int) -> tuple[int, int] | None:
        """Return the subject of the clause to which the participle or co-ordinated verb at `at` belongs."""
        low, grammar = sentence.low, self._grammar
        first = 0
        if (low[0] in grammar.prepositions or low[0] in grammar.subordinators) and "," in low[:at]:
            first = low.index(",") + 1
        for token in range(first, min(at, first + 20)):
            mention = sentence.named[token]
            if low[token] in grammar.pronouns:
                return token, token + 1
            if mention is not None and mention.kind in SPEAKING_KINDS:
                return token, self._person_end(sentence, token, at)
            if low[token] in self._speaking and token + 1 < at:
                return grammar.phrase_before(sentence, token)
            if low[token] in grammar.finite:
                break
            before = low[token - 1]
            if token > first and mention is None and low[token].endswith("ed") and before not in grammar.determiners:
                return (first, token) if before.endswith("s") else None  # "A dozen customers contacted Lind, claiming"
        end = grammar.phrase_after(sentence, first)
        return (first, end) if end is not None and end <= at else None

    def behind(self, sentence: Sentence, after: int) -> tuple[int, int] | None:
        """Return the subject behind a participle that opens the sentence: "Noting that it was late, Lind left"."""
        low = sentence.low
        for at in range(after + 2, min(len(low) - 1, after + 40)):  # the longest clause of a participle
            if low[at - 1] != ",":
                continue
            if low[at] in self._nominative:
                return at, at + 1
            if end := self._speaker_end(sentence, at):
                return (at, end) if low[end : end + 1] != [","] else None
        return None

    def _speaker_end(self, sentence: Sentence, first: int) -> int:
        """Return the end of the name or role of which `first` is the first or second token; else 0."""
        for at in range(first, min(first + 2, len(sentence) - 1)):
            mention = sentence.named[at]
            if mention is not None and mention.kind in SPEAKING_KINDS:
                return self._person_end(sentence, at, len(sentence))
            if sentence.low[at] in self._grammar.speaking:
                return at + 1
        return 0

    def _person_end(self, sentence: Sentence, token: int, limit: int) -> int:
        """Return the end of the name at `token`, or of the person's name that a trade between them leads to."""
        people = self._grammar.people
        end = token + 1
        while end < limit and sentence.named[end] is sentence.named[token]:
            end += 1
        for at in range(end, min(limit, end + 5)):
            mention = sentence.named[at]
            if mention is None and sentence.low[at] not in people and at - end > 1:
                break
            if mention is not None and mention.kind == "person":
                if people.isdisjoint(sentence.low[end:at]):
                    break
                return next((k for k in range(at, limit) if sentence.named[k] is not mention), limit)
        return end
