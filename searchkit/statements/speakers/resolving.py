"""Resolve speakers: find whom the attribution of each statement means, or who made a statement without attribution.

Statements must come in reading order, because pronouns and uncued quotations look back along them.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from searchkit.statements.document import Mention, Resolution, Speaker
from searchkit.statements.names.gazetteer import gazetteer
from searchkit.statements.names.namesakes import gender_of_role
from searchkit.statements.quotes.statement import Statement
from searchkit.statements.rules import resolution_confidence
from searchkit.statements.speakers.coreference import Coreference
from searchkit.statements.speakers.participants import Entity, Participants
from searchkit.statements.speakers.phrases import Descriptions, Phrase, PhraseHeads
from searchkit.statements.speakers.referents import UNRESOLVED, Referent, RejectedCandidate, RejectionLog
from searchkit.statements.speakers.subjects import PLAIN_WORD
from searchkit.statements.text import Span, fold, fold_words, person_key, slug, word_key
from searchkit.statements.transcripts.labels import Voice
from searchkit.statements.word_lists import word_sets

# What stands between two who speak together; the group is empty where the last of a list is yet to come.
_JOINED = re.compile(r",? (and|&|und|sowie|et) (?:[a-z]{1,20} ){0,3}(?:(?:[A-Z][\w.]{0,20}) ){0,3}|,() ")
# Conditions under which another word of the description may show that another person is meant.
_BY_ROLE = frozenset({"own", "described"})
# Classes of words that are no names.
_CLOSED = ("determiner", "adverb", "weekday", "month", "someone", "conjunction", "relative-day", "perfect-participle")
# Less certain speakers stay without a name.
_LEAST = 0.67
_SENTENCE_END = re.compile(r"\w{3}[.!?]|[.!?][\"'”’]|\n")


def resolve(
    statements: Sequence[Statement],
    participants: Participants | None,
    rejected: list[tuple[RejectedCandidate, ...]] | None = None,
) -> tuple[Speaker, ...]:
    """Return the speaker of each of `statements`, which must be in reading order; unresolved ones have no name.

    The list `rejected`, if given, receives the rejected candidates of each statement.
    """
    if participants is not None:
        return _Resolver(participants, statements, RejectionLog(enabled=rejected is not None)).run(rejected)
    if rejected is not None:
        rejected.extend(() for _ in statements)
    return tuple(Speaker() for _ in statements)


def _unstopped(phrase: str | None) -> str | None:
    """Return `phrase` without the full stop of its sentence; that of an abbreviation like U.S. stays."""
    if not phrase or "." in phrase.split()[-1].rstrip(".,;: "):
        return phrase
    return phrase.rstrip(".,;: ") or None


def _is_carried(statement: Statement) -> bool:
    """Return whether the speaker is that of a neighbour: no attribution, or one like "demnach" that points back."""
    return statement.attribution is None or statement.rule == "thus"


def _confidence(referent: Referent) -> float:
    return round(resolution_confidence(referent.by, referent.condition) * referent.source, 2)


class _Resolver:
    def __init__(self, participants: Participants, statements: Sequence[Statement], rejections: RejectionLog) -> None:
        self._article = participants.article
        self._text = participants.article.text
        self._participants = participants
        pack = self._pack = participants.pack
        self._words = pack.words
        self._pronouns = pack.words["pronoun | object-pronoun | possessive"]  # "his claim"
        self._roles = pack.roles
        self._openers = self._words["preposition | subordinator | opener"]
        self._statements = statements
        self._rejections = rejections
        self._heads = PhraseHeads(participants)
        self._descriptions = Descriptions(participants)
        # An object is the writer's phrase: "accused Lind of lying" leaves Lind the one whom "he" may mean.
        contents = [statement.content for statement in statements if statement.rule != "object"]
        self._coreference = Coreference(participants, contents, rejections)

    def run(self, rejected: list[tuple[RejectedCandidate, ...]] | None) -> tuple[Speaker, ...]:
        statements = self._statements
        referents: list[Referent] = [UNRESOLVED] * len(statements)
        rejected_for: list[tuple[RejectedCandidate, ...]] = [()] * len(statements)
        latest: tuple[RejectedCandidate, ...] = ()
        cued = sorted(
            (number for number, statement in enumerate(statements) if not _is_carried(statement)),
            key=lambda number: statements[number].attribution.start,  # type: ignore[union-attr]  # filtered above
        )
        last = UNRESOLVED
        for number in cued:
            attribution = statements[number].attribution or statements[number].content
            if attribution != last.attribution:  # else another part of the same statement
                voice = statements[number].voice
                referent = self._attributed(attribution) if voice is None else self._voiced(voice)
                last = replace(referent, attribution=attribution)
                self._coreference.history.append((attribution.start, last))
                latest = self._rejections.take(last.entity)
            referents[number], rejected_for[number] = last, latest
        for earlier, later in pairwise(cued):
            self._name_introduced(referents, earlier, later)
        for number, statement in enumerate(statements):
            if _is_carried(statement):
                referents[number] = self._carried(referents, number)
                rejected_for[number] = self._rejections.take(referents[number].entity)
        if rejected is not None:
            rejected.extend(rejected_for)
        return tuple(map(self._speaker, referents))

    def _speaker(self, referent: Referent) -> Speaker:
        entity = referent.entity
        if entity is not None and _confidence(referent) < _LEAST:
            # A wrong name costs three times as much as none.
            referent = replace(referent, rivals=(entity.name, *referent.rivals))
            entity = None
        if entity is None:
            role, affiliation = _unstopped(referent.role), _unstopped(referent.affiliation)
            described = self._description(referent.attribution)
            return Speaker(
                name=described,
                role=role,
                affiliation=affiliation,
                represents=self._represented(role, affiliation, referent.attribution),
                antecedent=referent.antecedent,
                rivals=tuple(dict.fromkeys(referent.rivals))[:3],
            )
        role = _unstopped(entity.role or referent.role)
        affiliation = _unstopped(entity.affiliation or referent.affiliation)
        return Speaker(
            name=entity.name,
            entity_id=entity.id,
            role=role,
            affiliation=affiliation,
            represents=self._represented(role, affiliation, None),
            resolved_by=referent.by,
            antecedent=referent.antecedent,
            confidence=_confidence(referent),
            rivals=tuple(dict.fromkeys(referent.rivals))[:3],
            condition=referent.condition,
        )

    def _represented(self, role: str | None, affiliation: str | None, attribution: Span | None) -> str | None:
        """Return the ID of the body for which a spokesperson speaks, None for other roles."""
        if role is None or self._roles["represents"].isdisjoint(fold(role).replace("-", " ").split()):
            return None
        if attribution is not None:
            body = self._participants.body_in(attribution.start, attribution.end)
            if body is not None:
                return body.entity_id
            words = frozenset(word_key(attribution.of(self._text)).split())
            nouns = (self._roles[kind] for kind in ("company", "agency", "organisation"))
            if not words.isdisjoint(self._words["body-possessive"].union(*nouns)):  # "its", "the company's"
                affiliation = self._participants.only_body(attribution.start)
        entities = self._participants.entities.values()
        return next((entity.id for entity in entities if entity.name == affiliation), None)

    def _description(self, attribution: Span | None) -> str | None:
        """Return the description of a speaker without a name: "residents"; None for a bare pronoun, "Q" or "A"."""
        words = " ".join(attribution.of(self._text).split()) if attribution is not None else ""
        low = fold(words)
        if low in self._pronouns:
            return None
        if low.rstrip("0123456789 ") in self._words["question-label | answer-label"]:
            return None
        return words or None

    def _name_introduced(self, referents: list[Referent], earlier: int, later: int) -> None:
        """Give "a spokeswoman for the port", or "an official" of the first paragraph, the name that follows."""
        unnamed, named, entity = referents[earlier], referents[later], referents[later].entity
        role = unnamed.role
        if unnamed.entity is not None or role is None or unnamed.antecedent is not None or named.attribution is None:
            return
        if entity is None or entity.kind != "person" or entity.may_be_body or named.by != "full-name":
            return
        if self._statements[later].cue is None:
            return  # a signature or label introduces its own words only
        if unnamed.attribution is not None and not _SENTENCE_END.search(
            self._text, unnamed.attribution.end, named.attribution.start
        ):
            return  # "The minister said so, although Igor Malt warned": two in one sentence are not the same
        first_paragraph, last_paragraph = self._statements[earlier].paragraph, self._statements[later].paragraph
        awaited = role in self._roles["speaking"] or first_paragraph == 0
        near = last_paragraph - first_paragraph <= 1
        fits = role in entity.nouns
        first = entity.spans[0].start >= named.attribution.start
        if awaited and near and fits and first and entity.gender in {"", gender_of_role(role, self._pack)}:
            introduced = replace(unnamed, entity=entity, by="role", antecedent=None, condition="introduced later")
            referents[earlier] = introduced

    def _voiced(self, voice: Voice) -> Referent:
        if voice.entity_id is None:
            return UNRESOLVED
        entity = self._participants.entities.get(voice.entity_id) or Entity(voice.entity_id, voice.name, "person")
        return Referent(entity, voice.by, voice.antecedent, "label")

    # --- by attribution ---

    def _attributed(self, attribution: Span) -> Referent:
        words = fold_words(PLAIN_WORD.findall(attribution.of(self._text)))
        if self._words["elided"]:
            words = [part for word in words for part in self._split(word)]
        if not words:
            return UNRESOLVED
        if len(words) == 1 and words[0].partition("'")[0] in self._words["pronoun"]:
            words = [words[0].partition("'")[0]]  # "He's claiming"
        if len(words) == 1 and words[0] in self._pronouns:
            return self._coreference.pronoun(words[0], attribution)
        before = PLAIN_WORD.findall(self._text, max(0, attribution.start - 30), attribution.start)
        while before and fold(before[-1]) in self._words["article"]:
            before.pop()
        if (
            len(before) > 1
            and fold(before[-1]) in self._words["issuer"]
            and fold(before[-2]) in self._words["handed-on"]
        ):
            return UNRESOLVED  # "A copy, seen by the Courier, says": the copy does
        together = self._together(attribution)
        if together is not None:
            return together
        head = self._participants.around(attribution) or self._heads.find(attribution)
        head = head or self._heads.named_after(words, attribution)
        if self._rejections.enabled:
            self._reject_others(head, attribution)
        return self._named(head, attribution) if head is not None else self._described(words, attribution)

    def _reject_others(self, head: Mention | None, attribution: Span) -> None:
        """Record the names in the attribution that are not its head."""
        for mention in self._participants.within(attribution):
            if head is None or mention.entity_id != head.entity_id:
                is_place = mention.kind == "place"
                reason = "a place, not a speaker" if is_place else "part of the phrase, but not its head"
                self._rejections.add(mention, reason)

    def _split(self, word: str) -> tuple[str, ...]:
        """Return `word` with an elided article as a word of its own: l'entreprise."""
        article, apostrophe, noun = word.partition("'")
        return (article + apostrophe, noun) if article + apostrophe in self._words["elided"] else (word,)

    def _together(self, attribution: Span) -> Referent | None:
        """Return people who speak together as one speaker: "Nadia Korbel and her lawyer Igor Malt"."""
        text = self._text
        inside = self._participants.within(attribution)
        # "The port's owners Korbel and Malt": what only says whose they are does not speak.
        while inside and fold(text[inside[0].span.end : inside[0].span.end + 2]) == "'s":
            inside.pop(0)
        if not inside:
            return None
        first = inside[0]
        before = fold_words(PLAIN_WORD.findall(text[attribution.start : first.span.start]))
        if before and before[-1] in self._words["preposition"]:
            return None
        chain = self._with_earlier(first)
        joined = len(chain) > 1
        while (following := self._participants.first_from(chain[-1].span.end)) is not None:
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
        return Referent(Entity(f"other:{slug(name)}", name, "other"), "full-name", condition="together")

    def _with_earlier(self, first: Mention) -> list[Mention]:
        """Return a name, behind one that "and" joins to it: the phrase may have been read from the "and" only."""
        earlier = next(self._participants.back_from(first.span.start), None)
        between = self._joins(earlier, first) if earlier is not None and self._participants.opens(earlier) else None
        return [first] if earlier is None or between is None or not between[1] else [earlier, first]

    def _joins(self, left: Mention, right: Mention) -> re.Match[str] | None:
        """Match the words between two names that speak together; group 1 holds the "and", and is empty in a list."""
        if (left.kind == "person") != (right.kind == "person"):
            return None
        joint = _JOINED.fullmatch(self._text, left.span.end, right.span.start)
        excludes = joint is not None and not self._words["excluding"].isdisjoint(joint.group().split())
        return None if excludes else joint  # "Varga, and not Trask"

    def _named(self, mention: Mention, attribution: Span) -> Referent:
        entity = self._participants.entities[mention.entity_id]
        known = self._of_surname(mention)
        if known is not None and known is not entity and (mention.surface.isupper() or known.spans[0] < mention.span):
            return Referent(known, "surname", known.full)
        if mention.kind != "person" or len(mention.surface.split()) >= len(person_key(entity.name).split()):
            return Referent(entity, "full-name", condition="doubtful" if entity.doubtful else "")
        return self._by_surname(mention, entity, attribution)

    def _by_surname(self, mention: Mention, entity: Entity, attribution: Span) -> Referent:
        """Return whom a surname means; of several people who have it, the one whom the title before it shows."""
        before = self._text[max(attribution.start - 5, 0) : mention.span.start].split()
        title = fold(before[-1]).rstrip(".") if before else ""
        titled = title in self._words["title-male"] or title in self._words["title-female"]
        shared = [one for one in self._participants.bearers(mention) if one.spans[0] <= mention.span or one is entity]
        if len(shared) > 1 and not titled:
            # "Chief Lind" is the one of the Linds who is chief; "Lind" may be any of them.
            chief = next((bearer for bearer in shared if title in bearer.nouns), None)
            if chief is None:
                return replace(UNRESOLVED, rivals=tuple(bearer.name for bearer in shared))
            entity = chief
        antecedent = entity.full or entity.spans[0]
        return Referent(
            entity,
            "title" if titled else "surname",
            antecedent if antecedent != mention.span else None,
            "shared" if len(shared) > 1 else "",
            rivals=tuple(bearer.name for bearer in shared if bearer is not entity),
        )

    def _of_surname(self, mention: Mention) -> Entity | None:
        """Return the person meant by "KORBEL:" of a transcript, or a family name that is also that of a company."""
        if mention.surface.isupper() or (mention.kind != "person" and " " not in mention.surface):
            return self._participants.by_surname(mention.surface)
        return None

    def _described(self, words: Sequence[str], attribution: Span) -> Referent:
        roles, coreference = self._roles, self._coreference
        words = self._without_setting(words)
        definite = words[0] in self._words["definite"]
        owned = self._owned(words, attribution) or coreference.titled(words, attribution.start)
        if owned is not None:
            return owned
        noun = self._heads.role(words)
        if noun:
            found = coreference.role(words, noun, attribution)
            return self._linked(words, found, attribution) if definite else found
        text = next((word for word in words if word in roles["document"]), "")
        if text and definite:
            return coreference.document(words, text, attribution)
        body = next((word for word in words if word in self._pack.bodies), "")
        if definite and body and len(words) <= 3:
            return self._linked(words, coreference.by_body(body, attribution), attribution)
        written = PLAIN_WORD.findall(attribution.of(self._text))
        if definite and (aged := coreference.aged(words, attribution)).entity is not None:
            return aged
        linked = self._linked(words, UNRESOLVED, attribution) if definite and len(words) > 1 else UNRESOLVED
        return linked if linked.entity is not None else self._capitalized(words, written)

    def _without_setting(self, words: Sequence[str]) -> Sequence[str]:
        """Return a description without "im Bundestag" or "in einer Mitteilung", which stand behind it in German."""
        for at in range(2, len(words)) if self._words["capitals"] else ():
            after = words[at + 1] if words[at] in self._words["preposition"] and at + 1 < len(words) else ""
            owned = after.startswith("eine") or after in self._words["singular-possessive"]
            if owned or words[at] in {"im", "am", "beim"}:
                return words[:at]
        return words

    def _capitalized(self, words: Sequence[str], written: Sequence[str]) -> Referent:
        """Return the speaker whom only capitals show to be a name; nothing where every noun has one."""
        if self._words["capitals"] and (len(words) < 2 or words[0] in self._words["determiner"]):
            return UNRESOLVED
        name = " ".join(written[int(words[0] in self._words["determiner"]) :])
        if name and all(word[0].isupper() for word in name.split()) and slug(name) and not self._is_common(words):
            return Referent(Entity(f"other:{slug(name)}", name, "other"), "full-name", condition="doubtful")
        return UNRESOLVED

    def _owned(self, words: Sequence[str], attribution: Span) -> Referent | None:
        """Return whose document speaks: "Lind's letter", "a statement from the school"; None for another phrase."""
        papers, stops = self._words["own-document"], self._words["preposition"]
        for number, word in enumerate(words):
            rest = words[number + 1 :]
            issued = word in papers and len(rest) > 2 and rest[0] in self._words["issuer"]
            owned = word.endswith("'s") and next((one for one in rest if one in papers or one in stops), "") in papers
            if not (issued or owned):
                continue
            phrase = rest[1:] if issued else [*words[:number], word.removesuffix("'s")]
            leads = tuple(f" {issuer} " for issuer in self._words["issuer"])
            for mention in self._participants.within(attribution):
                led = mention.kind == "person" and self._text.endswith(leads, 0, mention.span.start)
                if self._heads.is_owner(mention) != issued and (led or not issued):
                    return replace(self._named(mention, attribution), by="role", condition="owner")
            definite = len(phrase) > 1 and phrase[0] in self._words["definite"]
            return self._described(phrase, attribution) if definite else UNRESOLVED
        return None

    def _linked(self, words: Sequence[str], found: Referent, attribution: Span) -> Referent:
        """Return `found` unless its descriptions differ; else whom the text has so described: "the cheerful baker"."""
        if self._pack.clausal:
            return found  # descriptions are read with English forms
        written = PLAIN_WORD.findall(attribution.of(self._text))
        phrase = Phrase.read(written if len(written) == len(words) else words, self._words)
        doubted = self._is_doubted(found, phrase)
        if found.entity is not None and found.condition in _BY_ROLE:
            if not doubted and not self._descriptions.differs(found.entity, phrase):
                return found
            found = replace(UNRESOLVED, role=found.role)
        elif found.entity is not None or doubted:
            return found
        entity = self._descriptions.find(phrase, attribution.start)
        if entity is None:
            return found
        antecedent = self._coreference.latest(entity, attribution.start)
        return Referent(entity, "role", antecedent, "described before", found.role, found.affiliation)

    def _is_doubted(self, found: Referent, phrase: Phrase) -> bool:
        """Return whether another with the role may be meant: one without a name, or one of two who are described so."""
        if found.entity is None:
            return found.antecedent is not None
        return found.condition == "own" and self._descriptions.rivals(found.entity, phrase)

    def _is_common(self, words: Sequence[str]) -> bool:
        """Return whether a capital comes from the start of the sentence only: "Officials said", "Having said"."""
        last = words[-1]
        known = gazetteer().at(name := last.capitalize(), 0, name)
        if any(last in group for group in self._roles.values()) or (known and known[1][0].kind == "demonym"):
            return True
        closed = last in self._openers or any(last in self._words[name] for name in _CLOSED)
        closed = closed or last in word_sets("context_nouns.txt")["thing"]
        lower = re.search(rf"\b{re.escape(last)}\b", self._text) is not None  # the text writes it without a capital too
        return len(words) == 1 and (closed or lower or last.endswith("s"))

    # --- without attribution ---

    def _carried(self, referents: Sequence[Referent], number: int) -> Referent:
        """Return the speaker of a statement without attribution: of a neighbouring statement, or named next to it."""
        statement = self._statements[number]
        if statement.rule == "uncued":
            adjacent = self._adjacent(statement)
            if adjacent is not None:
                return adjacent
        earlier = number - 1
        if earlier < 0 or statement.rule in {"impersonal", "unattributed"}:
            return UNRESOLVED
        other = self._statements[earlier]
        if statement.paragraph - other.paragraph > 2:
            return UNRESOLVED
        sourced = other.rule in {"according-to", "hearsay"} and other.paragraph == statement.paragraph
        if statement.rule == "hearsay" and not sourced:
            return UNRESOLVED  # "Die Polizei meldete ... Er soll geflohen sein": only a source goes on
        between = self._taken_over if statement.rule == "continued" else self._denied
        taken = between(statement, other)
        if taken is not None:
            return taken
        referent = referents[earlier]
        by: Resolution = "carried" if referent.entity is not None else "unresolved"
        condition = self._carrying(statement, other)
        same = referent.by == "carried" and referent.condition == condition == "paragraph"
        source = referent.source if same else _confidence(referent)
        antecedent = other.attribution or referent.antecedent
        return replace(referent, by=by, antecedent=antecedent, condition=condition, source=source)

    def _carrying(self, statement: Statement, other: Statement) -> str:
        """Return the condition under which a statement has the speaker of another."""
        if statement.rule != "uncued":
            return "paragraph" if statement.paragraph == other.paragraph else "across"
        is_question = other.content.of(self._text).rstrip("\"'”’»").endswith("?")
        return "uncued after a question" if is_question else "uncued"

    def _taken_over(self, statement: Statement, other: Statement) -> Referent | None:
        """Return whoever is the subject of a sentence between two statements."""
        since = max(other.content.end, other.attribution.start + 1 if other.attribution is not None else 0)
        between = self._participants.within(Span(since, statement.content.start))
        taken = (self._taken(mention, "taken over") for mention in reversed(between))
        return next(filter(None, taken), None)

    def _denied(self, statement: Statement, other: Statement) -> Referent | None:
        """Return who denies what was said, between two statements: "Lind bestreitet das. Der Hafen sei leer"."""
        words = PLAIN_WORD.finditer(self._text, other.content.end, statement.content.start)
        verb = next((word for word in words if fold(word[0]) in self._words["rejecting-verb"]), None)
        if verb is None:
            return None
        who = next(self._participants.back_from(verb.start()), None)
        if who is None or who.span.start < other.content.end or not self._participants.is_subject(who):
            return UNRESOLVED
        return Referent(self._participants.entities[who.entity_id], "carried", who.span, "taken over")

    def _adjacent(self, statement: Statement) -> Referent | None:
        """Return the subject next to a quotation without a cue: "Lind nodded. ‘Yes.’", "‘No.’ That was Igor Malt"."""
        paragraph, end = self._article.paragraphs[statement.paragraph], statement.content.end
        start = paragraph.start
        if statement.paragraph and self._text[statement.content.start - 4 : statement.content.start].rstrip().endswith(
            ":"
        ):
            start = self._article.paragraphs[statement.paragraph - 1].start  # "Lind issued a statement:"
        for mention in self._participants.back_from(statement.content.start):
            if mention.span.start < start:
                break
            taken = self._taken(mention, "beside")
            if taken is not None:
                return taken
        after = self._participants.within(Span(end, min(paragraph.end, end + 40)))
        return self._taken(after[0], "beside") if after else None

    def _taken(self, mention: Mention, condition: str) -> Referent | None:
        """Return the person of `mention` as the speaker; None unless it is the subject of a sentence of the writer."""
        if mention.kind != "person" or self._coreference.is_said(mention.span):
            return None
        if not self._participants.is_subject(mention):
            return None
        return Referent(self._participants.entities[mention.entity_id], "carried", mention.span, condition)
