"""Resolve speakers: whom the attribution of a statement means.

takes:    an article, its mentions and the Found statements
gives:    one Speaker a statement, in the same order; unresolved ones keep name None
does not: find statements; guess where nothing points to a person; follow what is no name (pointing.py does)
traps:    statements must come in reading order, because pronouns and uncued quotes look back along them
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from searchkit.document import Article, Mention, Resolution, Speaker
from searchkit.extract.certainty import resolution_confidence
from searchkit.extract.names.gazetteer import gazetteer
from searchkit.extract.names.namesakes import gender_of_role
from searchkit.extract.packs import Pack, pack_for
from searchkit.extract.quotes.finding import Found
from searchkit.extract.speakers.coreference import NOBODY, Answer, Pointing
from searchkit.extract.speakers.participants import PLAIN_WORD, Cast, Entity
from searchkit.extract.speakers.passed_over import Passed, Rejected
from searchkit.extract.transcripts.voices import Voice
from searchkit.text import Span, fold, slug

# What stands between two who speak together; the group is empty where the last of a list is yet to come.
_JOINED = re.compile(r",? (and|&|und|sowie|et) (?:[a-z]{1,20} ){0,3}(?:(?:[A-Z][\w.]{0,20}) ){0,3}|,() ")
# How far behind a phrase the one it means may be named, and what then stands between: " published on Friday by the ".
_NAMED_AFTER = 70
_COMMA = re.compile(r"(?:(?: [a-z\-]{1,20}){0,2},)? (?:[A-Z][\w.]{0,20} ){0,3}")
_CLOSED = re.compile(r"(?: [\w.]{1,6})?(?:[,)]| [—–])")  # "Quayline Holdings plc,"
_BY = re.compile(r"(?: [\w\-]{1,20}){0,5} (?:by|from)(?: [a-z\-]{1,20}){0,4} ")
# How far after a quotation the one who said it may be named without a cue.
_AFTER = 40
# Rules of statements that nobody is said to make.
_SPEAKERLESS = frozenset({"hearsay", "impersonal"})
# Endings of the words for the people of a country, and of its adjectives.
_MANY = ("s", "sh", "ch", "ese", "men")
_SENTENCE_END = re.compile(r"\w{3}[.!?]|[.!?][\"'”’]|\n")


def resolve(
    article: Article,
    mentions: Sequence[Mention],
    found: Sequence[Found],
    rejected: list[tuple[Rejected, ...]] | None = None,
    *,
    cast: Cast | None = None,
) -> tuple[Speaker, ...]:
    """The speaker of each of `found`, which must be in reading order.

    Where a list is given as `rejected`, it gets for each statement the candidates that were passed over.
    `cast` saves reading it from `mentions` again.
    """
    pack = pack_for(article.language)
    if pack is None:
        if rejected is not None:
            rejected.extend(() for _ in found)
        return tuple(Speaker() for _ in found)
    resolver = _Resolver(
        article, cast or Cast(article, mentions, pack), pack, found, Passed(wanted=rejected is not None)
    )
    return resolver.run(found, rejected)


def _unstopped(phrase: str | None) -> str | None:
    """`phrase` without the stop of its sentence; that of an abbreviation like U.S. stays."""
    if not phrase or "." in phrase.split()[-1].rstrip(".,;: "):
        return phrase
    return phrase.rstrip(".,;: ") or None


def _is_compatriot(word: str) -> bool:
    """Whether `word` names one person by his or her country: "Spaniard"; not "Spanish", nor "Spaniards"."""
    hit = None if word.endswith(_MANY) else gazetteer().at(word, 0, word)
    return hit is not None and hit[1][0].kind == "demonym"


def _confidence(answer: Answer) -> float:
    return round(resolution_confidence(answer.by, answer.condition) * answer.source, 2)


class _Resolver:
    def __init__(self, article: Article, cast: Cast, pack: Pack, found: Sequence[Found], passed: Passed) -> None:
        self._article = article
        self._text = article.text
        self._cast = cast
        self._pack = pack
        self._words = pack.words
        self._roles = pack.roles
        self._bodies = pack.bodies
        self._openers = self._words["preposition"] | self._words["subordinator"] | self._words["opener"]
        self._ages = tuple(self._words["age-ending"])
        self._passed = passed
        self._pointing = Pointing(article, cast, pack, [record.content for record in found], passed)

    def run(self, found: Sequence[Found], rejected: list[tuple[Rejected, ...]] | None) -> tuple[Speaker, ...]:
        answers: list[Answer] = [NOBODY] * len(found)
        passed: list[tuple[Rejected, ...]] = [()] * len(found)
        passed_over: tuple[Rejected, ...] = ()
        cued = sorted(
            (number for number, record in enumerate(found) if record.attribution is not None),
            key=lambda number: found[number].attribution.start,  # type: ignore[union-attr]  # filtered above
        )
        uncued = [number for number, record in enumerate(found) if record.attribution is None]
        last = NOBODY
        for number in cued:
            attribution = found[number].attribution or found[number].content
            if attribution != last.attribution:  # else one more part of what was said
                voice = found[number].voice
                answer = self._attributed(attribution) if voice is None else self._voiced(voice)
                last = replace(answer, attribution=attribution)
                self._pointing.remember(attribution.start, last)
                passed_over = self._passed.collect(last.entity)
            answers[number], passed[number] = last, passed_over
        for earlier, later in pairwise(cued):
            self._name_introduced(found, answers, earlier, later)
        for number in uncued:
            answers[number] = self._carried(found, answers, number)
            passed[number] = self._passed.collect(answers[number].entity)
        if rejected is not None:
            rejected.extend(passed)
        return tuple(map(self._speaker, answers))

    def _speaker(self, answer: Answer) -> Speaker:
        entity = answer.entity
        if entity is None:
            role, affiliation = _unstopped(answer.role), _unstopped(answer.affiliation)
            described = self._description(answer.attribution)
            return Speaker(name=described, role=role, affiliation=affiliation, antecedent=answer.antecedent)
        return Speaker(
            name=entity.name,
            entity_id=entity.id,
            role=_unstopped(entity.role or answer.role),
            affiliation=_unstopped(entity.affiliation or answer.affiliation),
            resolved_by=answer.by,
            antecedent=answer.antecedent,
            confidence=_confidence(answer),
        )

    def _description(self, attribution: Span | None) -> str | None:
        """What the text calls somebody it does not name: "residents"; None for a bare pronoun, "Q" or "A"."""
        words = " ".join(attribution.of(self._text).split()) if attribution is not None else ""
        low = fold(words)
        if low in self._words["pronoun"] or low in self._words["object-pronoun"]:
            return None
        if low.rstrip("0123456789 ") in self._words["question-label"] | self._words["answer-label"]:
            return None  # "Q" calls nobody anything
        return words or None

    def _name_introduced(self, found: Sequence[Found], answers: list[Answer], earlier: int, later: int) -> None:
        """Give "a spokeswoman for the port", or "an official" of the first paragraph, the name told right after."""
        unnamed, named, entity = answers[earlier], answers[later], answers[later].entity
        role = unnamed.role
        if unnamed.entity is not None or role is None or unnamed.antecedent is not None or named.attribution is None:
            return
        if entity is None or entity.kind != "person" or entity.may_be_body or named.by != "full-name":
            return
        if unnamed.attribution is not None and not _SENTENCE_END.search(
            self._text, unnamed.attribution.end, named.attribution.start
        ):
            return  # "The minister said so, although Igor Malt warned": two in one sentence are not the same
        awaited = role in self._roles["speaking"] or found[earlier].paragraph == 0
        near = found[later].paragraph - found[earlier].paragraph <= 1
        fits = not entity.nouns or role in entity.nouns or role in self._roles["general"]
        first = entity.spans[0].start >= named.attribution.start
        if awaited and near and fits and first and entity.gender in {"", gender_of_role(role, self._pack)}:
            answers[earlier] = replace(unnamed, entity=entity, by="role", antecedent=None, condition="introduced later")

    def _voiced(self, voice: Voice) -> Answer:
        """Who takes a turn of a transcript."""
        if voice.entity_id is None:
            return NOBODY
        entity = self._cast.entities.get(voice.entity_id) or Entity(voice.entity_id, voice.name, "person")
        return Answer(entity, voice.by, voice.antecedent, "label")

    # --- by attribution ---

    def _attributed(self, attribution: Span) -> Answer:
        words = [part for word in PLAIN_WORD.findall(attribution.of(self._text)) for part in self._parted(fold(word))]
        if not words:
            return NOBODY
        if len(words) == 1 and (words[0] in self._words["pronoun"] or words[0] in self._words["object-pronoun"]):
            return self._pointing.pronoun(words[0], attribution)
        before = PLAIN_WORD.findall(self._text, max(0, attribution.start - 30), attribution.start)
        while before and fold(before[-1]) in self._words["article"]:
            before.pop()
        if (
            len(before) > 1
            and fold(before[-1]) in self._words["issuer"]
            and fold(before[-2]) in self._words["handed-on"]
        ):
            return NOBODY  # "A copy, seen by the Courier, says": the copy does
        together = self._together(attribution)
        if together is not None:
            return together
        head = self._head(attribution) or self._named_after(words, attribution)
        if self._passed.wanted:
            self._pass_over_others(head, attribution)
        if head is not None:
            return self._named(head, attribution)
        return self._described(words, attribution)

    def _pass_over_others(self, head: Mention | None, attribution: Span) -> None:
        """Note the names in the phrase that are not its head."""
        for mention in self._cast.within(attribution):
            if head is None or mention.entity_id != head.entity_id:
                place = mention.kind == "place"
                self._passed.over(mention, "a place, not a speaker" if place else "named in the phrase, not its head")

    def _named_after(self, words: Sequence[str], attribution: Span) -> Mention | None:
        """Who is named right behind: "The port's operator, Veltra Pumps, said", "a report by the Harbor Union"."""
        after = self._cast.first_from(attribution.end)
        if after is None or after.span.start - attribution.end > _NAMED_AFTER:
            return None
        between = self._text[attribution.end : after.span.start]
        closed = "," not in between or _CLOSED.match(self._text, after.span.end) is not None
        if closed and _COMMA.fullmatch(between) and (self._head_noun(words) or words[-1] in self._bodies):
            return after
        if words[-1] in self._roles["document"] or words[-1] in self._words["published"]:
            linking = [fold(word) for word in PLAIN_WORD.findall(between)]
            issued = _BY.fullmatch(between) is not None and not self._words["handed-on"] & {*words, *linking}
            return after if issued and after.kind != "place" else None
        return None

    def _parted(self, word: str) -> tuple[str, ...]:
        """`word` with an elided article as a word of its own: l'entreprise."""
        article, apostrophe, noun = word.partition("'")
        return (article + apostrophe, noun) if article + apostrophe in self._words["elided"] else (word,)

    def _together(self, attribution: Span) -> Answer | None:
        """Several who speak as one: "Nadia Korbel and her lawyer Igor Malt". One speaker of all their names."""
        text = self._text
        inside = self._cast.within(attribution)
        # "The port's owners Korbel and Malt": what only says whose they are does not speak.
        while inside and fold(text[inside[0].span.end : inside[0].span.end + 2]) == "'s":
            inside.pop(0)
        if not inside:
            return None
        first = inside[0]
        before = [fold(word) for word in PLAIN_WORD.findall(text[attribution.start : first.span.start])]
        if before and before[-1] in self._words["preposition"]:
            return None
        chain, joined = [first], False
        # The phrase may have been read from or up to the "and" only.
        earlier = next(self._cast.back_from(first.span.start), None)
        if earlier is not None and self._joins(earlier, first) and self._cast.opens(earlier):
            chain, joined = [earlier, first], True
        while (following := self._cast.first_from(chain[-1].span.end)) is not None:
            between = self._joins(chain[-1], following)
            if between is None:
                break
            chain.append(following)
            joined = joined or bool(between[1])
        end = max(attribution.end, chain[-1].span.end)
        if not joined or (
            chain[-1].span.end > attribution.end and text[end : end + 1] not in {".", ",", ";", "", "\n"}
        ):
            return None
        if chain[-1].span.end < attribution.end and text[chain[-1].span.end] not in ",(":
            return None
        name = f"{', '.join(mention.name for mention in chain[:-1])} and {chain[-1].name}"
        return Answer(Entity(f"other:{slug(name)}", name, "other"), "full-name", condition="together")

    def _joins(self, left: Mention, right: Mention) -> re.Match[str] | None:
        """What joins two that speak together: the group of the match holds the "and"; empty in a list."""
        if (left.kind == "person") != (right.kind == "person"):
            return None
        return _JOINED.fullmatch(self._text, left.span.end, right.span.start)

    def _head(self, attribution: Span) -> Mention | None:
        """The mention that is the noun phrase's head, if a name is its head."""
        text = self._text
        inside = self._cast.within(attribution)
        for mention in reversed(inside):
            if mention.kind != "person" or fold(text[mention.span.end : mention.span.end + 2]) == "'s":
                continue
            if not self._is_modifier(PLAIN_WORD.findall(text[attribution.start : mention.span.start])):
                return mention
        for mention in inside:
            if mention.kind == "person" or (mention.kind == "place" and len(inside) > 1):
                continue
            before = [fold(word) for word in PLAIN_WORD.findall(text[attribution.start : mention.span.start])]
            while before[1:] and before[-1] in self._words["article"]:
                before.pop()
            after = [fold(word) for word in PLAIN_WORD.findall(text[mention.span.end : attribution.end])]
            if any(
                self._cast.is_role(word) or word in self._roles["plural"] or word in self._words["someone"]
                for word in before
            ):
                return None
            linked = any(word in self._words["relative"] or word in self._words["that"] for word in before)
            if linked and not self._pack.clausal:  # elsewhere a comma parts the clause, and articles look alike
                return None  # "an inquiry that puts pressure on the office"
            issued = bool(before) and before[-1] in self._words["issuer"]
            if issued and (len(before) > 1 and before[-2] in self._words["handed-on"]):
                return None
            if before and before[-1] in self._words["preposition"] and not issued:
                return None
            if mention.kind == "place" and (before[1:] or after):
                return None
            led = next((word for word in reversed(before) if word in self._words["preposition"]), "")
            if led and led not in self._words["issuer"] and self._roles["document"] & {*before}:
                return None  # "a study published in the journal Tide Letters"
            if not after or after[0] in self._words["preposition"] or after[0] in self._words["weekday"] or issued:
                return mention
            if len(after) == 1 and after[0] in self._bodies and mention.kind != "place":
                return mention  # "the Veltra group"
            if (after[0] == "s" or after[0] in self._words["time-adjective"]) or after[-1] in self._roles["document"]:
                return mention
        return None

    def _is_modifier(self, before: list[str]) -> bool:
        """Whether a person's name behind these words only says whose: "a note seen by the", "an aide to Mayor"."""
        words = [fold(word) for word in before]
        while words and words[-1] in self._words["article"]:
            words.pop()
        if any(self._cast.is_role(word) and before[at][0].islower() for at, word in enumerate(words)):
            # The title before the name is no other person's.
            while words and before[len(words) - 1][0].isupper():
                words.pop()
        return bool(words) and words[-1] in self._words["preposition"]

    def _named(self, mention: Mention, attribution: Span) -> Answer:
        entity = self._cast.entities[mention.entity_id]
        known = None
        if mention.surface.isupper() or (mention.kind != "person" and " " not in mention.surface):
            # "KORBEL:" of a transcript; a family name that is also that of a company.
            known = self._cast.by_surname(mention.surface)
        if known is not None and known is not entity and (mention.surface.isupper() or known.spans[0] < mention.span):
            return Answer(known, "surname", known.full)
        if mention.kind != "person" or len(mention.surface.split()) >= len(entity.name.split()):
            return Answer(entity, "full-name", condition="doubtful" if entity.doubtful else "")
        before = self._text[max(attribution.start - 5, 0) : mention.span.start].split()
        title = fold(before[-1]).rstrip(".") if before else ""
        titled = title in self._words["title-male"] or title in self._words["title-female"]
        shared = self._cast.bearers(mention)
        if len(shared) > 1 and self._cast.is_role(title):
            # "Chief Lind" is the one of the Linds who is chief.
            entity = next((bearer for bearer in shared if title in bearer.nouns), entity)
        antecedent = entity.full or entity.spans[0]
        return Answer(
            entity,
            "title" if titled else "surname",
            antecedent if antecedent != mention.span else None,
            "shared" if len(shared) > 1 else "",
        )

    def _described(self, words: Sequence[str], attribution: Span) -> Answer:
        roles, pointing = self._roles, self._pointing
        definite = words[0] in self._words["definite"]
        noun = self._head_noun(words)
        if noun:
            return pointing.role(words, noun, attribution)
        text = next((word for word in words if word in roles["document"]), "")
        if text and definite:
            return pointing.document(words, text, attribution)
        body = next((word for word in words if word in self._bodies), "")
        if definite and body and len(words) <= 3:
            return pointing.by_body(body, attribution)
        if definite and any(word.endswith(self._ages) for word in words):
            return pointing.described(attribution)
        if definite and _is_compatriot(PLAIN_WORD.findall(attribution.of(self._text))[-1]):
            return pointing.described(attribution)  # "the Spaniard"
        if self._words["capitals"]:
            return NOBODY  # where every noun has a capital, it shows no name
        name = " ".join(PLAIN_WORD.findall(attribution.of(self._text))[int(words[0] in self._words["determiner"]) :])
        if name and all(word[0].isupper() for word in name.split()) and slug(name) and not self._is_common(words):
            known = self._cast.by_surname(name) if name.isupper() else None
            if known is not None:
                return Answer(known, "surname", known.full)
            return Answer(Entity(f"other:{slug(name)}", name, "other"), "full-name", condition="doubtful")
        return NOBODY

    def _head_noun(self, words: Sequence[str]) -> str:
        """The role word that heads the phrase: "official" of "a justice official for the minister"; empty for none."""
        head = ""
        for number, word in enumerate(words):
            # "one of the officials" is an official; "doctors at the General Hospital" are no general.
            if word in self._words["preposition"] and (head or (number and word not in self._words["of"])):
                break
            head = word if self._cast.is_role(word) else head
        return head

    def _is_common(self, words: Sequence[str]) -> bool:
        """Whether a capital comes from the start of the sentence only: "Officials said"."""
        last = words[-1]
        return any(last in group for group in self._roles.values()) or (
            len(words) == 1 and (last in self._openers or last in self._words["determiner"] or last.endswith("s"))
        )

    # --- without attribution ---

    def _carried(self, found: Sequence[Found], answers: Sequence[Answer], number: int) -> Answer:
        record = found[number]
        if record.voice is not None:
            return self._voiced(record.voice)
        if record.rule == "uncued":
            beside = self._beside(record)
            if beside is not None:
                return beside
        # A lead-in is carried back from the statement after it, everything else from the one before.
        earlier = number + 1 if record.rule == "lead-in" and number + 1 < len(found) else number - 1
        if earlier < 0 or record.paragraph - found[earlier].paragraph > 2 or record.rule in _SPEAKERLESS:
            return NOBODY
        other = found[earlier]
        between = self._cast.back_from(record.content.start) if record.rule == "continued" else ()
        for mention in between:
            if mention.span.start < other.content.end or (
                other.attribution is not None and mention.span.start <= other.attribution.start
            ):
                break
            if self._takes_over(mention):
                return self._taken(mention, "taken over")
        answer = answers[earlier]
        by: Resolution = "carried" if answer.entity is not None else "unresolved"
        asked = self._text[other.content.start : other.content.end].rstrip("\"'”’»").endswith("?")
        if record.rule == "uncued":
            where = "uncued after a question" if asked else "uncued"
        else:
            where = "paragraph" if record.paragraph == other.paragraph else "across"
        same = answer.by == "carried" and answer.condition == where == "paragraph"
        source = answer.source if same else _confidence(answer)
        return replace(answer, by=by, antecedent=other.attribution or answer.antecedent, condition=where, source=source)

    def _beside(self, record: Found) -> Answer | None:
        """Who is the subject beside a quotation without a cue: "Lind nodded. ‘Yes.’", "‘No.’ That was Igor Malt"."""
        paragraph = self._article.paragraphs[record.paragraph]
        for mention in self._cast.back_from(record.content.start):
            if mention.span.start < paragraph.start:
                break
            if self._takes_over(mention):
                return self._taken(mention, "beside")
        for mention in self._cast.within(Span(record.content.end, min(paragraph.end, record.content.end + _AFTER))):
            if self._takes_over(mention):
                return self._taken(mention, "beside")
            break
        return None

    def _takes_over(self, mention: Mention) -> bool:
        return mention.kind == "person" and self._cast.is_subject(mention) and not self._pointing.is_said(mention.span)

    def _taken(self, mention: Mention, condition: str) -> Answer:
        return Answer(self._cast.entities[mention.entity_id], "carried", mention.span, condition)
