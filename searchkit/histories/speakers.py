"""Compare the speakers of two statements: the same, related (a body and who speaks for it), or different.

Articles name one speaker in many ways: "Imre Varga", "Coach Varga", "Goalscorer Tico Ramos", "the company", "a
spokeswoman for Lofthouse". Only two speakers that are named, and between whom no article shows a relation, are
different.
"""

from searchkit.document import Document, Quote, Speaker
from searchkit.extract.word_lists import word_sets
from searchkit.text import name_key

# Speakers of less confidence are shown as uncertain.
_CERTAIN = 0.85
# A pronoun names its speaker only if no other person fits.
_BY_PRONOUN = 0.95
_NAMED = frozenset({"full-name", "surname", "title"})
# One letter may differ in a surname of this length: Selenskyj, Selenskij.
_SPELLED_LENGTH = 6


def is_certain(quote: Quote) -> bool:
    """Return whether the article names the speaker of a statement beyond reasonable doubt."""
    speaker = quote.speaker
    if not speaker.entity_id or not speaker.name:
        return False
    if speaker.resolved_by == "pronoun":
        return speaker.confidence >= _BY_PRONOUN and not speaker.rivals
    return speaker.resolved_by in _NAMED and speaker.confidence >= _CERTAIN


def names_agree(first: str, second: str) -> bool:
    """Return whether two names can be the same: the surnames agree, and no given name contradicts.

    >>> names_agree("Goalscorer Tico Ramos", "Ramos"), names_agree("Marek Tull", "Jon Tull")
    (True, False)
    """
    ours, theirs = name_key(first).split(), name_key(second).split()
    if not ours or not theirs:
        return False
    if not _spelled_alike(ours[-1], theirs[-1]):
        return False
    before, other = ours[:-1], theirs[:-1]
    if not before or not other:
        return True
    return any(one.startswith(two) or two.startswith(one) for one in before for two in other)


def same_voice(first: Speaker, second: Speaker) -> bool:
    """Return whether two speakers are one, speak for one body, or one speaks for the other."""
    ids = {first.entity_id, first.represents} & {second.entity_id, second.represents} - {None}
    return bool(ids) or _same_or_body(first, second)


def related(first: tuple[Document, Quote], second: tuple[Document, Quote]) -> bool:
    """Return whether the speakers of two statements are the same or related, as far as the two articles show.

    They are if one names the other where it names its speaker ("Commerce" and "Faith Delorme, the under-secretary for
    commerce"), or if the speaker of one has an office and the article names the other, which is no person's full name.
    """
    one, other = first[1].speaker, second[1].speaker
    if other.entity_id in (one.entity_id, one.represents) or one.entity_id == other.represents:
        return True
    return _same_or_body(one, other) or _names(first, other) or _names(second, one)


def _names(statement: tuple[Document, Quote], other: Speaker) -> bool:
    """Return whether the article of a statement relates its speaker to `other`."""
    document, quote = statement
    name = name_key(other.name or "")
    if not name or other.name in quote.speaker.rivals:
        return True
    sentence = document.sentence_of(quote)
    attribution = (
        document.text[sentence.start : quote.content.start] + " " + document.text[quote.content.end : sentence.end]
    )
    surname = name.rpartition(" ")[2]
    wanted = name if surname in name_key(quote.speaker.name or "").split() else surname
    if f" {wanted} " in f" {name_key(attribution)} ":
        return True
    return _mentions_body(document, other) and _may_represent(document, quote.speaker, name)


def _may_represent(document: Document, speaker: Speaker, body: str) -> bool:
    """Return whether the document gives a speaker an office, such as president or spokesman, and at no other body."""
    offices = word_sets("set_phrases.txt")["office"]
    same = [quote.speaker for quote in document.quotes if quote.speaker.entity_id == speaker.entity_id]
    bodies = [name_key(other.affiliation) for other in same if other.affiliation]
    if bodies and not any(body in affiliation or affiliation in body for affiliation in bodies):
        return False
    return any(offices.intersection(name_key(other.role or "").split()) for other in same)


def _mentions_body(document: Document, speaker: Speaker) -> bool:
    """Return whether a document names the speaker, who is no person there, also in full for initials elsewhere."""
    name = name_key(speaker.name or "")
    for mention in document.mentions:
        mentioned = name_key(mention.name)
        initials = "".join(word[0] for word in mentioned.split()) if " " in mentioned else ""
        if name in {mentioned, initials} and (mention.kind != "person" or " " not in name):
            return True
    is_person = (speaker.entity_id or "").startswith("person:") and " " in name
    return not is_person and f" {name} " in f" {name_key(document.text)} "


def _same_or_body(first: Speaker, second: Speaker) -> bool:
    """Return whether the names of two speakers agree, or one is a person of the body that the other is."""
    named = first.entity_id and second.entity_id
    if named and names_agree(first.name or "", second.name or ""):
        return True
    return _belongs(first, second) or _belongs(second, first)


def _belongs(member: Speaker, body: Speaker) -> bool:
    """Return whether a speaker's affiliation is `body`, or that of an unnamed `body` ("the company's president")."""
    affiliation = name_key(member.affiliation or "")
    name = name_key((body.name if body.entity_id else body.affiliation) or "")
    return bool(affiliation and name) and f" {name} " in f" {affiliation} "


def _spelled_alike(first: str, second: str) -> bool:
    if first == second:
        return True
    if min(len(first), len(second)) < _SPELLED_LENGTH or abs(len(first) - len(second)) > 1:
        return False
    start = next(
        (at for at, (one, two) in enumerate(zip(first, second, strict=False)) if one != two),
        min(len(first), len(second)),
    )
    return (
        first[start + 1 :] == second[start + 1 :]
        or first[start:] == second[start + 1 :]
        or first[start + 1 :] == second[start:]
    )
