"""Find the sentences in which the reporter names a claim and its rejection: "rejected the trust's accusation that ..."

The claim has an owner ("the trust's", "by a union") or words of its own ("that four tanks had been emptied"). Motions,
offers and requests are no claims, and what somebody will, may or did not reject is not rejected.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from msgspec import Struct

from searchkit.document import Document
from searchkit.extract.packs import Pack, pack_for
from searchkit.text import Span, fold, sentences

_LONGEST_CLAUSE = 240
_NO_MARKS = r"[^\s.,;:!?\"“”„«»]{1,25}"
# The points of "U.S." and "4.5" end no sentence.
_TO_THE_END = r"(?:[^.;:]|(?<=\b[A-Z])\.|\.(?=\w)){3,240}"
_OWNER = re.compile(
    r"(?:^| )((?:(?:the|a|an|one) )?(?:[\w.&’'-]{1,25} ){0,3}[\w.&-]{1,25}(?:['’]s|s['’]))(?: [\w-]{2,20}){0,2}$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"(?: (?:made|brought|raised|published|put forward|levelled|leveled))? by (?P<by>[^,;.:]{2,60}?)"
    r"(?= that\b| of\b| about\b|[,;.:]|$)"
)
_NESTED = re.compile(
    r"(?:(?: (?:on|in|by|from|at|of|against|made|last|this|late|early|earlier|yesterday|today|published|alleging)"
    r"(?: [\w’'-]{1,20}){0,3}?)? that (?!(?:has|have|had|is|was|were|are|can|could|would|will)\b)"
    r"| (?=(?:he|she|it|they|its|his|her|their)\b))"
    rf"(?P<nested>{_TO_THE_END})"
)
_OF = re.compile(r" (?:of|about|on|over|regarding|concerning) (?P<nested>[^.;:,]{3,160})")
_ACCUSED = re.compile(
    r"\b(?:accused|accuses|accuse)(?: (?:on|last|this|in) [\w ]{2,20})?(?: by (?P<by>[^,;.:]{2,40}))?"
    r"(?: (?!of\b)[^\s,;.:]{1,25}){0,6} of (?P<nested>[^.;:,]{3,120}), "
    r"(?P<denial>(?:which|but|and|has|have|had|he|she|it|they)(?: [^\s.;:,]{1,25}){0,6}"
    r" (?:denied|denies|deny|rejected|rejects|disputed|disputes)"
    r"(?: (?:it|this|(?:any )?wrongdoing|(?:the|any|all) (?:charges?|accusations?|allegations?|claims?)))?)(?=[.,;]|$)"
)
# "Kolm was wrong to say that ...", "what Kolm says is untrue"
_PERSONAL = re.compile(
    r"\b(?P<by>(?:[A-Z][\w.’'-]{1,25} ){0,3}[A-Z][\w’'-]{1,25}|[Tt]he [a-z-]{3,20}) (?:is|was|are|were|has been) "
    r"(?:wrong (?:to (?:claim|say|suggest|allege|think|write)|in (?:claiming|saying|suggesting))"
    r"(?: that)?(?: (?P<nested>[^.;:]{3,160}))?)"
    r"|\b[Ww]hat (?P<said>(?:[A-Z][\w.’'-]{1,25} ){0,3}[A-Z][\w’'-]{1,25})"
    r" (?:says|said|claims|claimed|writes|wrote|alleges)"
    r"[^.;:]{0,80}? (?:is|was) (?:[a-z]{1,15} ){0,2}?(?:untrue|false|not true|nonsense|wrong|a lie|invented|made up)\b"
)
# Where the claim ends and the reporter goes on.
_GOES_ON = re.compile(
    r", (?:(?:saying|calling|and|but|which|who|while|arguing|adding)\b|[^,]{2,50} (?:said|says|added)\b)"
    r"| as [\"“]|\. [\"“]"
)
# A charge is also one before a court, and a report or complaint is handled: these need an owner or "that".
_ACCUSING = re.compile(r"(?:accusation|allegation|insinuation|suggestion|claim)", re.IGNORECASE)
_SAID_IN = re.compile(r"\b[Ii]n (?:an?|the|his|her|its|their|this|one)(?: [\w-]{2,20}){0,2} ?$")
_CLAUSE = re.compile(r"[,;:(]")
_LEAD = re.compile(r"(?<![^\s\"“])(?:[^\s.;:,!?\"“”]{1,25} ){1,5}\Z")
_NO_CLAIM = re.compile(r" (?:for|to|card|sheet|form|department|office|hall)\b")
_OWNER_BEHIND = {
    "de": re.compile(
        r" (?:(?P<genitive>[A-ZÄÖÜ][\w-]{2,30}s)\b"
        r"|(?:der|des|von|vom|durch) (?P<by>(?:[\w.-]{2,25} ){0,3}?[A-ZÄÖÜ][\w-]{1,30}))"
    ),
    "fr": re.compile(
        r" (?:de la |de l['’]|des |du |de |d['’])(?P<by>(?!(?!(?:M|Mme|Mlle|Me)\b)\w{1,20}r\b)"
        r"(?:(?!selon|et|qui|que)[\w.’'-]{1,25})(?: (?!selon\b|et\b|qui\b|que\b)[A-Z][\w.’'-]{1,25}){0,3})"
    ),
}
_NESTED_BEHIND = {
    "de": re.compile(r"[^.;:,]{0,60}, (?:dass |wonach )?(?P<nested>[^.;:]{6,240})"),
    "fr": re.compile(r"(?:[^.;:]{0,60}?,? selon (?:laquelle|lesquelles) | (?:que |qu['’]))(?P<nested>[^.;:]{6,240})"),
}


class Rejection(Struct, frozen=True, kw_only=True):
    """A rejected claim in one sentence: the words of the answer, who made the claim, and the claim's own words.

    `claim` are the words of the claim in this sentence, `named` the words for it ("Holm's claim"); `topic` is what
    both say of it ("of a secret sale").
    `denier` is the text before the verb, which names who rejects.
    """

    answer: Span
    sentence: Span
    noun: str
    owner: str
    claim: Span | None
    named: Span
    topic: str
    denier: str


_BEFORE = ("", '"', "“", "„", "«", "'", "‘", "l'", "d'")
_BEHIND = (
    "",
    ".",
    ",",
    ";",
    ":",
    "!",
    '"',
    '."',
    ',"',
    "”",
    ".”",
    ",”",
    '".',
    '",',
    "”.",
    "”,",
    "“",
    "“.",
    "».",
    "»",
    "'",
    "’",
)


class _Words(Struct, frozen=True):
    verbs: str
    nouns: str
    untrue: str
    participles: str
    unreal: frozenset[str]
    judges: frozenset[str]


def _either(words: frozenset[str]) -> str:
    return (
        "|".join(re.escape(word.replace("-", " ")) for word in sorted(words, key=lambda word: (-len(word), word)))
        or "(?!)"
    )


@lru_cache(maxsize=8)
def _rules(pack: Pack) -> tuple[Any, ...]:
    words = pack.words
    lists = _Words(
        verbs=_either(words["rejecting-verb"]),
        nouns=_either(words["claim-noun"]),
        untrue=_either(words["untrue"]),
        participles=_either(words["rejected-participle"]),
        unreal=words["unreal"],
        judges=words["hearer"],
    )
    active = rf"\b(?P<verb>{lists.verbs})\b(?P<gap>(?: {_NO_MARKS}){{0,9}}?) (?P<noun>{lists.nouns})\b"
    # "was completely wrong", but not "was caused by incorrect wiring"
    is_untrue = (
        rf"(?:is|was|are|were) [\"“]?(?:(?:[a-z]{{2,15}}ly|not|just|also|both|all|quite|plain|an?) ){{0,2}}?"
        rf"(?:{lists.untrue})(?=[\"“”.,;:!?]|$| (?:and|but|because|from|he|she|it|they|in|on|as)\b)"
    )
    untrue = (
        rf"\b(?P<noun>{lists.nouns})\b(?P<behind>[^.;:!?]{{0,200}}?)"
        rf"(?:\. (?:It|That|This))? {is_untrue}"
    )
    passive = (
        rf"\b(?P<noun>{lists.nouns})\b(?P<behind>[^.;:!?]{{0,200}}?)"
        rf" (?:(?:has|have|had) been|was|were) (?:[\w-]{{2,20}} ){{0,2}}?(?:{lists.participles})"
        r" by (?P<by>[^.;:]{2,80})"
    )
    called = (
        rf"\b(?:called|calls|branded|brands|described|describes|denounced|labell?ed)(?P<gap>(?: {_NO_MARKS}){{1,6}}?)"
        rf" (?P<noun>{lists.nouns})\b(?P<behind>[^.;:!?]{{0,200}}?) (?:as )?[\"“]?"
        rf"(?:(?:an?|the|simply|complete|pure|total|utter|mere|just) ){{0,2}}(?:{lists.untrue})\b"
    )
    asked = (
        rf"\b(?:(?:responding|reacting|replying) to|in (?:response|reply|answer) to)(?P<gap>(?: {_NO_MARKS}){{0,6}}?)"
        rf" (?P<noun>accusations?|allegations?|claims?)\b(?P<behind>[^.;:!?]{{0,200}}?), "
    )
    return lists, *(re.compile(pattern, re.IGNORECASE) for pattern in (active, untrue, passive, called, asked))


@lru_cache(maxsize=8)
def _claiming(pack: Pack) -> frozenset[str]:
    """Return the words of which a sentence with a rejection has one."""
    return with_marks({*map(fold, pack.words["claim-noun"]), "accuse", "accuses", "accused", "wrong", "what"})


@lru_cache(maxsize=8)
def _rejecting(pack: Pack) -> frozenset[str]:
    """Return the first content word of each expression with which a claim is rejected, as texts write them."""
    words = pack.words
    small = words["determiner"] | words["preposition"] | words["negation"] | {"no", "not", "a"}
    phrases = [fold(word).split("-") for word in words["rejecting-verb"] | words["untrue"]]
    firsts = {next((word for word in phrase if word not in small), phrase[0]) for phrase in phrases}
    return with_marks(firsts | {"responding", "reacting", "response"})


def with_marks(words: Iterable[str]) -> frozenset[str]:
    """Return words with the punctuation that may stand around them in a text that is split at its spaces."""
    return frozenset(f"{before}{word}{behind}" for word in words for before in _BEFORE for behind in _BEHIND)


def may_reject(document: Document) -> bool:
    """Return whether a document has a word of denial or rejection at all; most have none."""
    pack = pack_for(document.language)
    return pack is not None and not _rejecting(pack).isdisjoint(fold(document.text).split())


def rejections(document: Document) -> tuple[Rejection, ...]:
    """Return the rejections of a document, in order."""
    pack = pack_for(document.language)
    if pack is None:
        return ()
    find = _clausal if pack.clausal else _english
    verbs, nouns = _rejecting(pack), _claiming(pack)
    found: list[Rejection] = []
    for paragraph in document.paragraphs:
        words = fold(paragraph.of(document.text)).split()
        if verbs.isdisjoint(words) or nouns.isdisjoint(words):  # most paragraphs
            continue
        for sentence in sentences(document.text, paragraph):
            if not nouns.isdisjoint(fold(sentence.of(document.text)).split()):
                found.extend(find(document.text, sentence, paragraph, pack))
    return tuple(found)


def _english(text: str, sentence: Span, paragraph: Span, pack: Pack) -> Iterator[Rejection]:
    words, active, untrue, passive, called, asked = _rules(pack)
    yield from _accused(text, sentence)
    yield from _contradicted(text, sentence)
    reached = sentence.start
    for found in active.finditer(text, sentence.start, sentence.end):
        before = fold(text[sentence.start : found.start()]).split()
        clause = fold(_CLAUSE.split(text[sentence.start : found.start()])[-1]).split()
        judged = not words.judges.isdisjoint(word.strip(",").removesuffix("'s") for word in before[-6:])
        if (
            judged
            or clause[-1:] == ["to"]
            or not words.unreal.isdisjoint([*clause[-4:], *fold(found["gap"]).split()[:1]])
        ):
            continue
        denier = text[sentence.start : found.start()]
        rejection = _read(text, sentence, found.start(), found["gap"], found.span("noun"), denier)
        if rejection is not None:
            reached = rejection.answer.end
            yield rejection
    for pattern in (untrue, passive, called, asked):
        limit = paragraph.end if pattern is untrue else sentence.end
        position, limit = reached, min(limit, sentence.end + 60)
        while (found := pattern.search(text, position, limit)) is not None and found.start() < sentence.end:
            position = found.end("noun")
            lead = _LEAD.search(text, max(sentence.start, found.start("noun") - 130), found.start("noun"))
            gap = str(found.groupdict().get("gap") or (lead[0] if lead else ""))
            owner = _OWNER.search(f" {gap.strip()}")
            if _SAID_IN.search(gap):
                continue  # "said in a statement that": where it was said
            judged = pattern is passive and not words.judges.isdisjoint(fold(found["by"]).split()[:3])
            if judged or not words.unreal.isdisjoint(fold(gap).split()):
                continue
            behind = text[found.end("noun") : found.end("behind")]
            by = _BY.match(behind)
            offset = found.end("noun") + (by.end() if by else 0)
            nested = _NESTED.match(text, offset, found.end("behind"))
            if _NO_CLAIM.match(behind) or (owner is None and by is None and nested is None):
                continue
            claim = Span(*nested.span("nested")) if nested else None
            position = found.end()
            yield Rejection(
                answer=Span(
                    min(found.start(), lead.start() if lead else found.start()),
                    sentence.end if pattern is asked else found.end(),
                ),
                sentence=sentence,
                noun=fold(found["noun"]),
                owner=_owner(owner, by),
                claim=claim,
                named=_named(text, sentence, _owner(owner, None), Span(found.start("noun"), offset)),
                topic=behind,
                denier=found["by"] if pattern is passive else _around(text, sentence, found, owner),
            )


def _owner(possessive: re.Match[str] | None, by: re.Match[str] | None) -> str:
    """Return who owns a claim, from its last article on: "the pilots'" of "Thursday against the pilots'"."""
    if possessive is None:
        return by["by"] if by is not None else ""
    words = possessive[1].split()
    first = max((at for at, word in enumerate(words[:-1]) if word.lower() in {"the", "a", "an", "one"}), default=0)
    return " ".join(words[first:])


def _named(text: str, sentence: Span, owner: str, noun: Span) -> Span:
    """Return the words for a claim, with its owner before the noun: "Holm's claim of a secret sale"."""
    start = text.rfind(owner, sentence.start, noun.start) if owner else noun.start
    return Span(start if start >= 0 else noun.start, noun.end)


def _around(text: str, sentence: Span, found: re.Match[str], owner: re.Match[str] | None) -> str:
    """Return what stands before and behind a claim that is called untrue: who says so."""
    start = _named(text, sentence, _owner(owner, None), Span(found.start("noun"), found.end())).start
    return f"{text[sentence.start : min(start, found.start())]} {text[found.end() : sentence.end]}"


def _accused(text: str, sentence: Span) -> Iterator[Rejection]:
    """Yield the rejection in "Lind, whom the union accuses of fraud, has denied wrongdoing"."""
    found = _ACCUSED.search(text, sentence.start, sentence.end)
    if found is not None:
        yield Rejection(
            answer=Span(*found.span("denial")),
            sentence=sentence,
            noun="accusation",
            owner=found["by"] or text[sentence.start : found.start()],
            claim=Span(*found.span("nested")),
            named=Span(*found.span("nested")),
            topic=found["nested"],
            denier="",
        )


def _contradicted(text: str, sentence: Span) -> Iterator[Rejection]:
    """Yield the rejection that names who makes the claim: "Kolm was wrong to say that the quay is old"."""
    for found in _PERSONAL.finditer(text, sentence.start, sentence.end):
        yield Rejection(
            answer=Span(*found.span()),
            sentence=sentence,
            noun="claim",
            owner=found["by"] or found["said"],
            claim=Span(*found.span("nested")) if found["nested"] else None,
            named=Span(*found.span()),
            topic=found["nested"] or "",
            denier=text[found.end() : sentence.end],
        )


def _read(text: str, sentence: Span, start: int, gap: str, noun: tuple[int, int], denier: str) -> Rejection | None:
    """Return the rejection of the noun phrase at `noun`; None if it names no claim of its own."""
    behind = text[noun[1] : min(sentence.end, noun[1] + _LONGEST_CLAUSE)]
    if _NO_CLAIM.match(behind):
        return None
    owner, by = _OWNER.search(gap), _BY.match(behind)
    rest = behind[by.end() :] if by else behind
    offset = noun[1] + (by.end() if by else 0)
    nested = _NESTED.match(rest) or _OF.match(rest)
    alone = owner is None and by is None
    if alone and (nested is None or (nested.re is _OF and not _ACCUSING.match(text, *noun))):
        return None
    stop = nested.end("nested") if nested else 0
    that = nested is not None and nested.re is _NESTED
    claim = Span(offset + nested.start("nested"), offset + nested.end("nested")) if nested and that else None
    if claim is not None:
        comma = _GOES_ON.search(text, claim.start, offset + len(rest))
        claim = Span(claim.start, min(claim.end, comma.start())) if comma else claim
        stop = claim.end - offset
    return Rejection(
        answer=Span(start, offset + stop),
        sentence=sentence,
        noun=fold(text[slice(*noun)]),
        owner=_owner(owner, by),
        claim=claim,
        named=_named(text, sentence, _owner(owner, None), Span(noun[0], offset + stop)),
        topic=claim.of(text) if claim is not None else nested["nested"] if nested else "",
        denier=denier,
    )


def _clausal(text: str, sentence: Span, _: Span, pack: Pack) -> Iterator[Rejection]:
    """Yield the rejection of a German or French sentence with a verb and a noun of the lists."""
    words = pack.words
    tokens = [
        (found.start(), found.end(), fold(found[0])) for found in re.finditer(r"\w[\w’'-]{0,40}", sentence.of(text))
    ]
    forms = {fold(word) for word in words["rejecting-verb"] | words["untrue"]}
    nouns = {fold(word) for word in words["claim-noun"]}
    verb = next((token for token in tokens if token[2] in forms), None)
    noun = next((token for token in tokens if token[2].rpartition("'")[2] in nouns), None)
    unreal = {fold(word) for word in words["unreal"]}
    if verb is None or noun is None or any(token[2] in unreal for token in tokens if token[0] < noun[0] + 1):
        return
    if any(token[2] in unreal for token in tokens if abs(token[0] - verb[0]) < 12):
        return
    behind = text[sentence.start + noun[1] : sentence.end]
    owner, nested = _OWNER_BEHIND[pack.code].match(behind), _NESTED_BEHIND[pack.code].match(behind)
    if owner is None and nested is None:
        return
    named = next((value for value in owner.groupdict().values() if value), "") if owner else ""
    begin = sentence.start + noun[1]
    end = next(found.end() for found in (owner, nested) if found is not None)
    claim = Span(begin + nested.start("nested"), begin + nested.end("nested")) if nested else None
    yield Rejection(
        answer=Span(sentence.start + min(verb[0], noun[0]), claim.end if claim else sentence.end - 1),
        sentence=sentence,
        noun=noun[2],
        owner=named,
        claim=claim,
        named=Span(sentence.start + noun[0], begin + end),
        topic=nested["nested"] if nested else "",
        denier=text[sentence.start : sentence.start + min(verb[0], noun[0])],
    )
