"""Distinguish people of one surname by the title before it: "Mr. Tidegrave" is the latest Tidegrave who can be a man.

A person whose gender the text does not show gets it from the first title that could only mean this person.
"""

import re
from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from searchkit.statements.document import Article, Mention
from searchkit.statements.packs import Pack, pack_for
from searchkit.statements.text import fold

_LAST_WORD = re.compile(r"([^\W_][\w\-]{0,40})\.? ?$")
# Begins with a class of characters, to which the engine can skip.
_GENDERED = re.compile(r"[HhSs](?<!\w.)(?i:(?<=h)(?:e|is|im|imself|er|ers|erself)|(?<=s)he)\b")
SENTENCE_END = re.compile(r"\w{3}[.!?]|[\n\"“”]")


def gender_of_role(role: str, pack: Pack) -> str:
    """Return the gender of a role word, or an empty string; female words count by their ending: "stepmother"."""
    if role.endswith(tuple(pack.words["female-role"])):
        return "female"
    male = role.endswith(("man", *pack.words["male-role-ending"])) or role in pack.words["male-role"]
    return "male" if male else ""


def given_gender(name: str, pack: Pack) -> str:
    """Return the usual gender of the given name in `name`, or an empty string."""
    given = fold(name.partition(" ")[0]) if " " in name else ""
    return "female" if given in pack.words["given-female"] else "male" if given in pack.words["given-male"] else ""


def pronoun_after(text: str, mention: Mention, following: Mention | None) -> re.Match[str] | None:
    """Return the first "he" or "her" behind `mention` in its sentence, before the person named `following`."""
    start = mention.span.end
    limit = start + 120
    if following is not None:
        limit = min(limit, following.span.start)
    found = _GENDERED.search(text, start, limit)
    return None if found is None or SENTENCE_END.search(text, start, found.start()) else found


def resolve_namesakes(article: Article, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Return `mentions` with each titled surname that people share pointing to the person whom its title fits.

    Surnames without a title must point to the latest full name, and stay so unless a pronoun behind shows another.
    """
    pack = pack_for(article.language)
    bearers: dict[str, dict[str, str]] = {}  # surname -> id -> name
    for mention in mentions:
        if mention.kind == "person" and " " in mention.name:
            bearers.setdefault(mention.name.rpartition(" ")[2], {})[mention.entity_id] = mention.name
    shared = {surname: named for surname, named in bearers.items() if len(named) > 1}
    if not shared or pack is None:
        return tuple(mentions)
    genders = _genders(article.text, mentions, pack, {identity for named in shared.values() for identity in named})
    latest: dict[str, list[str]] = {}  # by surname, ids as last named in full
    named: Counter[str] = Counter()  # how often each person was named so far
    resolved: list[Mention] = []
    for number, mention in enumerate(mentions):
        surname = mention.name.rpartition(" ")[2]
        if mention.kind != "person" or surname not in shared:
            resolved.append(mention)
            continue
        order = latest.setdefault(surname, [])
        title = _gender_before(article.text, mention.span.start, pack, titles_only=True)
        if " " in mention.surface:
            if mention.entity_id in order:
                order.remove(mention.entity_id)
            order.append(mention.entity_id)
        elif title and mention.surface == surname and order:
            fitting = [person for person in order if genders.get(person) == title] or [
                person for person in order if person not in genders
            ]
            if fitting:
                genders[fitting[-1]] = title
                mention = replace(mention, entity_id=fitting[-1], name=shared[surname][fitting[-1]])  # noqa: PLW2901
        elif mention.surface == surname and order:
            gender = _gender_behind(article.text, mentions, number, pack)
            if gender and genders.get(mention.entity_id, gender) != gender:  # "Lind said he", of Vera and Igor Lind
                fitting = [person for person in order if genders.get(person) == gender]
                if fitting:
                    person = max(fitting, key=named.__getitem__)
                    mention = replace(mention, entity_id=person, name=shared[surname][person])  # noqa: PLW2901
        named[mention.entity_id] += 1
        resolved.append(mention)
    return tuple(resolved)


def _genders(text: str, mentions: Sequence[Mention], pack: Pack, wanted: set[str]) -> dict[str, str]:
    """Return the genders of the people `wanted` by title, role, given name or pronoun in the sentence."""
    genders: dict[str, str] = {}
    for number, mention in enumerate(mentions):
        if mention.entity_id not in wanted or " " not in mention.surface or mention.entity_id in genders:
            continue
        gender = (
            _gender_before(text, mention.span.start, pack, titles_only=False)
            or given_gender(mention.surface, pack)
            or _gender_behind(text, mentions, number, pack)
        )
        if gender:
            genders[mention.entity_id] = gender
    return genders


def _gender_behind(text: str, mentions: Sequence[Mention], number: int, pack: Pack) -> str:
    """Return the gender of the pronoun behind a mention in its sentence, or an empty string."""
    following = next((later for later in mentions[number + 1 : number + 9] if later.kind == "person"), None)
    found = pronoun_after(text, mentions[number], following)
    return "" if found is None else "female" if found.group().lower() in pack.words["female"] else "male"


def _gender_before(text: str, position: int, pack: Pack, *, titles_only: bool) -> str:
    found = _LAST_WORD.search(text[max(0, position - 45) : position])
    word = fold(found[1]) if found is not None else ""
    if word in pack.words["title-male"]:
        return "male"
    if word in pack.words["title-female"]:
        return "female"
    return "" if titles_only or not word else gender_of_role(word, pack)
