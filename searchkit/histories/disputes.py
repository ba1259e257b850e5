"""Link a claim to the denial or rejection of it in the same article.

The answer names the claim ("rejected the trust's accusation") or who makes it, or who is accused denies it. Nothing is
judged true, and in doubt there is no link.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from searchkit.histories import Dispute, Place
from searchkit.histories.reading import Reader, Said
from searchkit.histories.rejections import Rejection, has_one, may_reject, rejections
from searchkit.histories.sentences import english, expressions
from searchkit.histories.silence import is_no_comment
from searchkit.statements import pack_for
from searchkit.statements.document import Document
from searchkit.statements.text import Span

# Acts that assert something: a demand or a question is not a claim.
_ASSERTING = frozenset({"say", "claim", "accuse", "announce", "believe", "warn", None})
_ACCUSING = frozenset({"accuse", "claim"})
_PARAGRAPHS_BACK = 4
# The only statement of whom a rejection names is the rejected claim if it has so many content words.
_FEWEST_OF_ONLY = 3
# So many words in common make two statements one matter where nothing else does.
_FEWEST_SHARED = 2


def disputes(document: Document) -> tuple[Dispute, ...]:
    """Return the claims of a document with the answers to them there, in order."""
    if not may_reject(document):
        return ()  # most documents
    reader, rejected = Reader(document), rejections(document)
    links = [*_named(reader, rejected), *_denied(reader, rejected)]
    found = sorted(links, key=lambda link: (link.answer.span, link.claim.span))
    reader.said.clear()  # a cycle of references: a thousand documents would wait for the garbage collector
    return tuple(found)


def unanswered(document: Document) -> tuple[str, ...]:
    """Return the ids of the accusations of somebody without a statement in a document without a denial, a rejection, a
    contention and a refusal to comment: in doubt there is an answer."""
    pack = pack_for(document.language)
    words = expressions(pack).words if pack is not None else {}
    accusing = [quote for quote in document.statements if quote.verb in words.get("accuses", ()) and not quote.negated]
    if pack is None or not accusing or has_one(pack.words["rejecting-verb"], document.text):
        return ()
    if any(quote.verb in words["replies"] or is_no_comment(document, quote) for quote in document.quotes):
        return ()
    speakers = (quote.speaker for quote in document.quotes)
    voices = {entity for speaker in speakers for entity in (speaker.entity_id, speaker.represents)}
    targets = {quote.id: {each for each in quote.about if not each.startswith("place:")} for quote in accusing}
    return tuple(accusation for accusation, accused in targets.items() if accused and voices.isdisjoint(accused))


def _place_of(document: Document, said: Said) -> Place:
    """Return where a statement stands, with all its parts, and with the verb whose object it is."""
    quote, start = said.quote, said.span.start
    if quote.cue is not None and quote.rule == "object":
        start = min(start, quote.cue.start)
    return Place(document.id, quote.id, Span(start, said.span.end))


def _name(said: Said) -> str:
    return said.quote.speaker.name or ""


def _place_at(document: Document, span: Span) -> Place:
    """Return the place of words of the article, with the statement that shares most of them."""
    shared = [
        (min(quote.content.end, span.end) - max(quote.content.start, span.start), quote.id)
        for quote in document.quotes
        if quote.content.overlaps(span)
    ]
    return Place(document.id, max(shared)[1] if shared else None, span)


class _Rejected(Struct):
    """The rejections of one claim, the last of them in most detail, and the statement that surely makes it."""

    rejections: list[Rejection]
    claim: Said | None
    shared: int


def _named(reader: Reader, rejected: Sequence[Rejection]) -> Iterator[Dispute]:
    known = _grouped(reader, rejected)
    for dispute in known:
        if not _is_sure(dispute, is_alone=len(known) == 1):
            continue
        answer, claim = dispute.rejections[-1].answer, dispute.claim
        owner = next((each.owner for each in reversed(dispute.rejections) if each.owner), "")
        words = Place(reader.document.id, None, _words_of(dispute))
        yield Dispute(
            claim=words if claim is None else _place_of(reader.document, claim),
            answer=_place_at(reader.document, answer),
            claimer=owner if claim is None else _name(claim) or owner,
            answerer=next((_name(said) for said in reader.said if said.span.overlaps(answer)), ""),
        )


def _grouped(reader: Reader, rejected: Sequence[Rejection]) -> list[_Rejected]:
    """Return the rejections by their claims."""
    known: list[_Rejected] = []
    for rejection in rejected:
        claim, shared = _claim_of(reader, rejection, rejected)
        same = next((earlier for earlier in known if _is_same(reader, earlier, rejection, claim)), None)
        if same is None:
            known.append(_Rejected([rejection], claim, shared))
            continue
        same.rejections.append(rejection)
        if same.claim is None or (claim is not None and shared > same.shared):
            same.claim, same.shared = claim, shared
    return known


def _is_sure(dispute: _Rejected, *, is_alone: bool) -> bool:
    """Return whether something is surely rejected; "Holm's accusation" may be the claim of another rejection."""
    if dispute.claim is not None:
        return True
    has_topic = is_alone or any(each.topic for each in dispute.rejections)
    return has_topic and not all(each.is_bare for each in dispute.rejections)


def _words_of(dispute: _Rejected) -> Span:
    """Return the words of a claim that no statement surely makes, as the rejections have them."""
    claims = [rejection.claim for rejection in dispute.rejections if rejection.claim is not None]
    return max(claims, key=lambda claim: claim.end - claim.start, default=dispute.rejections[-1].named)


def _is_same(reader: Reader, earlier: _Rejected, rejection: Rejection, claim: Said | None) -> bool:
    """Return whether a rejection is of a claim that was rejected before: the lead and the detail of one story."""
    if claim is not None and claim is earlier.claim:
        return True
    first = earlier.rejections[0]
    if not reader.stems(first.owner).isdisjoint(reader.stems(rejection.owner)):
        return True
    common = len(reader.stems(first.topic) & reader.stems(rejection.topic))
    if claim is not None:
        common = max(common, len(reader.stems(first.topic) & claim.stems))
    if earlier.claim is not None:
        common = max(common, len(earlier.claim.stems & reader.stems(rejection.topic)))
    is_same_noun = first.noun == rejection.noun or "" in {first.noun, rejection.noun}
    return common >= (1 if is_same_noun else _FEWEST_SHARED)


def _claim_of(reader: Reader, rejection: Rejection, rejected: Sequence[Rejection]) -> tuple[Said | None, int]:
    """Return the statement that surely makes the rejected claim, and how many words of it it shares.

    Its speaker is the owner of the claim; or where the sentence names none, it is about who denies, has two words of
    the claim, and no other statement has as many.
    """
    owner, topic, denier = map(reader.stems, (rejection.owner, rejection.topic, rejection.denier))
    owner, topic = owner - denier, topic - owner
    answering = [said for said in reader.said if said.span.overlaps(rejection.answer)]
    claims = _claims_beside(reader, answering, denier, rejected)
    owned = [said for said in claims if not owner.isdisjoint(said.who)]
    if owned:
        near = {said.paragraph for said in owned}
        most, fitting = _fitting(topic, (said for said in claims if said.paragraph in near))
        if most:
            return (fitting[0], most) if _is_of_topic(reader, fitting[0], topic) else (None, 0)
        is_alone = len(owned) == 1 in {len(rejected), len(fitting)} and len(owned[0].stems) >= _FEWEST_OF_ONLY
        return (owned[0] if is_alone and rejection.claim is None else None), 0
    most, fitting = _fitting(topic, (said for said in claims if denier.isdisjoint(said.who)))
    is_enough = rejection.claim is None and most >= (1 if rejection.is_bare else _FEWEST_SHARED)
    return (fitting[0], most) if is_enough and _is_only_about(reader, fitting, denier, answering) else (None, 0)


def _is_of_topic(reader: Reader, claim: Said, topic: frozenset[str]) -> bool:
    """Return whether a claim has half of the words of a topic. A name alone shows no link: "Holm's claims about Lind"
    may mean anything that Holm says of Lind."""
    common = topic & claim.stems
    return 2 * len(common) >= len(topic) and not common <= reader.identifying


def _claims_beside(
    reader: Reader, answering: Sequence[Said], denier: frozenset[str], rejected: Sequence[Rejection]
) -> list[Said]:
    """Return the assertions by others than who answers, outside the sentences of rejections."""
    voices = {said.key for said in answering if said.quote.speaker.entity_id}
    return [
        said
        for said in reader.said
        if said.act in _ASSERTING
        and said.key not in voices
        and not (reader.stems(said.quote.speaker.name or "") or {""}) <= denier
        and not any(said.span.overlaps(other.sentence) for other in rejected)
    ]


def _is_only_about(reader: Reader, claims: Sequence[Said], denier: frozenset[str], answering: Sequence[Said]) -> bool:
    """Return whether there is one claim, and it is about who denies."""
    party = denier.union(*(said.who for said in answering))
    return len(claims) == 1 and not party.isdisjoint(_context(reader, claims[0]))


def _fitting(topic: frozenset[str], claims: Iterable[Said]) -> tuple[int, list[Said]]:
    """Return the statements that share most words with a topic, and how many they share."""
    shared = [(len(topic & said.stems), said) for said in claims]
    most = max((count for count, _ in shared), default=0)
    return most, [said for count, said in shared if count == most]


def _context(reader: Reader, said: Said) -> frozenset[str]:
    """Return the stems of a statement, of its targets and of its paragraph, which may name who is meant."""
    return reader.targets(said) | reader.stems(reader.paragraph_text(said.paragraph))


# --- accusations that their target denies -----------------------------------------------------------------------------


def _denied(reader: Reader, rejected: Sequence[Rejection]) -> Iterator[Dispute]:
    """Yield the claims that their target soon denies: "Ostmark accused Halvern of theft. Halvern denied any theft"."""
    said, taken = reader.said, [rejection.sentence for rejection in rejected]
    for number, answer in enumerate(said):
        is_denial = answer.act == "deny" and answer.quote.verb in reader.replies  # a court "dismisses" charges
        if not is_denial or any(map(answer.span.overlaps, taken)):
            continue
        near = (claim for claim in reversed(said[:number]) if answer.paragraph - claim.paragraph <= _PARAGRAPHS_BACK)
        claim = next((claim for claim in near if claim.who.isdisjoint(answer.who) and _is_denied(answer, claim)), None)
        if claim is not None and _is_of(reader, claim, answer):
            made, denied = (_place_of(reader.document, said) for said in (claim, answer))
            yield Dispute(claim=made, answer=denied, claimer=_name(claim), answerer=_name(answer))


def _is_denied(answer: Said, claim: Said) -> bool:
    """Return whether half of the words of a denial are in the claim; one without words denies an accusation."""
    own = answer.stems - answer.who
    if english().words["anaphoric"].issuperset(answer.folded):
        return claim.act in _ACCUSING
    return claim.act in _ASSERTING and 2 * len(own & claim.stems) >= max(1, len(own))


def _is_of(reader: Reader, claim: Said, answer: Said) -> bool:
    """Return whether a claim is about who answers it."""
    about = answer.who & reader.identifying & _context(reader, claim)
    return bool(about) and not about <= claim.who
