"""Find rejections without a word for the claim: "accused Lind of fraud, which Lind denies", "Kolm is wrong"."""

import re
from collections.abc import Iterator

from searchkit.histories.rejection import FALSE, QUOTED, Rejection
from searchkit.statements.text import Span

_ADVERBS = r"(?:[a-z]{2,15}ly |[a-z]{2,15}ly and [a-z]{2,15}ly |simply |always |since |never |now )?"
_DENIED = rf"{_ADVERBS}(?:denied|denies|deny|rejected|rejects|disputed|disputes|dismissed|dismisses)"
_WHEN = (
    r"(?: (?:on|at|in|late|this|last|through|when|again|as|yesterday|today|then|since|outright|flatly)\b[^.,;]{0,60})?"
)
_ACCUSED = re.compile(
    r"\b(?:accused|accuses|accuse)(?: (?:on|last|this|in) [\w ]{2,20})?(?: by (?P<by>[^,;.:]{2,40}))?"
    r"(?: (?!of\b)[^\s,;.:]{1,25}){0,6} of (?P<nested>[^.;:,]{3,120}), "
    r"(?P<denial>(?:which|but|and|has|have|had|he|she|it|they)(?: [^\s.;:,]{1,25}){0,6}"
    rf" {_DENIED}(?: (?:it|this|(?:any )?wrongdoing|(?:the|any|all) (?:charges?|accusations?|allegations?|claims?)))?)"
    rf"{_WHEN}(?=[.,;]|$)"
)
# "..., residents allege, which Mr Lind, through his lawyer, denies."
_WHICH = re.compile(
    r"(?:,|,? and| [—–-]{1,2}) (?P<denial>(?:which|something) "
    r"(?:(?:[^\s.;:,]{1,25} ){1,7}|[^.;:,]{2,60}, [^.;:,]{2,60}, )"
    rf"(?:(?:has|have|had) )?(?:{_DENIED}{_WHEN}"
    r"|(?:calls?|called|terms?|termed|describes as|described as|says?|said|insists?|insisted) "
    rf"[^.;]{{0,30}}?{FALSE}[^.;]{{0,60}}))"
    r"(?=[.,;\"”]|$)"
)
# "..., a charge that he calls 'a fairy story.'"
_APPOSED = re.compile(
    r"(?:,|,? and| [—–-]{1,2}) (?P<denial>an? (?:[a-z]{2,12} )?(?:accusation|allegation|charge|claim|suggestion"
    r"|assertion|theory|account|story|version of events|version|insinuation|finding|conclusion|figure)"
    r"(?: (?:that|which))? "
    r"(?:(?:[^\s.;:,]{1,25} ){1,7}|[^.;:,]{2,60}, [^.;:,]{2,60}, )"
    rf"(?:(?:has|have|had) )?(?:{_DENIED}{_WHEN}"
    r"|(?:calls?|called|terms?|termed|dubs|dubbed|describes as|described as) "
    rf"(?:{QUOTED}|[^\"“.;]{{0,30}}?{FALSE}[^.;]{{0,60}})"
    r"|(?:says?|said|insists?|insisted|maintains?|maintained) "
    rf"(?:(?:(?:is|was|were|are|had been|has been) )?(?:[a-z]{{2,15}} ){{0,2}}?(?:{FALSE}|{QUOTED})[^.;]{{0,40}}"
    r"|(?:has|had|have) no [^.;]{3,60})))(?=[.,;\"”]|$)"
)
_OWNED = re.compile(
    r"((?:[Tt]he )?[\w.-]{2,30}['’]s?) (?:accusations?|allegations?|charges?|claims?|suggestions?|assertions?)$"
)
_CLAIMED = re.compile(
    r"\b(?:accus(?:e|es|ed|ing)|alleg(?:e|es|ed|ing)|claimed|claims? that|says?|said|t(?:old|ells?)|wrote|writes"
    r"|argue[sd]?|suggest(?:s|ed)?|believes?|thinks?|suspects?|contends?)\b",
    re.IGNORECASE,
)
_NAMED = r"(?:(?:[A-Z][\w.’'-]{1,25} ){0,3}[A-Z][\w’'-]{1,25}|[Tt]he (?:[\w-]{2,20} ){0,2}[a-z-]{3,20})"
_SAYS = (
    r"(?:(?:has|have|had) )?"
    r"(?:says?|said|claim(?:s|ed)?|writes?|wrote|alleg(?:es?|ed)|describe[sd]?|t(?:old|ells?)|testified)"
)
_IS = r"(?:is|was|are|were|had been|has been) [\"“]?(?:[a-z]{2,15}ly )?"
# Who makes a claim is contradicted: the words of which a sentence has one, and the expression.
_CONTRADICTED = tuple(
    (words, re.compile(pattern))
    for words, pattern in (
        (
            (" wrong",),
            rf"\b(?P<by>{_NAMED}) {_IS}(?:wrong[\"”]? (?:to (?:claim|say|suggest|allege|think|write)"
            r"|in (?:claiming|saying|suggesting))(?: that)?(?: (?P<nested>[^.;:]{3,160}))?)",
        ),
        (
            ("wrong", "mistaken", "lying", "the truth", "misinformed"),
            rf"\b(?P<by>{_NAMED}) {_IS}(?:wrong|mistaken|lying|not telling the truth|misinformed)[\"”]?"
            r"(?: (?:about|on) (?P<topic>[^.,;:]{3,60}))?",
        ),
        (
            ("hat ",),
            rf"\b[Ww]hat (?P<by>{_NAMED}) {_SAYS}[^.;:]{{0,80}}? (?:is|was|it['’]s|it is|it was) "
            rf"[\"“]?(?:[a-z]{{1,15}} ){{0,3}}?{FALSE}",
        ),
        (
            (" what ",),
            rf"\b{_DENIED} what (?P<by>{_NAMED}) {_SAYS}(?: (?:about|on|of) (?P<topic>[^.,;:]{{3,60}}))?",
        ),
        (
            (" never ", " did not "),
            rf"\b[Tt]he [a-z-]{{3,20}} (?:that )?(?P<by>{_NAMED}) {_SAYS}(?: (?P<topic>[^.,;:]{{3,40}}))?"
            r" (?:never (?:happened|took place|existed)|did not (?:happen|take place|exist))",
        ),
        (
            ("accus",),
            rf"\b(?:accus(?:es|ed|ing)|accuse) (?P<by>{_NAMED}) of (?:lying|lies|making (?:it|this|that|the story) up"
            r"|inventing|spreading (?:lies|falsehoods|rumou?rs)|slander|defamation)"
            r"(?: about (?P<topic>[^.,;:]{3,60}))?",
        ),
        (
            (" lied", " up", " invented "),
            rf"\b(?P<by>{_NAMED}) (?:(?:had|has|have) )?(?:lied|made (?:it|this|that|the story|everything) up"
            r"|invented (?:it|this|the story))\b(?: about (?P<topic>[^.,;:]{3,60}))?",
        ),
        (
            (" wrong",),
            rf"\b(?P<by>{_NAMED}) (?:has|had|have|got|gets|had got|has got)"
            r" (?:it|this|that|the [a-z]{2,20}|h(?:is|er) [a-z]{2,20}) (?:all |completely )?wrong\b",
        ),
        (
            (", as ",),
            rf"\b(?:not|never) (?P<nested>[^.;:,]{{3,120}}), as (?P<by>{_NAMED}|an? [a-z ]{{2,40}}?) "
            r"(?:(?:has|have|had) )?(?:alleged?s?|claim(?:s|ed)?|suggest(?:s|ed)|said|says|reported|wrote)\b",
        ),
        (
            ("ontrary to ",),
            rf"\b[Cc]ontrary to (?:what (?P<by>{_NAMED}) {_SAYS}|(?P<owner>{_NAMED})['’]s? "
            r"(?:testimony|claims?|assertions?|allegations?|account|statements?|words|post|letter))(?P<topic>,[^.;:]{3,120})?",
        ),
    )
)


def contradictions(text: str, sentence: Span) -> Iterator[Rejection]:
    """Yield the rejections in a sentence that follow the claim itself, or name who makes it."""
    words = sentence.of(text)
    if "ccus" in words and (found := _ACCUSED.search(text, sentence.start, sentence.end)):
        yield _of_accusation(text, sentence, found)
    else:
        yield from _appended(text, sentence)
    reached = sentence.start
    for triggers, pattern in _CONTRADICTED:
        if not any(trigger in words for trigger in triggers):
            continue
        for found in pattern.finditer(text, sentence.start, sentence.end):
            if found.start() >= reached:
                reached = found.end()
                yield _of_claimer(text, sentence, found)


def _of_accusation(text: str, sentence: Span, found: re.Match[str]) -> Rejection:
    """Return the rejection in "Lind, whom the union accuses of fraud, has denied wrongdoing"."""
    return Rejection(
        answer=Span(*found.span("denial")),
        sentence=sentence,
        noun="accusation",
        owner=found["by"] or text[sentence.start : found.start()],
        claim=Span(*found.span("nested")),
        named=Span(*found.span("nested")),
        topic=found["nested"],
        denier="",
    )


def _appended(text: str, sentence: Span) -> Iterator[Rejection]:
    """Yield the rejection in "The quay is old, Kolm says, which the port denies"."""
    found = _WHICH.search(text, sentence.start, sentence.end) or _APPOSED.search(text, sentence.start, sentence.end)
    if found is None or not _CLAIMED.search(text, sentence.start, found.start()):
        return
    claim = Span(sentence.start, found.start())
    owned = _OWNED.search(claim.of(text))  # "Kolm's charge, which she calls ..."
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
