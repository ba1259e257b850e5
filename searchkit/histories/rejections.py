"""Find the sentences in which a reporter names a claim and its rejection: "rejected the trust's accusation".

The claim has an owner ("the trust's", "by a union") or words of its own ("that four tanks had been emptied"), or its
rejection follows it ("accused Lind of fraud, which Lind denies") or names who makes it ("Kolm is wrong"). Motions,
offers and requests are not claims, and what somebody will, may or did not reject is not rejected. The expressions are
in data/rejections.txt.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import filterfalse, pairwise

from msgspec import Struct
from msgspec.structs import replace

from searchkit.histories.sentences import Expressions, english, expressions
from searchkit.statements import Pack, pack_for
from searchkit.statements.document import Document
from searchkit.statements.text import Span, fold, sentences

_LONGEST_CLAUSE = 240
_REACH = 200  # characters between an expression of rejection and the noun
_WORD = re.compile(r"[A-Za-z]{3,20}(?![\w’'-])")
_ANY_WORD = re.compile(r"\w[\w’'-]{0,40}")
_CLAUSE = re.compile(r"[,;:(]")
_LEAD = re.compile(r"(?<![^\s\"“])(?:[^\s.;:,!?\"“”]{1,25} ){1,5}\Z")
# What stands around a word in a text that is split at its spaces.
_MARKS = ".,;:!?\"'“”„‘’«»()"
_ELIDED = ("l'", "d'")
_OVER = (" about ", " by ", " for ", " over ")  # "was challenged over her claim"


class Rejection(Struct, frozen=True, kw_only=True):
    """A rejected claim in one sentence: the words of the answer, who made the claim, and the claim's own words.

    `claim` are the words of the claim in this sentence, `named` the words for it ("Holm's claim"); `topic` is what both
    say of it ("of a secret sale"). `denier` is the text around the verb, which names who rejects. A bare rejection has
    no words of the claim.
    """

    answer: Span
    sentence: Span
    noun: str
    owner: str
    claim: Span | None
    named: Span
    topic: str
    denier: str
    is_bare: bool = False


def has_one(words: frozenset[str], text: str) -> bool:
    """Return whether a text has one of these folded words, with or without punctuation or an elided article."""
    written = fold(text).split()
    return not words.isdisjoint(written) or not words.isdisjoint(map(_bare, filterfalse(str.isalpha, written)))


def _bare(word: str) -> str:
    word = word.strip(_MARKS)
    return word[2:].lstrip(_MARKS) if word.startswith(_ELIDED) else word


@lru_cache(maxsize=8)
def _claiming(pack: Pack) -> frozenset[str]:
    """Return the words of which a sentence with a rejection has one."""
    return pack.words["claim-noun"] | english().words["claiming"]


@lru_cache(maxsize=8)
def _rejecting(pack: Pack) -> frozenset[str]:
    """Return the first content word of each expression with which a claim is rejected."""
    words = pack.words
    small = words["determiner"] | words["preposition"] | words["negation"] | {"no", "not", "a"}
    phrases = [word.split("-") for word in words["rejecting-verb"] | words["untrue"]]
    firsts = {next((word for word in phrase if word not in small), phrase[0]) for phrase in phrases}
    return english().words["rejecting"] | english().words["accusation"] | firsts


def may_reject(document: Document) -> bool:
    """Return whether a document has a word of denial or rejection at all; most have none."""
    pack = pack_for(document.language)
    return pack is not None and has_one(_rejecting(pack), document.text)


def rejections(document: Document) -> tuple[Rejection, ...]:
    """Return the rejections of a document, in order."""
    pack = pack_for(document.language)
    if pack is None:
        return ()
    verbs, nouns = _rejecting(pack), _claiming(pack)
    found: list[Rejection] = []
    for paragraph in document.paragraphs:
        words = paragraph.of(document.text)
        if not (has_one(verbs, words) and has_one(nouns, words)):  # most paragraphs
            continue
        for sentence in sentences(document.text, paragraph):
            written = sentence.of(document.text)
            if not has_one(nouns, written) or written.endswith("?"):
                continue
            if pack.clausal:
                found.extend(_clausal(document.text, sentence, pack))
            else:
                found.extend(_contradictions(document.text, sentence, expressions(pack)))
                found.extend(_Nouns(document.text, sentence, paragraph, pack).rejections())
    return tuple(found)


# --- German and French ------------------------------------------------------------------------------------------------


def _clausal(text: str, sentence: Span, pack: Pack) -> Iterator[Rejection]:
    """Yield the rejection of a sentence with a verb and a noun of the lists."""
    single, found = expressions(pack).single, _verb_and_noun(text, sentence, pack.words)
    if found is None:
        return
    verb, noun = found
    behind = text[noun.end : sentence.end]
    owner, nested = single["owner-behind"].match(behind), single["nested-behind"].match(behind)
    ends = [found.end() for found in (owner, nested) if found is not None]
    if not ends:
        return
    claim = Span(noun.end + nested.start("nested"), noun.end + nested.end("nested")) if nested else None
    if claim is not None and claim.covers(verb):
        return  # "the suspicion that Ertel invoiced wrong sums"
    start = min(verb.start, noun.start)
    yield Rejection(
        answer=Span(start, claim.end if claim else sentence.end - 1),
        sentence=sentence,
        noun=fold(noun.of(text)),
        owner=next(filter(None, owner.groupdict().values()), "") if owner else "",
        claim=claim,
        named=Span(noun.start, noun.end + ends[0]),
        topic=nested["nested"] if nested else "",
        denier=text[sentence.start : start],
    )


def _verb_and_noun(text: str, sentence: Span, words: Mapping[str, frozenset[str]]) -> tuple[Span, Span] | None:
    """Return the first verb and the first noun of the lists, not "nach Angaben der Agentur"; None if it is not real."""
    tokens = [(Span(*found.span()), fold(found[0])) for found in _ANY_WORD.finditer(text, sentence.start, sentence.end)]
    forms, leads = words["rejecting-verb"] | words["untrue"], words["source-lead"]
    verb = next((span for span, word in tokens if word in forms), None)
    pairs = pairwise([(sentence, ""), *tokens])
    nouns = (span for (_, lead), (span, word) in pairs if lead not in leads and _bare(word) in words["claim-noun"])
    noun = next(nouns, None)
    unreal = [span.start for span, word in tokens if word in words["unreal"]]
    if verb is None or noun is None or any(at <= noun.start or abs(at - verb.start) < 12 for at in unreal):
        return None
    return verb, noun


# --- without a word for the claim -------------------------------------------------------------------------------------


def _contradictions(text: str, sentence: Span, rules: Expressions) -> Iterator[Rejection]:
    """Yield the rejections in a sentence that follow the claim itself, or name who makes it."""
    words = sentence.of(text)
    if "ccus" in words and (found := rules.single["accused"].search(text, sentence.start, sentence.end)):
        nested = Span(*found.span("nested"))  # "Lind, whom the union accuses of fraud, has denied wrongdoing"
        yield Rejection(
            answer=Span(*found.span("denial")),
            sentence=sentence,
            noun="accusation",
            owner=found["by"] or text[sentence.start : found.start()],
            claim=nested,
            named=nested,
            topic=found["nested"],
            denier="",
        )
    else:
        yield from _appended(text, sentence, rules)
    reached = sentence.start
    for triggers, pattern in rules.tables["contradicted"]:
        if not any(trigger.replace("_", " ") in words for trigger in triggers.split("; ")):
            continue
        for found in pattern.finditer(text, sentence.start, sentence.end):
            if found.start() >= reached:
                reached = found.end()
                yield _of_claimer(text, sentence, found)


def _appended(text: str, sentence: Span, rules: Expressions) -> Iterator[Rejection]:
    """Yield the rejection in "The quay is old, Kolm says, which the port denies"."""
    searched = (rules.single[name].search(text, sentence.start, sentence.end) for name in ("which", "apposed"))
    found = next(filter(None, searched), None)
    if found is None or not rules.single["claimed"].search(text, sentence.start, found.start()):
        return
    claim = Span(sentence.start, found.start())
    owned = rules.single["owned"].search(claim.of(text))  # "Kolm's charge, which she calls ..."
    yield Rejection(
        answer=Span(*found.span("denial")) if owned is None else Span(claim.start + owned.start(), found.end()),
        sentence=sentence,
        noun="",
        owner="" if owned is None else owned[1],
        claim=claim if owned is None else None,
        named=claim if owned is None else Span(claim.start + owned.start(), claim.end),
        topic=claim.of(text) if owned is None else "",
        denier=found["denial"],
    )


def _of_claimer(text: str, sentence: Span, found: re.Match[str]) -> Rejection:
    """Return the rejection in "Kolm was wrong to say that the quay is old"."""
    parts = found.groupdict()
    return Rejection(
        answer=Span(*found.span()),
        sentence=sentence,
        noun="claim",
        owner=parts["by"] or parts.get("owner") or "",
        claim=Span(*found.span("nested")) if parts.get("nested") else None,
        named=Span(*found.span()),
        topic=parts.get("nested") or parts.get("topic") or "",
        denier=text[found.end() : sentence.end],
        is_bare=not parts.get("nested"),
    )


# --- with a noun for the claim ----------------------------------------------------------------------------------------


class _Nouns:
    """The rejections in a sentence of claims that nouns name."""

    def __init__(self, text: str, sentence: Span, paragraph: Span, pack: Pack) -> None:
        self._text, self._sentence, self._paragraph = text, sentence, paragraph
        self._words, self._rules = pack.words, expressions(pack)
        self._single = self._rules.single

    def rejections(self) -> Iterator[Rejection]:
        reached = self._sentence.start
        for found in _WORD.finditer(self._text, self._sentence.start, self._sentence.end):
            if found.start() < reached or fold(found[0]) not in self._words["claim-noun"]:
                continue
            noun = Span(*found.span())
            rejection = self._rejected(reached, noun) or self._judged(noun)
            if rejection is not None:
                reached = max(rejection.answer.end, noun.end)
                yield rejection

    def _rejected(self, reached: int, noun: Span) -> Rejection | None:
        """Return the rejection whose verb stands before the noun."""
        start = max(reached, noun.start - _REACH)
        before = self._text[start : noun.start]
        for kind, pattern in self._rules.tables["before"]:
            found = pattern.search(before)
            if found is None or (kind == "rejects" and not self._is_real(start + found.start(), found["gap"])):
                continue
            rejection = self._read(start + found.start(), found["gap"], noun)
            if rejection is None:
                continue
            if kind == "answers":
                is_accusing = self._single["accusing"].match(rejection.noun) is not None
                if not is_accusing or ", " not in self._text[noun.end : self._sentence.end]:
                    continue
                return replace(rejection, answer=Span(rejection.answer.start, self._sentence.end))
            return None if kind == "doubts" and self._is_criticism(rejection.noun, "") else rejection
        return None

    def _is_criticism(self, noun: str, judged: str) -> bool:
        """Return whether words about a claim need not reject it: they say of no accusation that it is untrue."""
        is_accusation = noun in self._rules.words["accusation"]
        return not is_accusation and not any(self._single[name].search(judged) for name in ("untrue", "error"))

    def _is_real(self, at: int, gap: str) -> bool:
        """Return whether a rejection took place: not by a judge, and not in the future or in a condition."""
        before = self._text[self._sentence.start : at]
        near = [word.strip(",").removesuffix("'s") for word in fold(before).split()[-6:]]
        if not self._words["hearer"].isdisjoint(near) or " to " in f"{gap} ":
            return False
        clause = fold(_CLAUSE.split(before)[-1]).split()
        if not self._rules.words["not-before"].isdisjoint(clause[-1:]) or gap.startswith(_OVER):
            return False  # "declined to confirm or deny", "the dispute panel's report"
        if clause[-1:] == ["to"] and not self._rules.words["done"].issuperset(clause[-2:-1]):
            return False
        return self._words["unreal"].isdisjoint([*clause[-4:], *fold(gap).split()[:1]])

    def _read(self, start: int, gap: str, noun: Span) -> Rejection | None:
        """Return the rejection of the noun phrase at `noun`; None if it names no claim of its own."""
        text, single = self._text, self._single
        behind = text[noun.end : min(self._sentence.end, noun.end + _LONGEST_CLAUSE)]
        if single["not-a-claim"].match(behind) or single["proposed"].match(text, start, noun.end):
            return None
        possessive, by = self._possessive(gap), single["by"].match(behind)
        offset, rest = noun.end, behind
        if by is not None:
            offset, rest = noun.end + by.end(), behind[by.end() :]
        that = self._content(noun, offset, offset + len(rest))
        about = None if that else single["of"].match(rest)
        has_topic = about is not None and single["accusing"].match(fold(noun.of(text))) is not None
        if possessive is None and by is None and that is None and not has_topic:
            return None
        claim, end, topic = None, offset, ""
        if that is not None:
            claim = self._without_rest(Span(*that.span("nested")), offset + len(rest))
            end, topic = claim.end, claim.of(text)
        elif about is not None:
            end, topic = offset + about.end("nested"), about["nested"]
        return Rejection(
            answer=Span(start, end),
            sentence=self._sentence,
            noun=fold(noun.of(text)),
            owner=_owner(possessive, by, self._rules),
            claim=claim,
            named=self._named(_owner(possessive, None, self._rules), Span(noun.start, end)),
            topic=topic,
            denier=text[self._sentence.start : start],
        )

    def _content(self, noun: Span, start: int, end: int) -> re.Match[str] | None:
        """Return the clause with what a claim says. Behind a thing, "that" is relative: "a letter that was sent"."""
        is_thing = fold(noun.of(self._text)) in self._rules.words["thing"]
        is_relative = is_thing and self._text.startswith(" that ", start)
        return None if is_relative else self._single["nested"].match(self._text, start, end)

    def _without_rest(self, claim: Span, limit: int) -> Span:
        """Return a claim up to where the reporter goes on."""
        comma = self._single["goes-on"].search(self._text, claim.start, limit)
        claim = Span(claim.start, min(claim.end, comma.start())) if comma else claim
        if claim.of(self._text).count('"') % 2 and self._text[claim.end : claim.end + 2] in {'."', ',"'}:
            return Span(claim.start, claim.end + 2)  # the end of what it quotes
        return claim

    def _judged(self, noun: Span) -> Rejection | None:
        """Return the rejection whose verb stands behind the noun, or around it."""
        text, sentence = self._text, self._sentence
        near = max(sentence.start, noun.start - _REACH)
        lead = _LEAD.search(text, near, noun.start)
        calling = self._single["calling"].search(text[near : noun.start])
        if calling is not None and (found := self._single["called"].match(text, noun.end, sentence.end)):
            return self._about(noun, found, "judged", Span(near + calling.start(), noun.start), calling["gap"])
        for kind, pattern in self._rules.tables["behind"]:
            limit = min(self._paragraph.end, sentence.end + 60) if kind == "untrue" else sentence.end
            found = pattern.match(text, noun.end, limit)
            if found is None:
                continue
            before = Span(lead.start() if lead else noun.start, noun.start)
            rejection = self._about(noun, found, kind, before, lead[0] if lead else "")
            if rejection is not None:
                return rejection
        return None

    def _about(self, noun: Span, found: re.Match[str], kind: str, before: Span, gap: str) -> Rejection | None:
        """Return the rejection of a noun by what is found behind it; `gap` are the words in front of it."""
        text, single = self._text, self._single
        word, behind = fold(noun.of(text)), text[noun.end : found.end("behind")]
        possessive, by = self._possessive(gap.strip()), single["by"].match(behind)
        offset = noun.end + (by.end() if by else 0)
        nested = self._content(noun, offset, found.end("behind"))
        is_bare = possessive is None and by is None and nested is None
        has_topic = single["of"].match(behind) is not None and single["accusing"].match(word) is not None
        if (
            single["said-in"].search(gap)  # "said in a statement that": where it was said
            or (kind == "passive" and not self._words["hearer"].isdisjoint(fold(found["by"]).split()[:3]))
            or not self._words["unreal"].isdisjoint(fold(gap).split())
            or single["not-a-claim"].match(behind)
            or (is_bare and not has_topic)
            or (kind == "judged" and self._is_criticism(word, found[0]))
        ):
            return None
        named = self._named(_owner(possessive, None, self._rules), Span(noun.start, offset))
        around = text[self._sentence.start : min(named.start, before.start)], text[found.end() : self._sentence.end]
        return Rejection(
            answer=Span(before.start, found.end()),
            sentence=self._sentence,
            noun=word,
            owner=_owner(possessive, by, self._rules),
            claim=Span(*nested.span("nested")) if nested else None,
            named=named,
            topic=behind,
            denier=found["by"] if kind == "passive" else " ".join(around),
            is_bare=is_bare,
        )

    def _possessive(self, gap: str) -> re.Match[str] | None:
        return self._single["owner"].search(f" {gap}") or self._single["adjective"].search(f" {gap}")

    def _named(self, owner: str, noun: Span) -> Span:
        """Return the words for a claim, with its owner before the noun: "Holm's claim of a secret sale"."""
        start = self._text.rfind(owner, self._sentence.start, noun.start) if owner else noun.start
        return Span(start if start >= 0 else noun.start, noun.end)


def _owner(possessive: re.Match[str] | None, by: re.Match[str] | None, rules: Expressions) -> str:
    """Return who owns a claim, from its last article on: "the pilots'" of "Thursday against the pilots'"."""
    if possessive is None:
        return (by["by"] or by["of"]) if by is not None else ""
    words = possessive[1].split()
    before = [word.lower() for word in words[:-1]]
    first = max((at for at, word in enumerate(before) if word in rules.words["article"]), default=0)
    after = max((at + 1 for at, word in enumerate(before) if word in rules.words["owner-starts-after"]), default=0)
    return " ".join(words[max(first, after) :])
