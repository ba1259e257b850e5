"""Find attributions without a known verb of speech: signatures, "he sniffed", "in her words"."""

import re

from searchkit.statements.quotes.reading import Report, Sentence
from searchkit.statements.reader.constituents import Line
from searchkit.statements.reader.frames import Frames

# A name with a trade or a place after it; more tokens are a sentence.
_LONGEST_SIGNATURE = 12
# A quotation, a party and any verb behind its comma.
_UNLISTED = re.compile(r"Q(?:(?P<left>[npz])I{0,3},?a?(?P<verb>[FRebn])|(?P<first>[FRe])(?P<right>[np])I{0,3})")


class Verbless:
    """Finds reports that no verb of speech makes."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._lexicon = frames.lexicon
        self._words = frames.words
        self._people = self._lexicon.people | self._words["pronoun"] | self._words["someone"]

    def find(self, line: Line, previous: Sentence | None) -> Report | None:
        """Return the signature that a sentence is; `previous` is the one before it in the paragraph."""
        return self._signed(line, previous) if "-" in line.letters else None

    def last(self, line: Line) -> Report | None:
        """Return the report of a sentence in which no known verb reports."""
        return (self._seen_by(line) or self._in_words(line) or self._unlisted(line)) if "Q" in line.letters else None

    def _seen_by(self, line: Line) -> Report | None:
        """Return the report of "For Lind, the quay is “a ruin”": her words, as far as they are in marks."""
        sentence, part = line.sentence, line.parts[0]
        mention = sentence.named[1] if len(sentence) > 1 and sentence.low[0] in self._words["seen-by"] else None
        if mention is None or mention.kind != "person" or line.letter(0) + line.letter(1) != "I,":
            return None
        if sentence.named[part.last - 1] is not mention or not (
            line.has_verb(2, len(line)) and line.letter(2) in "npz"
        ):
            return None
        return Report(
            sentence.range(0, 1), "", sentence.range(1, part.last), (line.range(2, len(line)),), "for-speaker"
        )

    def _in_words(self, line: Line) -> Report | None:
        """Return the report of "In Lind's words, it is “a ruin”" and "It is “a ruin”, in her own words"."""
        sentence, size = line.sentence, len(line)
        for at in {0, size - 1}:
            part = line.parts[at]
            own = line.letters[at] == "I" and sentence.low[part.head] in self._words["own-words"]
            owner = self._frames.owner(line, at) if own and sentence.low[part.first] in self._words["in"] else None
            if owner is None:
                continue
            if at == 0 and line.letter(1) == ",":
                content = line.range(2, size)
            elif at and line.letter(at - 1) in ",Q":
                content = line.range(0, at - (line.letters[at - 1] == ","))
            else:
                continue
            return Report(sentence.range(part.first, part.last), "", sentence.owner(*owner), (content,), "in-words")
        return None

    def _unlisted(self, line: Line) -> Report | None:
        """Return the report of "“It is old,” Lind sniffed": behind the comma in the marks, any verb reports."""
        sentence = line.sentence
        found = _UNLISTED.match(line.letters)
        if found is None or sentence.raw[0][-1] != ",":
            return None
        noun = found.start("left") if found["left"] else found.start("right")
        verb = line.parts[found.start("verb") if found["verb"] else found.start("first")]
        if not self._is_person(line, noun) or (found["verb"] == "n" and not sentence.low[verb.first].endswith("s")):
            return None
        last = verb.last
        particle = sentence.low[last : last + 1]
        last += bool(particle) and particle[0] in self._words["verb-particle"]
        return Report(
            sentence.range(verb.first, last),
            "",
            sentence.range(*line.range(noun, noun + 1)),
            (line.range(0, 1),),
            "unlisted-verb",
        )

    def _is_person(self, line: Line, at: int) -> bool:
        """Return whether a person stands in the phrase, before any preposition: not "the film by Vera Lind"."""
        part, sentence = line.parts[at], line.sentence
        return any(
            sentence.low[k] in self._people or ((named := sentence.named[k]) is not None and named.kind == "person")
            for k in range(part.first, part.last)
        )

    def _signed(self, line: Line, previous: Sentence | None) -> Report | None:
        """Return the report of a quotation with a dash and a name after or before it, and nothing else."""
        letters, sentence = line.letters, line.sentence
        first = int(letters.startswith("-"))
        if len(sentence) <= _LONGEST_SIGNATURE and re.fullmatch(r"-?n[^RFxzQ]{0,6}-Q", letters) is not None:
            mention = sentence.named[line.parts[first].first]
            if mention is not None and mention.kind == "person":
                return self._signature(
                    line, first, len(line) - 2, len(line) - 2, (line.range(len(line) - 1, len(line)),)
                )
        inside = letters.startswith("Q-")
        if not inside and (not first or previous is None or previous.quoted[-1:] in ([], [-1])):
            return None
        begins = 2 if inside else 1
        if len(line) <= begins or len(sentence) - line.parts[begins].first > _LONGEST_SIGNATURE:
            return None
        if not sentence.raw[line.parts[begins].first][0].isupper():
            return None
        contents = (line.range(0, 1),) if inside else ()
        return self._signature(line, begins, len(line), begins - 1, contents, takes_previous=not inside)

    @staticmethod
    def _signature(
        line: Line,
        first: int,
        last: int,
        dash: int,
        contents: tuple[tuple[int, int], ...],
        *,
        takes_previous: bool = False,
    ) -> Report | None:
        """Return the report of the name with which the range begins; None if it contains a verb."""
        end = next((k for k in range(first, last) if line.letters[k] in ",("), last)
        if end == first or not {*"RFxzr"}.isdisjoint(line.letters[first:end]):
            return None
        name, mark = line.sentence.range(*line.range(first, end)), line.sentence.range(*line.range(dash, dash + 1))
        return Report(mark, "", name, contents, "signed", takes_previous=takes_previous)
