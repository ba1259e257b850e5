"""Compare the speakers of two statements: the same, related (a body and who speaks for it), or different.

Articles name one speaker in many ways: "Imre Varga", "Coach Varga", "Goalscorer Tico Ramos", "the company", "a
spokeswoman for Lofthouse". Only two speakers that are named, and between whom no article shows a relation, are
different.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import product

from searchkit.statements import pack_for, word_sets
from searchkit.statements.document import Document, Quote, Speaker
from searchkit.statements.text import Span, family_name, name_key
from searchkit.wording.alike import is_one_name, is_surname
from searchkit.wording.meaning import words_of

# An article names a speaker beyond doubt from this confidence on, by a pronoun or a description from the second.
_CERTAIN = 0.85
_CERTAIN_UNNAMED = 0.9
_NAMED = frozenset({"full-name", "surname", "title"})
# An article relates two names that stand so close ("Castor's chairman, Leo Papandros"), unless a clause begins between.
_CLOSE = 40
_CLAUSE = re.compile(r"\b(?:who|whom|which|that|while|but|der|die|das|qui|dont|que)\b|[.;:\n]")
# Between two persons, an office or one of these stands as well: "repeated what Holm said", "Holm and Brandl".
_WORD = re.compile(r"[^\W_][\w'\u2019-]{0,63}")
_BETWEEN_PERSONS = re.compile(
    r"\b(?:and|und|et|quot\w{1,4}|cit(?:ed|ing|es)|repeat\w{1,3}|words|zitiert\w{0,2})\b", re.IGNORECASE
)
_STEM = 6


def is_certain(quote: Quote) -> bool:
    """Return whether the article names the speaker of a statement beyond reasonable doubt."""
    speaker = quote.speaker
    least = _CERTAIN if speaker.resolved_by in _NAMED else _CERTAIN_UNNAMED
    return bool(speaker.entity_id and speaker.name) and speaker.confidence >= least


def names_agree(first: str, second: str) -> bool:
    """Return whether two names can be the same: the surnames agree, and no given name contradicts.

    >>> names_agree("Goalscorer Tico Ramos", "Ramos"), names_agree("Marek Tull", "Jon Tull")
    (True, False)
    """
    ours, theirs = name_key(first).split(), name_key(second).split()
    if not ours or not theirs:
        return False
    if not is_surname(ours[-1], theirs[-1]):
        return False
    before, other = ours[:-1], theirs[:-1]
    if not before or not other:
        return True
    return any(one.startswith(two) or two.startswith(one) for one in before for two in other)


def same_voice(first: Speaker, second: Speaker) -> bool:
    """Return whether two speakers are one, speak for one body, or one speaks for the other."""
    ids = {first.entity_id, first.represents} & {second.entity_id, second.represents} - {None}
    return bool(ids) or _same_or_body(first, second)


def related(ours: Sequence[tuple[Document, Quote]], theirs: Sequence[tuple[Document, Quote]]) -> bool:
    """Return whether the speakers of statements are the same or related, as far as one of the articles shows.

    They are if one names the other where it names its speaker ("Commerce" and "Faith Delorme, the under-secretary for
    commerce"), or if the speaker of one has an office and the article names the other, not a person's full name.
    """
    first, second = _speakers(ours), _speakers(theirs)
    return (
        any(_are_one(one, other) for one in first for other in second)
        or any(_names(statement, other) for statement in ours for other in second)
        or any(_names(statement, one) for statement in theirs for one in first)
    )


def _speakers(statements: Iterable[tuple[Document, Quote]]) -> list[Speaker]:
    """Return the speakers of statements, each way of naming them once."""
    speakers = (quote.speaker for _, quote in statements)
    return list(
        {(one.name, one.entity_id, one.represents, one.affiliation, one.role): one for one in speakers}.values()
    )


def _are_one(one: Speaker, other: Speaker) -> bool:
    same = other.entity_id in (one.entity_id, one.represents) or one.entity_id == other.represents
    return same or _speaks_for_somebody(one) or _speaks_for_somebody(other) or _same_or_body(one, other)


def _speaks_for_somebody(speaker: Speaker) -> bool:
    """Return whether a speaker speaks for somebody who is not identified: "the minister's spokeswoman"."""
    is_voice = not word_sets("set_phrases.txt")["spokesperson"].isdisjoint(name_key(speaker.role or "").split())
    return is_voice and speaker.represents is None and speaker.affiliation is None


def _names(statement: tuple[Document, Quote], other: Speaker) -> bool:
    """Return whether the article of a statement relates its speaker to `other`."""
    document, quote = statement
    name = name_key(other.name or "")
    if not name or other.name in quote.speaker.rivals:
        return True
    if _is_close(document, quote, other) or _is_role_at(quote.speaker, name):
        return True
    if _are_named_together(document, quote.speaker, _mentions_of_body(document, other)):
        return True
    return _mentions_body(document, other) and _may_represent(document, quote.speaker, name)


def _are_named_together(document: Document, speaker: Speaker, bodies: Sequence[Span]) -> bool:
    """Return whether a document names a speaker next to a body: "American Motors president Joseph Cappy"."""
    own = [mention.span for mention in document.mentions if mention.entity_id == speaker.entity_id]
    gaps = (Span(min(pair).end, max(pair).start) for pair in product(own, bodies) if not pair[0].overlaps(pair[1]))
    return any(gap.end - gap.start <= _CLOSE and not _CLAUSE.search(gap.of(document.text)) for gap in gaps)


def _is_close(document: Document, quote: Quote, other: Speaker) -> bool:
    """Return whether the attribution of a statement names `other` next to its speaker."""
    sentence = document.sentence_of(quote)
    outside = (Span(sentence.start, quote.content.start), Span(quote.content.end, sentence.end))
    own, theirs = _last_word(quote.speaker.name), _last_word(other.name)
    if own == theirs:
        return False
    is_person = _is_person(other) and _is_person(quote.speaker)
    offices = word_sets("set_phrases.txt")["office"]
    for span in outside:
        words = [
            (name_key(match[0].removesuffix("'s").removesuffix("\u2019s")), match.span())
            for match in _WORD.finditer(span.of(document.text))
        ]
        places = [[place for word, place in words if word == wanted] for wanted in (own, theirs)]
        for first, second in product(*places):
            between = span.of(document.text)[min(first, second)[1] : max(first, second)[0]]
            if len(between) > _CLOSE or _CLAUSE.search(between):
                continue
            if not is_person or _BETWEEN_PERSONS.search(between) or offices.intersection(name_key(between).split()):
                return True
    return False


def _is_role_at(speaker: Speaker, body: str) -> bool:
    """Return whether a role names a body: "Harbour Minister" and "Harbour Ministry"."""
    named = [word for word in body.split() if word not in word_sets("set_phrases.txt")["body"]]
    role = name_key(speaker.role or "").split()
    return bool(named and role) and all(any(word[:_STEM] == other[:_STEM] for other in role) for word in named)


def _last_word(name: str | None) -> str:
    return family_name(name_key(name or ""))


def _is_person(speaker: Speaker) -> bool:
    """Return whether a speaker is a person: a single word is often a body that was taken for one."""
    return (speaker.entity_id or "").startswith("person:") and " " in name_key(speaker.name or "")


def _may_represent(document: Document, speaker: Speaker, body: str) -> bool:
    """Return whether the document gives a speaker an office, such as president or spokesman, and at no other body."""
    offices = word_sets("set_phrases.txt")["office"]
    same = [quote.speaker for quote in document.quotes if quote.speaker.entity_id == speaker.entity_id]
    bodies = [name_key(other.affiliation) for other in same if other.affiliation]
    if bodies and not any(body in affiliation or affiliation in body for affiliation in bodies):
        return False
    return any(offices.intersection(name_key(other.role or "").split()) for other in same)


def _mentions_body(document: Document, speaker: Speaker) -> bool:
    """Return whether a document names the speaker, who is not a person there."""
    name = name_key(speaker.name or "")
    is_named = not _is_person(speaker) and f" {name} " in f" {name_key(document.text)} "
    return is_named or bool(_mentions_of_body(document, speaker))


def _mentions_of_body(document: Document, speaker: Speaker) -> list[Span]:
    """Return where a document names the speaker, who is not a person there, also in full for initials elsewhere."""
    name = name_key(speaker.name or "")
    found = []
    for mention in document.mentions:
        forms = {name_key(mention.name), name_key(mention.surface)}
        initials = {"".join(word[0] for word in form.split()) for form in forms if " " in form}
        if name in forms | initials and (mention.kind != "person" or " " not in name):
            found.append(mention.span)
    return found


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


# --- in two revisions of one article, where two people who speak for one body are two ------------------------------


def is_resolved(speaker: Speaker) -> bool:
    return speaker.entity_id is not None and speaker.resolved_by not in {"unresolved", "carried"}


def is_same_speaker(old: Quote, new: Quote) -> bool:
    """Return whether both speakers are one, or one speaks for the other, as far as their names and offices show.

    Two persons who speak for one body are two speakers.
    """
    one, other = old.speaker, new.speaker
    if one.entity_id is not None and one.entity_id == other.entity_id:
        return True
    if one.name is None or other.name is None:
        return False
    if one.entity_id is None and other.entity_id is None:
        return name_key(one.name) == name_key(other.name)
    return is_one_name(one.name, other.name) or _speaks_for(one, other) or _speaks_for(other, one)


def _speaks_for(person: Speaker, body: Speaker) -> bool:
    """Return whether `person` speaks for `body`: "Ostwind said" and "its spokeswoman, Eva Holm, said"."""
    if person.represents is not None and person.represents == body.entity_id:
        return True
    return bool(person.affiliation and body.name and name_key(person.affiliation) == name_key(body.name))


def are_other_sources(old: Speaker, new: Speaker, language: str | None) -> bool:
    """Return whether two unnamed speakers cannot be one: "police" and "prosecutors", "the ministry" and "the union"."""
    pack = pack_for(language)
    if pack is None or old.entity_id is not None or new.entity_id is not None:
        return False
    articles = words_of(language).weightless
    words = [frozenset(name_key(speaker.name or "").split()) - articles for speaker in (old, new)]
    if words[0] & words[1]:
        return False
    bodies = [{pack.bodies[word] for word in side if word in pack.bodies} for side in words]
    groups = [side & pack.roles["plural"] for side in words]
    return (all(bodies) and bodies[0].isdisjoint(bodies[1])) or (all(groups) and not any(bodies))


def names_one_of(names: Iterable[str], speakers: Sequence[Speaker]) -> bool:
    return any(is_one_name(name, speaker.name) for name in names for speaker in speakers if speaker.name is not None)
