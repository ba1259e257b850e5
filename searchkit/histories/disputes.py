"""Link a claim to the denial, rejection or answer to it.

Strong: the answer names the claim ("rejected the trust's accusation"), or who makes it. Medium: one article, and
who denies is the target of the claim or speaks for it. Nothing is judged true, and in doubt there is no link.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import takewhile

from msgspec import Struct

from searchkit.histories import Dispute, Place, Strength
from searchkit.histories.reading import Reader, Said, is_negated
from searchkit.histories.rejections import Rejection, may_reject, rejections
from searchkit.histories.sentences import english
from searchkit.index.values import act_of
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span, sentences

# Acts that may be disputed by themselves.
_MATTERING = frozenset({"claim", "accuse", "deny"})
# Acts that assert something: a demand or a question is not a claim.
_ASSERTING = frozenset({"say", "claim", "accuse", "announce", "believe", "warn", None})
_PARAGRAPHS_BACK = 4
# A word in more statements of an article is its topic, and shows no link.
_RARE = 4
# The only statement of whom a rejection names is the rejected claim if it has so many content words.
_FEWEST_OF_ONLY = 3
# A negation is a denial only in the words of a claim; a longer one (in characters) says more than that.
_LONGEST_NEGATION = 240
_LONGEST_UNTRUE = 70
# Where no more voices speak before a denial, they are one side: a group, and the person who speaks for it.
_CLOSE_VOICES = 2
_REASONS = {
    "named-claim": "one sentence names the claim and rejects it",
    "named-claimer": "in the same article, the target of the claim contradicts it and names who makes it",
    "target-denies": "in the same article, the target of the claim or somebody who speaks for it denies it",
}
# So many words in common make two statements one matter where nothing else does.
_FEWEST_SHARED = 2
_THAT = re.compile(r" (?:that|dass|que) ")


def disputes(document: Document) -> tuple[Dispute, ...]:
    """Return the claims of a document with the answers to them there, in order."""
    if not may_reject(document) and not any(_matters(document, quote) for quote in document.quotes):
        return ()  # most documents
    reader = Reader(document)
    rejected = rejections(document) if reader.may_deny else ()
    found = [*_strong(reader, rejected), *_medium(reader, rejected)]
    reader.said.clear()  # a cycle of references: a thousand documents would wait for the garbage collector
    return tuple(sorted(found, key=lambda link: (link.answer.span, link.claim.span)))


def _matters(document: Document, quote: Quote) -> bool:
    """Return whether a statement may be a claim or an answer by itself."""
    act = act_of(quote.verb, negated=quote.negated) if quote.verb else None
    if act in _MATTERING:
        return True
    # A negation matters only after what somebody else said.
    is_first_voice = quote.speaker.name == document.quotes[0].speaker.name
    return act in _ASSERTING and not is_first_voice and is_negated(document, quote)


def _link(claim: Place, answer: Place, strength: Strength, rule: str) -> Dispute:
    return Dispute(claim=claim, answer=answer, strength=strength, rule=rule, reason=_REASONS[rule])


def _place_of(document: Document, said: Said) -> Place:
    """Return where a statement stands, with all its parts, and with the verb whose object it is."""
    quote, start = said.quote, said.span.start
    if quote.cue is not None and quote.rule == "object":
        start = min(start, quote.cue.start)
    return Place(document.id, quote.id, Span(start, said.span.end))


def _place_at(document: Document, span: Span) -> Place:
    """Return the place of words of the article, with the statement that shares most of them."""
    shared = [
        (min(quote.content.end, span.end) - max(quote.content.start, span.start), quote.id)
        for quote in document.quotes
        if quote.content.overlaps(span)
    ]
    return Place(document.id, max(shared)[1] if shared else None, span)


# --- strong -----------------------------------------------------------------------------------------------------------


class _Rejected(Struct):
    """The rejections of one claim, the last of them in most detail, and the statement that surely makes it."""

    rejections: list[Rejection]
    claim: Said | None
    shared: int


def _strong(reader: Reader, rejected: Sequence[Rejection]) -> Iterator[Dispute]:
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
    for dispute in known:
        if dispute.claim is None and len(known) > 1 and not any(each.topic for each in dispute.rejections):
            continue  # "Holm's accusation" alone may be the claim of another rejection
        if dispute.claim is None and all(each.is_bare for each in dispute.rejections):
            continue
        if all(each.of_target for each in dispute.rejections) and not _is_target(reader, dispute):
            continue
        answer = _place_at(reader.document, dispute.rejections[-1].answer)
        if dispute.claim is not None:
            yield _link(_place_of(reader.document, dispute.claim), answer, "strong", "named-claim")
        else:
            yield _link(_place_at(reader.document, _words_of(reader, dispute)), answer, "strong", "named-claim")


def _is_target(reader: Reader, dispute: _Rejected) -> bool:
    """Return whether the rejected claim is about who rejects it."""
    if dispute.claim is None:
        return False
    answer = dispute.rejections[-1].answer
    voices = [said.who for said in reader.said if said.span.overlaps(answer)]
    denier = reader.stems(" ".join(each.denier for each in dispute.rejections)).union(*voices)
    return not (denier & reader.identifying).isdisjoint(_context(reader, dispute.claim) - dispute.claim.who)


def _words_of(reader: Reader, dispute: _Rejected) -> Span:
    """Return the words of a claim that no statement surely makes: as the claimer wrote them, or as it is rejected."""
    taken = [rejection.sentence for rejection in dispute.rejections]
    for rejection in dispute.rejections:
        owner, topic = reader.stems(rejection.owner), reader.stems(rejection.topic)
        for paragraph in reader.document.paragraphs if owner else ():
            for sentence in sentences(reader.text, paragraph):
                that = _THAT.search(reader.text, sentence.start, sentence.end)
                if sentence in taken or that is None:
                    continue
                named = owner <= reader.stems(reader.text[sentence.start : that.start()])
                if named and not topic.isdisjoint(reader.stems(reader.text[that.end() : sentence.end])):
                    return Span(that.end(), sentence.end)
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
    owned = [said for said in claims if not owner.isdisjoint(said.who | reader.around(said))]
    # What the sentence says of the claim must be there in good part; "Holm's claim" alone may mean anything of Holm's.
    least = len(topic) / 2 if rejection.claim is not None else 0
    if owned:
        near = {said.paragraph for said in owned}
        most, fitting = _fitting(topic, (said for said in claims if said.paragraph in near))
        is_alone = len(owned) == 1 in {len(rejected), len(fitting)}
        if is_alone and not most and rejection.claim is None and len(owned[0].stems) >= _FEWEST_OF_ONLY:
            return owned[0], 0
        return (fitting[0], most) if most >= max(1, least) else (None, 0)
    most, fitting = _fitting(topic, (said for said in claims if denier.isdisjoint(said.who)))
    is_enough = most >= max(1 if rejection.is_bare else _FEWEST_SHARED, least)
    return (fitting[0], most) if is_enough and _is_only_about(reader, fitting, denier, answering) else (None, 0)


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


# --- medium -----------------------------------------------------------------------------------------------------------


def _medium(reader: Reader, rejected: Sequence[Rejection]) -> Iterator[Dispute]:
    said = reader.said
    taken = [rejection.sentence for rejection in rejected]
    rejecting = reader.stems(" ".join(rejection.denier for rejection in rejected))
    answered: set[tuple[str, str]] = set()
    for number, answer in enumerate(said):
        denies = _denies(reader, answer)
        if not number or not (denies or _negates(answer)) or any(map(answer.span.overlaps, taken)):
            continue
        if rejecting and not rejecting.isdisjoint(answer.who):
            continue  # the reporter has linked what they deny
        claim = _denied_claim(reader, said[:number], answer, denies)
        if claim is None or any(map(claim.span.overlaps, taken)) or (claim.quote.id, answer.key) in answered:
            continue
        answered.add((claim.quote.id, answer.key))
        place = _place_of(reader.document, answer)
        if _says_nothing(reader, answer):  # the reason that follows belongs to it
            following = takewhile(partial(_goes_on, answer), said[number + 1 :])
            end = max([answer.span.end, *(other.span.end for other in following)])
            place = Place(place.document, place.statement, Span(place.span.start, end))
        if _names(reader, answer, claim):
            yield _link(_place_of(reader.document, claim), place, "strong", "named-claimer")
        else:
            yield _link(_place_of(reader.document, claim), place, "medium", "target-denies")


def _names(reader: Reader, answer: Said, claim: Said) -> bool:
    """Return whether an answer names the speaker of a claim with its first words."""
    named = reader.stems(claim.quote.speaker.name or "") & reader.identifying
    return not named.isdisjoint(answer.opening)


def _goes_on(answer: Said, other: Said) -> bool:
    is_same = other.key == answer.key or not other.who.isdisjoint(answer.who)
    return is_same and other.paragraph == answer.paragraph


def _denies(reader: Reader, said: Said) -> bool:
    """Return whether a statement denies: by its verb, "That is a lie", or behind "Holm denied it"."""
    return said.act == "deny" or (
        said.act in _ASSERTING and reader.may_deny and (_is_untrue(said) or _follows_denial(reader, said))
    )


def _negates(said: Said) -> bool:
    is_short = said.span.end - said.span.start <= _LONGEST_NEGATION
    return said.act in _ASSERTING and is_short and said.is_negated and "comment" not in said.folded


def _is_untrue(said: Said) -> bool:
    """Return whether a short statement only calls something untrue: "That is a lie"."""
    return (
        said.span.end - said.span.start <= _LONGEST_UNTRUE
        and english().single["only-untrue"].search(said.words) is not None
    )


def _follows_denial(reader: Reader, said: Said) -> bool:
    """Return whether the sentence before, of the same paragraph, only says that somebody denied it."""
    if not reader.document.paragraphs:
        return False
    start = reader.document.paragraphs[said.paragraph].start
    return (
        english().single["denied-it"].search(reader.text[max(start, said.span.start - 160) : said.span.start])
        is not None
    )


def _says_nothing(reader: Reader, said: Said) -> bool:
    """Return whether a denial has no words of its own: "denied wrongdoing", "That is a lie"."""
    return _follows_denial(reader, said) or _is_untrue(said) or english().words["anaphoric"].issuperset(said.folded)


def _denied_claim(reader: Reader, before: list[Said], answer: Said, denies: bool) -> Said | None:
    """Return the claim that an answer denies, if it is sure: about its speaker, and in its words or the only one."""
    claims = [claim for claim in before if _may_answer(answer, claim)]
    named = _named_claim(reader, claims, answer, denies)
    if named is not None:
        return named
    nothing = denies and _says_nothing(reader, answer)
    own = answer.stems - _common(reader.said) - (answer.who if denies else frozenset())
    if not nothing and not (_shares(answer.stems, claims, denies) and _shares(own, claims, denies)):
        return None
    voices = {claim.key for claim in claims}
    for number, claim in enumerate(claims):
        side = [other for other in claims[number:] if other.key == claim.key or len(voices) <= _CLOSE_VOICES]
        if _is_about(reader, claim, answer, denies) and (nothing or _shares(own, side, denies)):
            is_agreed = reader.is_agreed(Span(claim.span.end, answer.span.end))
            return None if is_agreed else _own_words(claim, side, own)
    return None


def _named_claim(reader: Reader, claims: list[Said], answer: Said, denies: bool) -> Said | None:
    """Return the claim whose speaker an answer names, if it shares words with it."""
    named = [
        (_shared_with(reader, answer, claim), -at) for at, claim in enumerate(claims) if _names(reader, answer, claim)
    ]
    least = 1 if denies or "never" in answer.folded[:8] else _FEWEST_SHARED
    return claims[-max(named)[1]] if named and max(named)[0] >= least else None


def _may_answer(answer: Said, claim: Said) -> bool:
    """Return whether an answer comes soon after an assertion by somebody else."""
    is_assertion = claim.key != answer.key and claim.act in _ASSERTING and not claim.is_negated
    return is_assertion and answer.paragraph - claim.paragraph <= _PARAGRAPHS_BACK


def _is_about(reader: Reader, claim: Said, answer: Said, denies: bool) -> bool:
    """Return whether a claim is about who answers it."""
    about = answer.who & reader.identifying & (_context(reader, claim) if denies else reader.targets(claim))
    return bool(about) and not about <= claim.who


def _shared_with(reader: Reader, answer: Said, claim: Said) -> int:
    """Return how many words, besides names, an answer shares with a claim about its speaker; 0 for another claim."""
    is_about = _is_about(reader, claim, answer, denies=True)
    return len((answer.stems & claim.stems) - reader.identifying) if is_about else 0


def _shares(own: frozenset[str], claims: list[Said], denies: bool) -> bool:
    """Return whether half of the words of a denial are in the claims; of a mere negation, nearly all."""
    shared = len(own & frozenset[str]().union(*(claim.stems for claim in claims)))
    return shared > 0 and 2 * shared >= len(own) if denies else shared >= _FEWEST_SHARED and 3 * shared >= 2 * len(own)


def _common(said: list[Said]) -> frozenset[str]:
    counts: dict[str, int] = {}
    for one in said:
        for stem in one.stems:
            counts[stem] = counts.get(stem, 0) + 1
    return frozenset(stem for stem, count in counts.items() if count > _RARE)


def _own_words(claim: Said, side: list[Said], denied: frozenset[str]) -> Said:
    """Return a claim; for a reporter's summary ("accused X of ...") the accuser's words that follow it."""
    if claim.quote.rule != "object":
        return claim
    return next((said for said in side[1:] if said.quote.kind == "direct" or denied & said.stems), claim)
