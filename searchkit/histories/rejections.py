"""Find the sentences in which a reporter names a claim and its rejection: "rejected the trust's accusation"."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from searchkit.histories.claim_nouns import ACCUSATIONS, of_nouns
from searchkit.histories.contradictions import contradictions
from searchkit.histories.rejection import Rejection
from searchkit.statements import Pack, pack_for
from searchkit.statements.document import Document
from searchkit.statements.text import Span, fold, sentences

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
# Words of which a paragraph with a rejection has one of each kind; most texts have none, and are not searched.
_CLAIMING_WORDS = frozenset(
    "accuse accuses accused accusing wrong what mistaken lying lied contrary which something misinformed never made"
    " not".split()
)
_REJECTING_WORDS = frozenset(
    "responding reacting response mistaken lying lied contrary misinformed never inventing spreading wrong truth"
    " substance merit contained contains whatsoever accept recognise recognize".split()
)
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
    '":',
    "”:",
    ")",
)


@lru_cache(maxsize=8)
def _claiming(pack: Pack) -> frozenset[str]:
    """Return the words of which a sentence with a rejection has one."""
    return with_marks({*map(fold, pack.words["claim-noun"]), *_CLAIMING_WORDS})


@lru_cache(maxsize=8)
def _rejecting(pack: Pack) -> frozenset[str]:
    """Return the first content word of each expression with which a claim is rejected, as texts write them."""
    words = pack.words
    small = words["determiner"] | words["preposition"] | words["negation"] | {"no", "not", "a"}
    phrases = [fold(word).split("-") for word in words["rejecting-verb"] | words["untrue"]]
    firsts = {next((word for word in phrase if word not in small), phrase[0]) for phrase in phrases}
    return with_marks(firsts | _REJECTING_WORDS | ACCUSATIONS)


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
            written = sentence.of(document.text)
            if not nouns.isdisjoint(fold(written).split()) and not written.endswith("?"):
                found.extend(find(document.text, sentence, paragraph, pack))
    return tuple(found)


def _english(text: str, sentence: Span, paragraph: Span, pack: Pack) -> Iterator[Rejection]:
    yield from contradictions(text, sentence)
    yield from of_nouns(text, sentence, paragraph, pack)


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
