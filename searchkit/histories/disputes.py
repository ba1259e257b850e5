"""Link a claim to the denial, rejection or answer to it.

Strong: the reporter links them in one sentence ("rejected the trust's accusation that ..."). Medium: one article, and
who denies is the target of the claim or speaks for it. Weak: another article within 14 days, the same target, and rare
words in common. Nothing is judged true, and in doubt there is no link. The result depends on the documents alone, never
on their order.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct

from searchkit.document import Document, Quote
from searchkit.histories.base import Dispute, Place, Strength
from searchkit.histories.reading import Reader, Said
from searchkit.histories.rejections import Rejection, rejections
from searchkit.text import Span, fold, sentences

LONGEST_GAP_DAYS = 14
REASONS = {
    "named-claim": "the reporter links them in one sentence",
    "target-denies": "in the same article, the target of the claim or somebody who speaks for it denies it",
    "target-denies-elsewhere": "in another article within 14 days, its target denies something in its words",
}
# Acts that assert something: a demand or a question is no claim.
_ASSERTING = frozenset({"say", "claim", "accuse", "announce", "believe", "warn", None})
# A statement further back is no longer what an answer means.
_LOOKED_BACK = 40
_PARAGRAPHS_BACK = 4
# A word in more statements of an article is its topic, and shows no link.
_RARE = 4
# A negation is no denial: it needs two words of one statement, and a long one says more than that.
_LONGEST_NEGATION = 40
_CLOSE_VOICES = 2
_CLOSE_PARAGRAPHS = 2
_LONGEST_UNTRUE = 12
_UNTRUE = re.compile(
    r"\b(?:(?:this|that|it|they|these|those|claims?|allegations?|accusations?) (?:is|are|was|were)"
    r" (?:[a-z]{1,20} ){0,2}?"
    r"(?:not true|untrue|false|lies?|nonsense|baseless|invented|made up)|never happened"
    r"|(?:das|es) ist (?:[a-zäöü]{1,20} ){0,2}?(?:unwahr|falsch|erfunden|gelogen|eine lüge)"
    r"|c['’]est (?:[a-zé]{1,20} ){0,2}?(?:faux|un mensonge))\b",
    re.IGNORECASE,
)
# "I signed no such order", and what answers the words just before, mean the claim.
_NO_SUCH = re.compile(r"\bno such\b", re.IGNORECASE)
_REPLYING = frozenset(
    "reply;respond;retort;counter;answer;shoot back;hit back;fire back;antworten;entgegnen;erwidern;kontern;répondre"
    ";rétorquer;répliquer".split(";")
)
# A denial of "the accusation" or "any wrongdoing" alone answers what was claimed before.
_ANAPHORIC = frozenset(
    "accusation accusations allegation allegations charge charges claim claims wrongdoing it this that fraud the any"
    " all these those his her its their such of involvement vorwurf vorwurfe die den das toute tout les".split()
)
_DENIED = ("denied", "denies", "rejected", "disputed", "dismissed")
_DENIED_IT = re.compile(
    rf"\b(?:{'|'.join(_DENIED)}) (?:it|this|(?:the|any|all) (?:accusation|allegation|charge|claim)s?)"
    r"\b(?! that)[^.]{0,60}\.\s{1,3}\S{0,2}$"
)
_THAT = re.compile(r" (?:that|dass|que) ")
_WE = re.compile(r"\b(?:we|our|us|wir|unser\w{0,3}|nous|notre|nos)\b", re.IGNORECASE)
_CAPITAL = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w-]{3,40}")
_OFFICE = re.compile(r"\b([\w-]{3,30}) (minist(?:er|ry)|mayor|governor)\b", re.IGNORECASE)


class Claim(Struct, frozen=True, kw_only=True):
    """A claim that an answer elsewhere may meet; a database finds it by its day and the keys of its `targets`."""

    place: Place
    day: date | None
    speakers: frozenset[str]
    targets: frozenset[str]
    words: frozenset[str]


class Answer(Struct, frozen=True, kw_only=True):
    """A denial or negated statement; a database finds it by its day and the keys of those it may speak for."""

    place: Place
    day: date | None
    parties: frozenset[str]
    words: frozenset[str]


class DocumentDisputes(Struct, frozen=True, kw_only=True):
    """What one document has: its strong and medium links, and the claims and answers that may meet others'."""

    links: tuple[Dispute, ...] = ()
    claims: tuple[Claim, ...] = ()
    answers: tuple[Answer, ...] = ()


def read(document: Document) -> DocumentDisputes:
    """Return what a document has of disputes, a function of the document alone."""
    reader = Reader(document)
    return DocumentDisputes(links=_links(reader), claims=_claims(reader), answers=_answers(reader))


def within(document: Document) -> tuple[Dispute, ...]:
    """Return the strong and medium links of one document, in order."""
    return _links(Reader(document))


def unanswered(document: Document, links: Iterable[Dispute]) -> tuple[Place, ...]:
    """Return the accusations of a document that none of the `links` answers, in order."""
    answered = {link.claim.statement for link in links}
    said = Reader(document).said
    return tuple(_place(document, one) for one in said if one.act == "accuse" and one.quote.id not in answered)


def _links(reader: Reader) -> tuple[Dispute, ...]:
    rejected = rejections(reader.document)
    strong = list(_strong(reader, rejected))
    found = [*strong, *_medium(reader, strong, rejected)]
    return tuple(sorted(found, key=lambda link: (link.answer.span, link.claim.span)))


def _link(claim: Place, answer: Place, strength: Strength, rule: str) -> Dispute:
    return Dispute(claim=claim, answer=answer, strength=strength, rule=rule, reason=REASONS[rule])


def _place(document: Document, said: Said) -> Place:
    """Return where a statement stands, with all its parts, and with the verb whose object it is."""
    quote, start = said.quote, said.span.start
    if quote.cue is not None and quote.rule == "object":
        start = min(start, quote.cue.start)
    return Place(document.id, quote.id, Span(start, said.span.end))


def _place_of(document: Document, span: Span) -> Place:
    """Return the place of words of the article, with the statement that shares most of them."""
    shared = [
        (min(quote.content.end, span.end) - max(quote.content.start, span.start), quote.id)
        for quote in document.quotes
        if quote.content.overlaps(span)
    ]
    return Place(document.id, max(shared)[1] if shared else None, span)


# --- strong -----------------------------------------------------------------------------------------------------------


class _Rejected(Struct):
    """The rejections of one claim, and the statement that makes the claim, with how well it fits."""

    rejections: list[Rejection]
    claim: Said | None
    score: float


def _strong(reader: Reader, rejected: tuple[Rejection, ...]) -> Iterator[Dispute]:
    document = reader.document
    taken = [rejection.sentence for rejection in rejected]
    claims = [said for said in reader.said if said.act in _ASSERTING and not any(map(said.span.overlaps, taken))]
    known: list[_Rejected] = []
    for rejection in rejected:
        score, claim = _claim_of(reader, rejection, claims)
        same = next((earlier for earlier in known if _is_same(reader, earlier, rejection, claim)), None)
        if same is None:
            known.append(_Rejected([rejection], claim, score))
            continue
        same.rejections.append(rejection)
        if score > same.score:
            same.claim, same.score = claim, score
    for one in known:
        words = next((rejection.claim for rejection in one.rejections if rejection.claim is not None), None)
        words = words if one.claim is not None else _written(reader, one.rejections, taken) or words
        if one.claim is None and words is None:
            continue
        place = _place(document, one.claim) if one.claim is not None else _place_of(document, words or Span(0, 0))
        yield _link(place, _place_of(document, one.rejections[-1].answer), "strong", "named-claim")


def _written(reader: Reader, rejected: Iterable[Rejection], taken: list[Span]) -> Span | None:
    """Return what the claimer "wrote that ..." in a sentence with words of the claim, where no statement was found."""
    for rejection in rejected:
        owner, topic = reader.stems(rejection.owner), reader.stems(rejection.topic)
        if not owner:
            continue
        for paragraph in reader.document.paragraphs:
            for sentence in sentences(reader.text, paragraph):
                that = _THAT.search(reader.text, sentence.start, sentence.end)
                if sentence in taken or that is None:
                    continue
                named = owner <= reader.stems(reader.text[sentence.start : that.start()])
                if named and not topic.isdisjoint(reader.stems(reader.text[that.end() : sentence.end])):
                    return Span(that.end(), sentence.end)
    return None


def _is_same(reader: Reader, earlier: _Rejected, rejection: Rejection, claim: Said | None) -> bool:
    """Return whether a rejection is of a claim that was rejected before: the lead and the detail of one story."""
    if claim is not None and claim is earlier.claim:
        return True
    first = earlier.rejections[0]
    if not reader.stems(first.owner).isdisjoint(reader.stems(rejection.owner)):
        return True
    return first.noun == rejection.noun and not reader.stems(first.topic).isdisjoint(reader.stems(rejection.topic))


def _claim_of(reader: Reader, rejection: Rejection, claims: Iterable[Said]) -> tuple[float, Said | None]:
    """Return the statement that makes the rejected claim, by its owner or in its words, and how well it fits."""
    owner, topic, denier = map(reader.stems, (rejection.owner, rejection.topic, rejection.denier))
    voices = {
        said.key
        for said in reader.said
        if said.span.overlaps(rejection.answer) and said.quote.speaker.entity_id and said.act in {"deny", "say"}
    }
    claims = [
        said
        for said in claims
        if said.key not in voices and denier.isdisjoint(reader.stems(said.quote.speaker.name or ""))
    ]
    owned = {
        said.quote.id for said in claims if not owner.isdisjoint(said.who) or not owner.isdisjoint(reader.around(said))
    }
    near = {said.paragraph for said in claims if said.quote.id in owned}
    # "the group's suggestion": the article names the group otherwise
    described = not owned and reader.is_body(rejection.owner)
    best: tuple[float, bool, int] = (0.0, False, 0)
    found: Said | None = None
    for said in claims:
        shared = len(topic & said.stems)
        if said.quote.id in owned:
            score = 2.0 + 1.5 * min(shared, 3)
        elif shared and (said.paragraph in near or described or (not owner and shared > 1)):
            score = 1.0 + 1.5 * min(shared, 3)
        else:
            continue
        score += not denier.isdisjoint(reader.targets(said))
        key = score, said.quote.kind == "direct", -abs(said.span.start - rejection.answer.start)
        if key > best:
            best, found = key, said
    return best[0], found


# --- medium -----------------------------------------------------------------------------------------------------------


def _medium(reader: Reader, strong: list[Dispute], rejected: tuple[Rejection, ...]) -> Iterator[Dispute]:
    document, said = reader.document, reader.said
    taken = {place.statement for link in strong for place in (link.claim, link.answer)}
    linked = reader.stems(" ".join(rejection.denier for rejection in rejected))
    deniers = {one.key for one in said if any(one.span.overlaps(rejection.sentence) for rejection in rejected)}
    common = _common(said)
    answered: set[tuple[str, str]] = set()
    for number, answer in enumerate(said):
        if answer.quote.id in taken or answer.key in deniers or not _denies(reader, answer):
            continue
        if not linked.isdisjoint(reader.stems(answer.quote.speaker.name or "")):
            continue  # the reporter has linked what they deny
        before = said[max(0, number - _LOOKED_BACK) : number]
        claims = [claim for claim in before if claim.quote.id not in taken and _is_target(reader, claim, answer)]
        if not claims or not _meets(reader, claims, number, common):
            continue
        claim = _own_words(claims, said, answer)
        again = answer.act != "deny" and any(key == answer.key for _, key in answered)
        if not again and (claim.quote.id, answer.key) not in answered:
            answered.add((claim.quote.id, answer.key))
            yield _link(_place(document, claim), _place(document, answer), "medium", "target-denies")


def _common(said: list[Said]) -> frozenset[str]:
    counts: dict[str, int] = {}
    for one in said:
        for stem in one.stems:
            counts[stem] = counts.get(stem, 0) + 1
    return frozenset(stem for stem, count in counts.items() if count > _RARE)


def _denies(reader: Reader, said: Said) -> bool:
    """Return whether a statement denies: by its verb, by a negation, or behind "Holm denied it"."""
    return said.act == "deny" or (
        said.act in _ASSERTING and (said.contradicts or _is_untrue(said) or _follows_denial(reader, said))
    )


def _is_untrue(said: Said) -> bool:
    """Return whether a short statement only calls something untrue: "That is a lie"."""
    return len(said.folded) <= _LONGEST_UNTRUE and _UNTRUE.search(said.words) is not None


def _follows_denial(reader: Reader, said: Said) -> bool:
    """Return whether the sentence before, of the same paragraph, only says that somebody denied it."""
    if not reader.document.paragraphs:
        return False
    start = reader.document.paragraphs[said.paragraph].start
    before = reader.text[max(start, said.span.start - 160) : said.span.start]
    return any(verb in before for verb in _DENIED) and _DENIED_IT.search(before) is not None


def _is_target(reader: Reader, claim: Said, answer: Said) -> bool:
    """Return whether who answers is the target of the claim, and the text reports no agreement in between."""
    if claim.key == answer.key or claim.act not in _ASSERTING:
        return False
    denied = answer.act == "deny" or _follows_denial(reader, answer)
    if not denied and answer.paragraph - claim.paragraph > _PARAGRAPHS_BACK:
        return False
    targets = reader.targets(claim)
    if denied:  # who denies in so many words may be named next to the claim
        targets |= reader.stems(reader.paragraph_text(claim.paragraph))
    if (answer.who - claim.who).isdisjoint(targets):
        return False
    return not any(claim.span.end <= at < answer.span.end for at in reader.agreements)


def _meets(reader: Reader, claims: list[Said], number: int, common: frozenset[str]) -> bool:
    """Return whether an answer is about what was claimed: rare words in common, or "the accusation" alone."""
    said = reader.said
    answer, denied = said[number], said[number].act == "deny"
    if _follows_denial(reader, answer) or _is_untrue(answer) or (denied and _ANAPHORIC.issuperset(answer.folded)):
        return True
    own = answer.stems
    if denied:  # what the speaker adds belongs to it
        own = own.union(*(one.stems for one in said[number + 1 : number + 4] if one.paragraph == answer.paragraph))
    first = next(at for at, one in enumerate(said) if one is claims[0])
    side = [one for one in said[first:number] if one.key != answer.key and (denied or not one.is_negated)]
    own -= answer.who | common
    if denied or answer.quote.verb in _REPLYING or _NO_SUCH.search(answer.words):
        return any(own & one.stems for one in side)
    if len(answer.folded) > _LONGEST_NEGATION:
        return False
    # Right behind the claim, one word is enough: "felled eleven limes" - "There were no limes on the plot".
    close = (
        len({one.key for one in side}) <= _CLOSE_VOICES and answer.paragraph - claims[0].paragraph <= _CLOSE_PARAGRAPHS
    )
    fewest = 1 if close and answer.is_negated and _first_words(said, number) else 2
    return any(len(own & one.stems) >= fewest for one in side)


def _first_words(said: list[Said], number: int) -> bool:
    """Return whether a speaker says this before anything else in the article."""
    return all(one.key != said[number].key for one in said[:number])


def _own_words(claims: list[Said], said: list[Said], answer: Said) -> Said:
    """Return the first claim; for a reporter's summary ("accused X of ...") the accuser's words that follow it."""
    first = claims[0]
    following = next((one for one in said if one.span.start > first.span.start), answer)
    quoted = following.quote.kind == "direct" and following.key != answer.key
    ahead = following.span.start < answer.span.start
    return following if first.quote.rule == "object" and quoted and ahead else first


# --- weak -------------------------------------------------------------------------------------------------------------


def _claims(reader: Reader) -> tuple[Claim, ...]:
    document = reader.document
    return tuple(
        Claim(
            place=_place(document, said),
            day=_day(said.quote, document),
            speakers=_keys(said.quote),
            targets=_named(reader, said) - _keys(said.quote),
            words=said.stems,
        )
        for said in reader.said
        if said.act in _ASSERTING and not said.is_negated
    )


def _answers(reader: Reader) -> tuple[Answer, ...]:
    document = reader.document
    return tuple(
        Answer(
            place=_place(document, said),
            day=_day(said.quote, document),
            parties=_keys(said.quote) | _around(reader, said),
            words=said.stems,
        )
        for said in reader.said
        if _denies(reader, said)
    )


def across(claim: Claim, answer: Answer) -> Dispute | None:
    """Return the weak link of a claim and an answer in two documents, or None."""
    return _link(claim.place, answer.place, "weak", "target-denies-elsewhere") if _shared(claim, answer) else None


def answered(claims: Iterable[Claim], answer: Answer) -> Dispute | None:
    """Return the weak link of an answer to the claim with which it shares most words, of these to the latest."""
    fitting = [
        (len(shared), claim.day or date.min, claim.place) for claim in claims if (shared := _shared(claim, answer))
    ]
    return _link(max(fitting)[2], answer.place, "weak", "target-denies-elsewhere") if fitting else None


def _shared(claim: Claim, answer: Answer) -> frozenset[str]:
    """Return the words, without names, that a claim shares with an answer of its target within the time; else none."""
    if claim.place.document == answer.place.document or claim.day is None or answer.day is None:
        return frozenset()
    targets = claim.targets & answer.parties
    in_time = 0 <= (answer.day - claim.day).days <= LONGEST_GAP_DAYS
    if not in_time or not targets or not claim.speakers.isdisjoint(answer.parties):
        return frozenset()
    names = {word[:5] for key in targets | answer.parties for word in re.split("[- ]", key)}
    return (claim.words & answer.words) - names


def _day(quote: Quote, document: Document) -> date | None:
    stated = document.published or quote.date
    return stated.earliest if stated is not None else None


def _entity_key(entity_id: str) -> str:
    """Return an id without its kind, which may differ between articles."""
    return entity_id.partition(":")[2]


def _keys(quote: Quote) -> frozenset[str]:
    return frozenset(_entity_key(entity) for entity in (quote.speaker.entity_id, quote.speaker.represents) if entity)


def _named(reader: Reader, said: Said) -> frozenset[str]:
    ids = (*reader.entities_in(said.span), *said.quote.about)
    return frozenset([*map(_entity_key, ids), *_offices(said.words), *_capitals(said.words)])


def _offices(text: str) -> Iterator[str]:
    """Yield "culture minist" for the minister and for the ministry."""
    return (f"{fold(found[1])} {fold(found[2])[:6]}" for found in _OFFICE.finditer(text))


def _capitals(text: str) -> Iterator[str]:
    """Yield words with a capital: names that the extractor may not know."""
    return (fold(found[0]) for found in _CAPITAL.finditer(text))


def _around(reader: Reader, said: Said) -> frozenset[str]:
    """Return the keys of the names around a statement: in its paragraph up to its end; for "we", also in the lead."""
    document, text = reader.document, reader.text
    start = document.paragraphs[said.paragraph].start if document.paragraphs else said.span.start
    within = [Span(start, max(document.sentence_of(said.quote).end, said.span.end))]
    led: Iterator[str] = iter(())
    if _WE.search(said.words) and document.paragraphs:
        within.append(document.paragraphs[0])
        if not (document.language or "").startswith("de"):  # every noun has a capital
            led = _capitals(document.paragraphs[0].of(text))
    ids = [entity for span in within for entity in reader.entities_in(span)]
    surnames = (_entity_key(entity).rpartition("-")[2] for entity in ids if entity.startswith("person:"))
    return frozenset([*map(_entity_key, ids), *surnames, *led, *_offices(within[0].of(text))])
