"""Find rejections of a claim that a noun names: "rejected the trust's accusation that ...", "Kolm's charge was false".

The claim has an owner ("the trust's", "by a union") or words of its own ("that four tanks had been emptied"). Motions,
offers and requests are no claims, and what somebody will, may or did not reject is not rejected.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from searchkit.histories.rejection import QUOTED, Rejection
from searchkit.statements import Pack
from searchkit.statements.text import Span, fold

_LONGEST_CLAUSE = 240
_REACH = 200  # characters between an expression of rejection and the noun
_RUN = r"[^\s.,;:!?\"“”„«»]{1,25}"
# The points of "U.S." and "4.5" end no sentence.
_TO_THE_END = r"(?:[^.;:]|(?<=\b[A-Z])\.|\.(?=\w)){3,240}"
_WORD = re.compile(r"[A-Za-z]{3,20}(?![\w’'-])")
_OWNER = re.compile(
    r"(?:^| )((?:(?:the|a|an|one) )?(?:[\w.&’'-]{1,25} ){0,3}[\w.&-]{1,25}(?:['’]s|s['’]))(?: [\w-]{2,20}){0,2}$",
    re.IGNORECASE,
)
_OWNER_STARTS_AFTER = frozenset("that said says to in".split())
# "the Torvian accusation", "the Greyheron report", but not "the March report"
_ADJECTIVE = re.compile(
    r"(?:^| )(?:[Tt]he|[Tt]his|[Tt]hat|[Aa]ll|[Aa]ny)"
    r" ((?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Janu|Febr|March|April|June|July|August|Septem|Octob|Novem|Decem)"
    r"[A-Z][\w-]{3,25})$"
)
_BY = re.compile(
    r"(?:(?:,?(?: first)? (?:made|brought|raised|published|put forward|levelled|leveled|collected|written|compiled"
    r"|given))?"
    r" (?:by|from) (?P<by>[^,;.:]{2,60}?),?| of (?P<of>(?:the )?[A-Z][\w’'-]{1,25}(?: [A-Z][\w’'-]{1,25}){0,4}))"
    r"(?= that\b| of\b| about\b|[,;.:]|$)"
)
_NESTED = re.compile(
    r"(?:(?: (?:on|in|by|from|at|of|against|made|last|this|late|early|earlier|yesterday|today|published|alleging)"
    r"(?: [\w’'-]{1,20}){0,6}?)?(?: (?:which|that) (?:found|says?|said|claim(?:s|ed)|alleg(?:es|ed)|show(?:s|ed)"
    r"|suggest(?:s|ed)|conclude[sd]))? that "
    # no relative clause: "claims that followed the flood"
    r"(?!(?:has|have|had|is|was|were|are|can|could|would|will|came|arose|led|went|appeared|\w{2,15}ed)\b)"
    r"| (?=(?:he|she|it|they|its|his|her|their)\b))"
    rf"(?P<nested>{_TO_THE_END})"
)
_OF = re.compile(
    r" (?:of|about|on|over|regarding|concerning) (?P<nested>[^.;:,]{3,160}?)"
    r"(?=$|[.;:,]| and (?:that|said|says|would|was|had|has|is)\b| made in )"
)
# Where the claim ends and the reporter goes on.
_GOES_ON = re.compile(
    r", (?:(?:saying|calling|and|but|which|who|while|arguing|adding)\b|[^,]{2,50} (?:said|says|added)\b)"
    r"| as [\"“]|\. [\"“]| when (?:he|she|they|it) (?:was|were) (?:asked|contacted|reached|telephoned|approached)"
)
# A charge is also one before a court, and a report or complaint is handled: these need an owner or "that".
_ACCUSING = re.compile(r"(?:accusation|allegation|insinuation|suggestion|assertion|claim)")
# Words for claims that are rejected whatever is said of them; others may only be criticised.
ACCUSATIONS = frozenset(
    "accusation accusations allegation allegations charge charges claim claims insinuation insinuations suggestion"
    " suggestions assertion assertions version versions account accounts story tale testimony evidence contention"
    " contentions theory description portrayal finding findings conclusion conclusions lie lies proposition"
    " attribution".split()
)
_ERRORS = (
    r"(?:misstate|inaccura|error|mistake|falsehood|lies\b|invention|misunderst|fabricat|misread|fib\b|selective"
    r"|superseded)"
)
_SAID_IN = re.compile(r"\b[Ii]n (?:an?|the|his|her|its|their|this|one)(?: [\w-]{2,20}){0,2} ?$")
_CLAUSE = re.compile(r"[,;:(]")
_LEAD = re.compile(r"(?<![^\s\"“])(?:[^\s.;:,!?\"“”]{1,25} ){1,5}\Z")
_NO_CLAIM = re.compile(r" (?:for|to|card|sheet|form|department|office|hall)\b")
# What somebody rushed or had to reject is rejected.
_DONE = frozenset("forced had moved rushed hastened out blazing forward quick".split())

Kind = Literal["rejects", "answers", "doubts", "untrue", "passive", "judged"]


class _Rules(Struct, frozen=True):
    """The expressions of a language: before the noun (with the words between in `gap`), behind it, and around it."""

    nouns: frozenset[str]
    before: tuple[tuple[Kind, re.Pattern[str]], ...]
    behind: tuple[tuple[Kind, re.Pattern[str]], ...]
    calling: re.Pattern[str]
    called: re.Pattern[str]
    untrue: re.Pattern[str]
    unreal: frozenset[str]
    judges: frozenset[str]


def either(words: frozenset[str]) -> str:
    """Return an expression for any of these words, whose blanks are written as "-"."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word.replace("-", " ")) for word in ordered) or "(?!)"


@lru_cache(maxsize=8)
def _rules(pack: Pack) -> _Rules:
    words = pack.words
    untrue, participles = either(words["untrue"]), either(words["rejected-participle"])
    is_untrue = (
        r"(?:is|was|are|were) (?:[\"“](?:[a-z’'-]{1,15},? ){0,5}?"
        r"|(?:(?:[a-z]{2,15}ly|not|just|also|both|all|quite|plain|an?) ){0,2}?)"
        rf"(?:{untrue})(?=[\"“”.,;:!?]|$| (?:and|but|because|from|he|she|it|they|in|on|as)\b)"
    )
    topic = (
        r"(?P<behind>(?: (?:(?:collected|made|written|published|given) by|of|about|on|by|from|for|over|in|against"
        rf"|regarding|concerning)(?: (?!that\b|which\b){_RUN}){{1,9}}?)?)(?:, [^,.;:]{{3,40}},)? "
    )
    aside = r"(?P<behind>[^.;:!?]{0,200}?)"
    before: tuple[tuple[Kind, str, int], ...] = (
        ("rejects", rf"\b(?:{either(words['rejecting-verb'])})\b", 9),
        (
            "rejects",
            r"\b(?:described|dismissed|denounced|branded|condemned|brushed aside|waved away|rejected) as "
            rf"(?:{QUOTED}|(?:[a-z]{{2,15}} ){{0,3}}?(?:{untrue})(?: and [a-z]{{2,15}})?)",
            9,
        ),
        ("answers", r"\b(?:(?:responding|reacting|replying) to|in (?:response|reply|answer) to)", 6),
        ("doubts", r"(?:not|never|n['’]t) (?:[a-z]{2,15}ly )?(?:accept|recogni[sz]e|share|agree with|believe)", 6),
        (
            "doubts",
            r"\b(?:no|nothing|not (?:an?|one|any)|little)(?: [a-z]{1,12}){0,3}?[\"”]? ?"
            r"(?:truth|substance|merit|basis|foundation|fact|whatsoever)[\"”]? (?:in|to|for|behind)",
            8,
        ),
        (
            "doubts",
            r"\b(?:no|not|n['’]t) [\"“]?(?:one |a |any )?(?:single |true )?(?:line|word|fact)[\"”]? (?:in|of)",
            8,
        ),
    )
    behind: tuple[tuple[Kind, str], ...] = (
        ("untrue", rf"{aside}(?:\. (?:It|That|This))? {is_untrue}"),
        (
            "untrue",
            rf"{aside} (?:is|are) (?:[a-z]{{2,15}}ly )?(?:rejected|denied|refuted)\b"
            r"(?! by (?:an?|the) (?:judge|court))",
        ),
        (
            "passive",
            rf"{aside} (?:(?:has|have|had) been|was|were) (?:[\w-]{{2,20}} ){{0,2}}?(?:{participles})"
            r"(?: as [\w-]{2,20})? by (?P<by>[^.;:]{2,80})",
        ),
        ("judged", rf"{topic}(?:is|was|are|were|had been) (?:[a-z]{{2,15}}ly )?{QUOTED}"),
        (
            "judged",
            rf"{topic}[\"“]?(?:(?:is|was|are|were|does|did|do|has|had|have|could|can) (?:[a-z]{{2,15}}ly )?"
            r"(?:not|no|never|nothing)\b|(?:is|was|are|were|does|did|do|has|had|have|could)n['’]t\b)[^.;]{2,80}",
        ),
        (
            "judged",
            rf"{topic}(?:contain(?:s|ed)|(?:is|was) (?:full of|riddled with)|rest(?:s|ed) on|rel(?:ies|ied) on)"
            rf"[^.;]{{0,80}}?{_ERRORS}[\w-]*",
        ),
    )
    calling = (
        r"\b(?:called|calls|calling|branded|brands|described|describes|denounced|labell?ed|dubbed|dubs|termed|terms|blasted"
        r"|derided|ridiculed|character[iz]sed)"
    )
    called = (
        rf"{aside} (?:as )?(?:[\"“]?(?:(?:an?|the|simply|complete|pure|total|utter|mere|just) ){{0,2}}(?:{untrue})\b"
        rf"|{QUOTED}(?=[.,;]|$| and\b| adding\b))"
    )
    flags = re.IGNORECASE
    return _Rules(
        nouns=frozenset(map(fold, words["claim-noun"])),
        before=tuple(
            (kind, re.compile(rf"{pattern}(?P<gap>(?: {_RUN}){{0,{most}}}?) $", flags))
            for kind, pattern, most in before
        ),
        behind=tuple((kind, re.compile(pattern, flags)) for kind, pattern in behind),
        calling=re.compile(rf"{calling}(?P<gap>(?: {_RUN}){{1,6}}?) $", flags),
        called=re.compile(called, flags),
        untrue=re.compile(rf"\b(?:{untrue})\b", flags),
        unreal=words["unreal"],
        judges=words["hearer"],
    )


def of_nouns(text: str, sentence: Span, paragraph: Span, pack: Pack) -> Iterator[Rejection]:
    """Yield the rejections in a sentence of a claim that a noun names."""
    rules, reached = _rules(pack), sentence.start
    for found in _WORD.finditer(text, sentence.start, sentence.end):
        if found.start() < reached or fold(found[0]) not in rules.nouns:
            continue
        noun = Span(*found.span())
        rejection = _rejected(text, sentence, reached, noun, rules) or _judged(text, sentence, paragraph, noun, rules)
        if rejection is not None:
            reached = max(rejection.answer.end, noun.end)
            yield rejection


def _rejected(text: str, sentence: Span, reached: int, noun: Span, rules: _Rules) -> Rejection | None:
    """Return the rejection whose verb stands before the noun."""
    start = max(reached, noun.start - _REACH)
    before = text[start : noun.start]
    for kind, pattern in rules.before:
        found = pattern.search(before)
        if found is None or (
            kind == "rejects" and not _is_real(text[sentence.start : start + found.start()], found, rules)
        ):
            continue
        rejection = _read(text, sentence, start + found.start(), found["gap"], noun)
        if rejection is None:
            continue
        if kind == "answers":
            if _ACCUSING.match(rejection.noun) is None or ", " not in text[noun.end : sentence.end]:
                continue
            return replace(rejection, answer=Span(rejection.answer.start, sentence.end))
        return replace(rejection, of_target=kind == "doubts" and rejection.noun not in ACCUSATIONS)
    return None


def _is_real(before: str, found: re.Match[str], rules: _Rules) -> bool:
    """Return whether a rejection took place: not by a judge, and not in the future or in a condition."""
    words, clause = fold(before).split(), fold(_CLAUSE.split(before)[-1]).split()
    if (
        not rules.judges.isdisjoint(word.strip(",").removesuffix("'s") for word in words[-6:])
        or " to " in f"{found['gap']} "
    ):
        return False
    if clause[-1:] == ["to"] and not _DONE.issuperset(clause[-2:-1]):
        return False
    return rules.unreal.isdisjoint([*clause[-4:], *fold(found["gap"]).split()[:1]])


def _judged(text: str, sentence: Span, paragraph: Span, noun: Span, rules: _Rules) -> Rejection | None:
    """Return the rejection whose verb stands behind the noun, or around it."""
    near = max(sentence.start, noun.start - _REACH)
    lead = _LEAD.search(text, near, noun.start)
    calling = rules.calling.search(text[near : noun.start])
    if calling is not None and (found := rules.called.match(text, noun.end, sentence.end)):
        return _about(text, sentence, noun, found, "judged", near + calling.start(), calling["gap"], rules)
    for kind, pattern in rules.behind:
        limit = min(paragraph.end, sentence.end + 60) if kind == "untrue" else sentence.end
        found = pattern.match(text, noun.end, limit)
        if found is None:
            continue
        start = lead.start() if lead else noun.start
        rejection = _about(text, sentence, noun, found, kind, start, lead[0] if lead else "", rules)
        if rejection is not None:
            return rejection
    return None


def _about(
    text: str, sentence: Span, noun: Span, found: re.Match[str], kind: Kind, start: int, gap: str, rules: _Rules
) -> Rejection | None:
    if _SAID_IN.search(gap):
        return None  # "said in a statement that": where it was said
    if kind == "passive" and not rules.judges.isdisjoint(fold(found["by"]).split()[:3]):
        return None
    if not rules.unreal.isdisjoint(fold(gap).split()):
        return None
    word, behind = fold(noun.of(text)), text[noun.end : found.end("behind")]
    possessive, by = _possessive(gap.strip()), _BY.match(behind)
    offset = noun.end + (by.end() if by else 0)
    nested = _NESTED.match(text, offset, found.end("behind"))
    has_topic = _OF.match(behind) is not None and _ACCUSING.match(word) is not None
    if _NO_CLAIM.match(behind) or (possessive is None and by is None and nested is None and not has_topic):
        return None
    named = _named(text, sentence, _owner(possessive, None), Span(noun.start, offset))
    is_lie = rules.untrue.search(found[0]) is not None or re.search(_ERRORS, found[0]) is not None
    return Rejection(
        answer=Span(start, found.end()),
        sentence=sentence,
        noun=word,
        owner=_owner(possessive, by),
        claim=Span(*nested.span("nested")) if nested else None,
        named=named,
        topic=behind,
        denier=found["by"]
        if kind == "passive"
        else f"{text[sentence.start : min(named.start, start)]} {text[found.end() : sentence.end]}",
        is_bare=possessive is None and by is None and nested is None,
        of_target=kind == "judged" and not is_lie and word not in ACCUSATIONS,
    )


def _possessive(gap: str) -> re.Match[str] | None:
    return _OWNER.search(f" {gap}") or _ADJECTIVE.search(f" {gap}")


def _owner(possessive: re.Match[str] | None, by: re.Match[str] | None) -> str:
    """Return who owns a claim, from its last article on: "the pilots'" of "Thursday against the pilots'"."""
    if possessive is None:
        return (by["by"] or by["of"]) if by is not None else ""
    words = possessive[1].split()
    first = max((at for at, word in enumerate(words[:-1]) if word.lower() in {"the", "a", "an", "one"}), default=0)
    after = max((at + 1 for at, word in enumerate(words[:-1]) if word.lower() in _OWNER_STARTS_AFTER), default=0)
    return " ".join(words[max(first, after) :])


def _named(text: str, sentence: Span, owner: str, noun: Span) -> Span:
    """Return the words for a claim, with its owner before the noun: "Holm's claim of a secret sale"."""
    start = text.rfind(owner, sentence.start, noun.start) if owner else noun.start
    return Span(start if start >= 0 else noun.start, noun.end)


def _read(text: str, sentence: Span, start: int, gap: str, noun: Span) -> Rejection | None:
    """Return the rejection of the noun phrase at `noun`; None if it names no claim of its own."""
    behind = text[noun.end : min(sentence.end, noun.end + _LONGEST_CLAUSE)]
    if _NO_CLAIM.match(behind):
        return None
    possessive, by = _possessive(gap), _BY.match(behind)
    rest = behind[by.end() :] if by else behind
    offset = noun.end + (by.end() if by else 0)
    nested = _NESTED.match(rest) or _OF.match(rest)
    alone = possessive is None and by is None
    if alone and (nested is None or (nested.re is _OF and not _ACCUSING.match(fold(noun.of(text))))):
        return None
    stop = nested.end("nested") if nested else 0
    that = nested is not None and nested.re is _NESTED
    claim = Span(offset + nested.start("nested"), offset + nested.end("nested")) if nested and that else None
    if claim is not None:
        comma = _GOES_ON.search(text, claim.start, offset + len(rest))
        claim = Span(claim.start, min(claim.end, comma.start())) if comma else claim
        if claim.of(text).count('"') % 2 and text[claim.end : claim.end + 2] in {'."', ',"'}:
            claim = Span(claim.start, claim.end + 2)  # the end of what it quotes
        stop = claim.end - offset
    return Rejection(
        answer=Span(start, offset + stop),
        sentence=sentence,
        noun=fold(noun.of(text)),
        owner=_owner(possessive, by),
        claim=claim,
        named=_named(text, sentence, _owner(possessive, None), Span(noun.start, offset + stop)),
        topic=claim.of(text) if claim is not None else nested["nested"] if nested else "",
        denier=text[sentence.start : start],
    )
