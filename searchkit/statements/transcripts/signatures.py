"""Paragraphs whose speaker is named on a line below them ("— Vera Lind, mayor"), or in a heading above a quotation."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from searchkit.statements.document import Mention
from searchkit.statements.packs import Pack
from searchkit.statements.text import Span, fold, fold_words, slug
from searchkit.statements.transcripts.labels import Voice, is_given, proper

_LONGEST = 140
_FEWEST = 5  # words of a pull quote
_LONGEST_RUN = 20
_LONG_WORD = 4  # a shorter one of a role shows no connection
_DASHED = re.compile(
    r"(?:[—–―]|--?|~|(?:A post shared by|Post by|Ein Beitrag (?:geteilt )?von|Une publication partagée par)(?= ))"
    r"\s{0,3}(?=[^\W\d_])"
)
# "Vera Lind (@vera) March 3, 2026", "Vera Lind @vera@posts.example": who posted it, and when.
_HANDLE = re.compile(r"\s{0,2}\(?@[\w.@-]{1,80}\)?")
_NAME = re.compile(r"[^\W\d_][\w.'’-]{0,30}(?: (?:[^\W\d_][\w.'’-]{0,30})){0,4}")
_REST = re.compile(r"\s{0,2}(?:$|[,(|·@–—])")
_QUOTATION = re.compile(r"[\"“„«»‘][^\"“”„«»\n]{1,3000}[\"”“»«’][.!?]?")
_OPENING = tuple('"“„«»‘')
_WORD = re.compile(r"\w+")


class Signatures:
    """The lines of a text that name a speaker: with a dash below the words, or as headings."""

    def __init__(self, text: str, paragraphs: Sequence[Span], mentions: Sequence[Mention], pack: Pack) -> None:
        self._text, self._paragraphs, self._mentions = text, paragraphs, mentions
        self._starts = [mention.span.start for mention in mentions]
        self._pack = pack
        self._words = ""

    def find(self) -> Iterator[tuple[int, Span, Voice | None]]:
        """Yield each paragraph that is said by the person named next to it: its number, the name, and who that is."""
        above: Span | None = None  # the heading of the quotations that follow
        is_signed = False  # in a run of quotations that are each signed below
        for number, paragraph in enumerate(self._paragraphs):
            dashed = _DASHED.match(self._text, paragraph.start, paragraph.end)
            if dashed is not None and number:
                yield from self._signed(number, dashed.end())
            if not self._is_quotation(number):
                name = None if is_signed else self.name_at(number)
                above, is_signed = name, is_signed and self.name_at(number) is not None
            elif above is not None:
                yield number, above, None
            else:
                is_signed = True

    def name_at(self, number: int) -> Span | None:
        """Return the name that a paragraph consists of, with a role: "Vera Lind, mayor of Brno", "Mayor Vera Lind"."""
        if number >= len(self._paragraphs):
            return None
        paragraph = self._paragraphs[number]
        at = bisect_left(self._starts, paragraph.start)
        if paragraph.end - paragraph.start > _LONGEST or at == len(self._mentions):
            return None
        name = self._mentions[at]
        before = self._text[paragraph.start : name.span.start]
        rest = self._text[name.span.end : paragraph.end]
        if name.kind != "person" or name.span.end > paragraph.end or rest[-1:] in tuple(".!?:") or ":" in before:
            return None
        has_role = not before or not self._pack.roles["role"].isdisjoint(fold_words(_WORD.findall(before)))
        return name.span if has_role and _REST.match(rest) and not self._has_verb(before + rest) else None

    def below(self, number: int) -> Span | None:
        """Return the name that signs the quotation above paragraph `number`; None where it heads what follows."""
        name = signing = self.name_at(number)
        for at in range(number + 1, number + 2 * _LONGEST_RUN, 2):  # quotations with a signature each
            if signing is None or at >= len(self._paragraphs):
                return name if signing is not None else None
            if not self._is_quotation(at):
                return name if self._has_role_only(signing, at) else None
            signing = self.name_at(at + 1)
        return None

    def _has_role_only(self, name: Span, following: int) -> bool:
        """Return whether a line gives a role behind a name, and the next paragraph is not about this person."""
        line = self._paragraphs[following - 1]
        words = fold_words(_WORD.findall(self._paragraphs[following].of(self._text)))
        role = {word for word in fold_words(_WORD.findall(self._text[name.end : line.end])) if len(word) >= _LONG_WORD}
        own = role | self._pack.words["singular-pronoun"] | {fold(name.of(self._text)).split()[-1]}
        return bool(role) and own.isdisjoint(words)

    def _signed(self, number: int, start: int) -> Iterator[tuple[int, Span, Voice | None]]:
        """Yield the paragraph that a line with a dash signs: a quotation, or a text without one such as a post."""
        line, signed = self._paragraphs[number], self._paragraphs[number - 1]
        name, voice = self._signature(start, line.end)
        words = signed.of(self._text)
        is_quotation = self._is_quotation(number - 1)
        if name is None or len(words.split()) < 3 or words.endswith(":") or _DASHED.match(words):
            return
        is_plain = not any(mark in words for mark in '"“”„«»') and self._is_posted(line, start, name)
        if (is_quotation or is_plain) and not self._is_repeated(words):
            yield number - 1, name, voice
            for earlier in range(number - 2, -1, -1):  # a quotation over several paragraphs has one mark at its end
                words = self._paragraphs[earlier].of(self._text)
                if not is_quotation or not words.startswith(_OPENING) or any(mark in words[1:] for mark in '"”“»«'):
                    break
                yield earlier, name, voice

    def _is_posted(self, line: Span, start: int, name: Span) -> bool:
        """Return whether a line signs a text without quotation marks, unlike the item of a list: "- Power Tower"."""
        dash, first = self._text[line.start : start].strip(), name.of(self._text).split()[0]
        known = is_given(proper(first)) and dash != "-"
        return known or len(dash) > 2 or _HANDLE.search(self._text, name.end, line.end) is not None

    def _signature(self, start: int, end: int) -> tuple[Span | None, Voice | None]:
        """Return the name that a line with a dash gives: one that is found elsewhere, or what looks like one."""
        at = bisect_left(self._starts, start)
        mention = self._mentions[at] if at < len(self._mentions) else None
        if mention is not None and mention.span.end <= end and self._is_signed_by(mention, start, end):
            return mention.span, None
        found = _NAME.match(self._text, start, end)
        if found is None or end - start > _LONGEST:
            return None, None
        words, rest = found[0].split(), self._text[found.end() : end]
        roles = self._pack.roles["role"] | self._pack.words["determiner"] | self._pack.bodies.keys()
        while words and fold(words[0]) in roles:
            del words[0]
        name = " ".join(words)
        is_person = roles.isdisjoint(map(fold, words)) or is_given(proper(words[0]))
        is_name = len(words) > 1 and is_person and all(word[0].isupper() for word in words) and not self._has_verb(name)
        if not is_name or not (_REST.match(rest) or _HANDLE.match(rest)) or rest.endswith((".", "!", "?")):
            return None, None
        span = Span(found.end() - len(name), found.end())
        return span, Voice(entity_id=f"person:{slug(name)}", name=proper(name), by="full-name", antecedent=span)

    def _is_signed_by(self, mention: Mention, start: int, end: int) -> bool:
        """Return whether the line of a signature is a known person's name, perhaps with a role."""
        before, rest = self._text[start : mention.span.start], self._text[mention.span.end : end]
        if mention.kind != "person" or len(before) > 40 or rest.endswith(("!", "?")):
            return False
        return bool(_REST.match(rest) or _HANDLE.match(rest)) and not self._has_verb(before)

    def _is_quotation(self, number: int) -> bool:
        paragraph = self._paragraphs[number]
        return _QUOTATION.fullmatch(self._text, paragraph.start, paragraph.end) is not None

    def is_pull_quote(self, number: int) -> bool:
        """Return whether a paragraph with a signature repeats words of the text."""
        if number + 1 >= len(self._paragraphs):
            return False
        below = self._paragraphs[number + 1]
        is_signed = self.name_at(number + 1) or _DASHED.match(self._text, below.start, below.end)
        return bool(is_signed) and self._is_repeated(self._paragraphs[number].of(self._text))

    def _is_repeated(self, words: str) -> bool:
        """Return whether the text has these words twice: once as a pull quote."""
        if not self._words:
            self._words = " ".join(_WORD.findall(self._text.lower()))
        wanted = _WORD.findall(words.lower())
        return len(wanted) >= _FEWEST and self._words.count(" ".join(wanted)) > 1

    def _has_verb(self, words: str) -> bool:
        low = fold_words(_WORD.findall(words))
        return not self._pack.words["finite"].isdisjoint(low)
