"""Distinguish people of one surname by the title before it: "Mr. Tidegrave" is the latest Tidegrave who can be a man.

A person whose gender the text does not show gets it from the first title that could only mean this person.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from searchkit.statements.document import Article, Mention
from searchkit.statements.packs import Pack, pack_for
from searchkit.statements.text import family_name, fold, slug

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
            bearers.setdefault(family_name(mention.name), {})[mention.entity_id] = mention.name
    titled = {
        mention.surface
        for mention in mentions
        if mention.surface in bearers
        and pack
        and _gender_before(article.text, mention.span.start, pack, titles_only=True)
    }
    shared = {surname: named for surname, named in bearers.items() if len(named) > 1 or surname in titled}
    return _Namesakes(article.text, mentions, pack, shared).resolved() if shared and pack else tuple(mentions)


class _Namesakes:
    """Resolves the surnames that people share, in reading order."""

    def __init__(
        self, text: str, mentions: Sequence[Mention], pack: Pack, shared: Mapping[str, dict[str, str]]
    ) -> None:
        self._text = text
        self._mentions = mentions
        self._pack = pack
        self._shared = shared
        self._genders = _genders(text, mentions, pack, {identity for named in shared.values() for identity in named})
        self._latest: dict[str, list[str]] = {surname: [] for surname in shared}  # ids as last named in full
        self._named: Counter[str] = Counter()  # how often each person was named so far

    def resolved(self) -> tuple[Mention, ...]:
        return tuple(
            self._resolved(number, mention, surname)
            if mention.kind == "person" and (surname := family_name(mention.name)) in self._shared
            else mention
            for number, mention in enumerate(self._mentions)
        )

    def _resolved(self, number: int, mention: Mention, surname: str) -> Mention:
        order = self._latest[surname]
        person = mention.entity_id
        if " " in mention.surface:
            if person in order:
                order.remove(person)
            order.append(person)
        elif mention.surface == surname:
            person = self._meant(number, mention, order or list(self._shared[surname]))
        self._named[person] += 1
        if person == mention.entity_id:
            return mention
        return replace(mention, entity_id=person, name=self._shared[surname][person])

    def _meant(self, number: int, mention: Mention, order: Sequence[str]) -> str:
        """Return the person whom a surname alone means, by the title before it or a pronoun behind."""
        title = _gender_before(self._text, mention.span.start, self._pack, titles_only=True)
        if title:
            fitting = [person for person in order if self._genders.get(person) == title]
            fitting = fitting or [person for person in order if person not in self._genders]
            if not fitting:  # "Lady Lind" next to "Sir Emil Lind"
                name = f"{title_before(self._text, mention.span.start)} {mention.surface}"
                self._shared[mention.surface][f"person:{slug(name)}"] = name
                return f"person:{slug(name)}"
            self._genders[fitting[-1]] = title
            return fitting[-1]
        gender = _gender_behind(self._text, self._mentions, number, self._pack)
        if not gender or self._genders.get(mention.entity_id, gender) == gender:
            return mention.entity_id
        # "Lind said he", of Vera and Igor Lind
        fitting = [person for person in order if self._genders.get(person) == gender]
        return max(fitting, key=self._named.__getitem__, default=mention.entity_id)


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


def title_before(text: str, position: int) -> str:
    """Return the word before `position`, as written."""
    found = _LAST_WORD.search(text[max(0, position - 45) : position])
    return found[1] if found is not None else ""


def _gender_before(text: str, position: int, pack: Pack, *, titles_only: bool) -> str:
    word = fold(title_before(text, position))
    if word in pack.words["title-male"]:
        return "male"
    if word in pack.words["title-female"]:
        return "female"
    return "" if titles_only or not word else gender_of_role(word, pack)
