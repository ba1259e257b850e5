"""Find listed names, companies, official bodies and organisations in German and French."""

import re
from collections.abc import Iterator, Sequence
from typing import get_args

from searchkit.document import MentionKind
from searchkit.extract.clauses.name_words import NameWords, Spotted, fold, spotted, word_before
from searchkit.extract.names.gazetteer import gazetteer
from searchkit.text import Span

Tokens = Sequence[re.Match[str]]

_KINDS: dict[str, MentionKind] = {kind: kind for kind in get_args(MentionKind)}
_ACRONYM = re.compile(r"[A-Z][A-Za-z]{0,3}[A-Z]")
_ROMAN = frozenset("IVXLC")
# Words of one name at most, its particles not counted.
LONGEST_NAME = 4


class Bodies:
    def __init__(self, text: str, words: NameWords) -> None:
        self._text = text
        self._words = words
        self._gazetteer = gazetteer()

    def exonym(self, token: re.Match[str]) -> Spotted | None:
        """Return the foreign form of a known name: Deutschland, Frankreichs."""
        text, start, word = self._text, token.start(), token.group()
        genitive = self._words.capitals and word.endswith("s") and word not in self._words.exonyms
        if genitive:
            word = word[:-1]
        for form, kind, name in self._words.exonyms.get(word, ()):
            end = start + len(form)
            apart = not text[end : end + 1].isalnum() and text[end : end + 1] != "-"
            if (genitive and form == word) or (text.startswith(form, start) and apart):
                return spotted(start, end, kind, name, "list")
        return None

    def listed(self, token: re.Match[str]) -> Spotted | None:
        word = token.group()
        hit = self._gazetteer.at(self._text, token.start(), word)
        if hit is None:
            return None
        end, (known, *_) = hit
        kind = _KINDS.get(known.kind)
        given = known.kind == "group" and word in self._words.given
        if kind is None or given or (known.kind != "place" and known.bound):
            return None
        return Spotted(token.start(), end, kind, known.name, known.entity_id, "list")

    def company(self, tokens: Tokens, number: int) -> Spotted | None:
        """Return a run of capitalized words that a legal form closes; the form does not belong to the name."""
        text, first, last = self._text, tokens[number], number
        if number + 1 >= len(tokens) or tokens[number + 1].start() - first.end() > 5:  # " und "
            return None
        if self._words.is_role(first.group()) or fold(first.group()) in self._words.pack.bodies:
            return None
        for at in range(number + 1, min(len(tokens), number + LONGEST_NAME + 2)):
            token = tokens[at]
            if text[tokens[last].end() : token.start()] not in self._words.joints:
                return None
            if token.group() in self._words.legal and not text[token.end() : token.end() + 1].isalnum():
                name = text[first.start() : tokens[last].end()]
                return spotted(first.start(), token.end(), "company", name, "legal-form")
            last = at
        return None

    def body(self, tokens: Tokens, number: int) -> Spotted | None:
        """Return an official body or organisation by its head word, alone or in a compound: Grenzzollamt Elbtal."""
        words, token = self._words, tokens[number]
        word = token.group().lower()
        if not words.capitals or not word.endswith(words.endings):
            return None
        if words.is_role(word) or word.removesuffix("s") in words.calling:
            return None
        head = next(ending for ending in words.endings if word.endswith(ending))
        kind, generic = words.heads[head], word in words.generic
        end = self._body_end(tokens, number, kind)
        if end is None:
            return None
        start, more = token.start(), self._text[token.end() : end]
        if generic and not more:
            start = self._town_before(tokens, number)
        # "Fernsehsender", "Spitzenverband" are words; "Handelsministerium" and "SPD-Fraktion" name one body.
        common = generic or (kind == "organisation" and "-" not in word)
        if common and not more and start == token.start() and word not in words.proper:
            return None
        stem = words.stems[head].capitalize() if token.group()[-len(head)].isupper() else words.stems[head]
        name = self._text[start : token.start()] + token.group()[: len(word) - len(head)] + stem + more
        return spotted(start, end, kind, name.strip(), "head")

    def _body_end(self, tokens: Tokens, number: int, kind: MentionKind) -> int | None:
        """Return where the name of a body ends that begins with its head; None if another name follows the head."""
        text, words, end = self._text, self._words, tokens[number].end()
        if number + 1 >= len(tokens):
            return end
        following, last = tokens[number + 1], number + 1
        gap = text[end : following.start()]
        if gap == " " and words.may_name(following.group()):
            hit = self.listed(following) if kind == "organisation" else None
            if hit is not None and hit.kind in {"organisation", "company"}:
                return None
            last = self._run_end(tokens, last, number + LONGEST_NAME)
        elif gap not in words.links or not self._continues(gap, following):
            return end
        end = tokens[last].end()
        if not gap.startswith(words.field_links) or last + 1 >= len(tokens):
            return end
        # "für Wirtschaft und Technologie": a second field of the body.
        joint = text[end : tokens[last + 1].start()]
        return tokens[last + 1].end() if joint in words.field_joints else end

    def _run_end(self, tokens: Tokens, last: int, limit: int, *, joint: str = " ") -> int:
        """Return the last token of a run of words that may name something, with spaces or `joint` between them."""
        while last + 1 < len(tokens) and last < limit:
            gap = self._text[tokens[last].end() : tokens[last + 1].start()]
            if gap not in {" ", joint} or (gap == " " and not self._words.may_name(tokens[last + 1].group())):
                break
            last += 1
        return last

    def _town_before(self, tokens: Tokens, number: int) -> int:
        """Return where the adjective of a town begins that stands before the head: "Elbtaler Zollamt"."""
        start, before = tokens[number].start(), tokens[number - 1] if number else None
        if before is None or self._text[before.end() : start] != " ":
            return start
        word = before.group()
        return before.start() if word.endswith("er") and word not in self._words.not_names and len(word) > 4 else start

    def _continues(self, gap: str, token: re.Match[str]) -> bool:
        if gap in self._words.place_links:
            return self.listed(token) is not None or self.exonym(token) is not None
        return token.group() not in self._words.not_names and not self._words.is_role(token.group())

    def small_bodies(self, paragraph: Span) -> Iterator[Spotted]:
        """Yield bodies with a small head and what names them behind it: "tribunal de commerce de Saint-Aubrac"."""
        if self._words.small_body is None:
            return
        for match in self._words.small_body.finditer(self._text, paragraph.start, paragraph.end):
            name, start = match.group(), match.start()
            if not any(letter.isupper() for letter in name[1:]):
                # A capital head names its body itself, where no sentence begins with it.
                if not name[0].isupper() or self._text[start - 1 : start] not in {"'", " "}:
                    continue
                if self._text[start - 2 : start - 1] in {"", ".", "!", "?"} or " " not in name:
                    continue
            yield spotted(start, match.end(), self._words.heads[match["head"].lower()], name, "head")

    def called(self, tokens: Tokens, number: int, paragraph: Span) -> Spotted | None:
        """Return the name that a word for its kind stands before: "die Firma Lind", "la fonderie Lind & Fils"."""
        words, token = self._words, tokens[number]
        written, stopped = word_before(self._text, token.start(), paragraph.start)
        if not written or stopped:
            return None
        word = fold(written)
        kind: MentionKind | None = "company" if word.endswith(words.company_words) else None
        small = not words.capitals and kind is None and words.pack.bodies.get(word) == "organisation"
        if small or written.lower().removesuffix("s") in words.calling:
            kind = "organisation"
        if kind is None or words.is_role(token.group()) or not words.may_name(token.group()):
            return None
        end = tokens[self._run_end(tokens, number, number + LONGEST_NAME, joint=" & ")].end()
        return spotted(token.start(), end, kind, self._text[token.start() : end], "noun-before")

    def acronym(self, token: re.Match[str]) -> Spotted | None:
        word = token.group()
        if not _ACRONYM.fullmatch(word) or len(word) < 3 or _ROMAN.issuperset(word):
            return None
        return spotted(token.start(), token.end(), "organisation", word, "acronym")
