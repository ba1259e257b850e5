"""Compare who said a statement, and what the reporter vouches for, in two revisions of one article.

`speakers.py` compares the speakers of two articles, where two people who speak for one body are one voice. Here, they
are two.
"""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from searchkit.histories import meaning
from searchkit.index.values import act_of
from searchkit.statements import pack_for
from searchkit.statements.document import Quote, Speaker
from searchkit.statements.text import name_key

# From this likeness, two words are spellings of one name.
_NAME_LIKENESS = 0.75
# Acts that differ in nothing that the reporter vouches for.
_NEUTRAL = frozenset((None, "say", "announce"))


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
    return _is_one_name(one.name, other.name) or _speaks_for(one, other) or _speaks_for(other, one)


def _is_one_name(old: str, new: str) -> bool:
    """Return whether one name is a part of the other, but for accents and typos."""
    short, long = sorted((name_key(old).split(), name_key(new).split()), key=len)
    return bool(short) and all(any(_is_spelling(part, word) for word in long) for part in short)


def _is_spelling(part: str, word: str) -> bool:
    """Return whether two words are spellings of one name: "Stefan" and "Stephan"."""
    return part == word or (part[0] == word[0] and SequenceMatcher(None, part, word).ratio() >= _NAME_LIKENESS)


def are_other_sources(old: Speaker, new: Speaker, language: str | None) -> bool:
    """Return whether two unnamed speakers cannot be one: "police" and "prosecutors", "the ministry" and "the union"."""
    pack = pack_for(language)
    if pack is None or old.entity_id is not None or new.entity_id is not None:
        return False
    articles = meaning.words_of(language).weightless
    words = [frozenset(name_key(speaker.name or "").split()) - articles for speaker in (old, new)]
    if words[0] & words[1]:
        return False
    bodies = [{pack.bodies[word] for word in side if word in pack.bodies} for side in words]
    groups = [side & pack.roles["plural"] for side in words]
    return (all(bodies) and bodies[0].isdisjoint(bodies[1])) or (all(groups) and not any(bodies))


def _speaks_for(person: Speaker, body: Speaker) -> bool:
    """Return whether `person` speaks for `body`: "Ostwind said" and "its spokeswoman, Eva Holm, said"."""
    if person.represents is not None and person.represents == body.entity_id:
        return True
    return bool(person.affiliation and body.name and name_key(person.affiliation) == name_key(body.name))


def names_one_of(names: Iterable[str], speakers: Sequence[Speaker]) -> bool:
    return any(_is_one_name(name, speaker.name) for name in names for speaker in speakers if speaker.name is not None)


def is_other_verb(old: Quote, new: Quote) -> bool:
    """Return whether the reporter vouches for something else: "said" and "claimed", but not "said" and "added"."""
    if old.verb is None or new.verb is None:
        return False
    return act(old) != act(new)


def act(quote: Quote) -> tuple[str | None, bool]:
    found = act_of(quote.verb or "")
    return (None if found in _NEUTRAL else found), quote.negated
