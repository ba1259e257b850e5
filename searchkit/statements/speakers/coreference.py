"""Resolve references other than names: "he", "they", "the company", "the official", "her statement"."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from msgspec.structs import replace

from searchkit.statements.document import Mention
from searchkit.statements.names.gazetteer import country_of
from searchkit.statements.speakers.participants import Entity
from searchkit.statements.speakers.persons import Persons
from searchkit.statements.speakers.referents import UNRESOLVED, Reason, Referent
from searchkit.statements.speakers.unnamed import INTRODUCED_REACH, NOUN_SUBJECT
from searchkit.statements.text import Span, fold

# People without a name who open a sentence: "Farmers gathered", "The neighbours had been".
_PEOPLE = re.compile(
    r"(?:[.!?]['\"”’]? |\n)(?:The [a-z]{3,20}s|[A-Z][a-z]{3,20}s)"
    r"(?: (?:for|of|at|from|in) [\w ]{3,30}?)? [a-z]{2,15}(?:ed|t|d) "
)
_MARKS = ("“", '"', "‘", "'", "„", "«")


class Coreference(Persons):
    """Resolves pronouns and nouns back in one text, along the statements in its history."""

    def pronoun(self, word: str, attribution: Span) -> Referent:
        """Return whom "he", "she", "they" or "it" at `attribution` means."""
        favoured = self._favoured(attribution)
        if favoured is not None:
            return favoured
        if word in self._words["female"] or word in self._words["male"]:
            gender = "female" if word in self._words["female"] else "male"
            referent = self.person(attribution.start, gender, "pronoun")
            # German "sie" is "she" and "they".
            if referent != UNRESOLVED or word not in self._words["body-pronoun"]:
                return referent
        if word in self._words["body-pronoun"]:
            return self.body(attribution)
        return UNRESOLVED

    def _favoured(self, attribution: Span) -> Referent | None:
        """Return whom the words before the attribution name first: "For the admiral, it was a defeat, he said"."""
        at = bisect_left(self._content_starts, attribution.start) - 1
        if at < 0 or not 0 <= attribution.start - self._content_ends[at] <= 16:  # ", sagte "
            return None
        words = self._text[self._content_starts[at] : self._content_ends[at]].split(maxsplit=3)[:3]
        low = [fold(word).strip(",") for word in words]
        opens = len(low) == 3 and low[0] in self._words["favouring"] and low[1] in self._words["definite"]
        if not opens or not self._participants.is_role(low[2]):
            return None
        return self._by_role(low[2], attribution.start) or UNRESOLVED

    def body(self, attribution: Span) -> Referent:
        """Return whom "they" or "it" means: the body that last spoke or opened a sentence, if no noun has since.

        A document ("The report names nine ships. It says") and unnamed people ("Farmers came. They said") have no name.
        """
        here, position = self.paragraph(attribution.start), attribution.start
        spoke_at, spoke = -1, UNRESOLVED
        for place, referent in self._recent():
            if referent.entity is not None and referent.entity.kind == "person" and not referent.entity.may_be_body:
                continue
            if here - self.paragraph(place) <= 1:
                spoke_at, spoke = place, referent
            break
        subject = self._body_named(spoke_at, position)
        since = max(spoke_at, subject.span.end if subject is not None else 0, position - INTRODUCED_REACH)
        noun = self._noun_opened(since, position)
        if noun is not None:
            return noun
        if subject is not None:
            return Referent(self._entity(subject), "pronoun", subject.span, "body")
        if spoke is not UNRESOLVED:
            if spoke.entity is None:
                return replace(spoke, antecedent=spoke.antecedent or spoke.attribution)
            return Referent(spoke.entity, "pronoun", self.latest(spoke.entity, position), "body spoke")
        return UNRESOLVED

    def _body_named(self, since: int, position: int) -> Mention | None:
        """Return the last body that opened a sentence after `since`, in this paragraph or the one before."""
        here = self.paragraph(position)
        for mention in self._participants.back_from(position):
            distance = here - self.paragraph(mention.span.start)
            if distance > 1:
                self._rejections.add(mention, Reason.TOO_FAR)
                break
            if mention.span.start <= since:
                break
            is_subject = self._participants.is_subject(mention)
            is_known = self._is_body(mention) and mention.rule != "acronym"  # "DIY", "LLM"
            if not is_known and not (is_subject and self._may_be_firm(mention)):
                self._rejections.add(mention, f"a {mention.kind}, not a body")
            elif self.is_said(mention.span):
                self._rejections.add(mention, Reason.IS_SAID)
            elif is_subject:
                return mention
            else:
                self._rejections.add(mention, Reason.NO_SUBJECT)
        return None

    def _may_be_firm(self, mention: Mention) -> bool:
        """Return whether a name shows nothing but two capitals, and is not a title in marks: "Nordgas Pumps"."""
        marked = self._text[mention.span.start - 1 : mention.span.start] in _MARKS
        if mention.kind not in {"person", "other"} or " " not in mention.name or marked:
            return False
        return not self._entity(mention).is_proven

    def _noun_opened(self, since: int, position: int) -> Referent | None:
        """Return whom "it" means after a noun: the body that "The council" means; UNRESOLVED for a document, people."""
        found: Referent | None = None
        for match in NOUN_SUBJECT.finditer(self._text, since, position):
            if self.is_said(Span(match.start(1), match.end(2))):
                continue
            words = [fold(word) for word in match[2].split()]
            named = self._participants.first_from(match.end())
            if named is not None and self._text[match.end() : named.span.start] in {" ", ", ", ", the "}:
                continue  # "Her union, the Harbor Union, met"
            if not self._roles["document"].isdisjoint(words):
                found = UNRESOLVED
                continue
            body = next((word for word in words if word in self._bodies), "")
            if body:
                referent = self.by_body(body, Span(match.start(1), match.end(2)))
                known = referent.entity is not None
                found = replace(referent, by="pronoun", condition="body") if known else UNRESOLVED
        return UNRESOLVED if _PEOPLE.search(self._text, since, position) else found

    # --- nouns ---

    def role(self, words: Sequence[str], noun: str, attribution: Span) -> Referent:
        """Return whom "the official" or "the spokesperson of the office" means."""
        inside = self._participants.body_in(attribution.start, attribution.end)
        if words[0] in self._words["definite"]:
            if len(words) <= 4:
                earlier = self._unnamed_before(noun)
                if earlier is not None:
                    return replace(UNRESOLVED, role=noun, antecedent=earlier)
                referent = self._by_role(noun, attribution.start)
                unnamed = self._unnamed_subject(noun, referent, attribution.start)
                if unnamed is not None:
                    return replace(UNRESOLVED, role=noun, antecedent=unnamed)
                if referent is not None:
                    return referent
            if inside is not None:
                for mention in self._participants.back_from(attribution.start):
                    member = self._entity(mention)
                    if noun in member.nouns and member.affiliation == inside.name:
                        return Referent(member, "role", self.latest(member, attribution.start), "member")
        return Referent(None, "unresolved", role=noun, affiliation=inside.name if inside is not None else None)

    def _unnamed_before(self, noun: str) -> Span | None:
        """Return an earlier unnamed speaker of the same role: "a justice official" before "the official"."""
        for _, referent in self._recent():
            if referent.entity is not None and noun in referent.entity.nouns:
                return None
            if referent.entity is None and referent.role == noun:
                return referent.antecedent or referent.attribution
        return None

    def _unnamed_subject(self, noun: str, referent: Referent | None, position: int) -> Span | None:
        """Return the unnamed person of this role who opened a sentence since `referent` was named."""
        since = max(
            referent.antecedent.end if referent is not None and referent.antecedent else 0, position - INTRODUCED_REACH
        )
        for found in NOUN_SUBJECT.finditer(self._text, since, position):
            if found[1] in {"A", "An"} and noun in fold(found[2]).split():
                return Span(found.start(1), found.end(2))
        return None

    def aged(self, words: Sequence[str], attribution: Span) -> Referent:
        """Return whom "the 61-year-old" means: the only person named before it with this age ("Malt, 61,")."""
        age = next((word.partition("-")[0] for word in words if word.endswith(self._age_endings)), "")
        tells_age = re.compile(rf",? \(?{re.escape(age)}\b")
        named = self._participants.back_from(attribution.start) if age else ()
        of_age = {one.entity_id: one for one in named if tells_age.match(self._text, one.span.end)}
        if len(of_age) != 1:
            return UNRESOLVED
        entity = self._entity(next(iter(of_age.values())))
        return Referent(entity, "role", self.latest(entity, attribution.start), "described")

    def document(self, words: Sequence[str], noun: str, attribution: Span) -> Referent:
        """Return who issued "her statement" or "the email": whom the pronoun means, or who wrote in one."""
        owner = words[1].removesuffix("'s").removesuffix("’s") if len(words) > 2 else ""
        if owner in self._bodies:
            return self.by_body(owner, attribution)
        if words[0] in self._words["singular-possessive"]:
            return self.person(attribution.start, "female" if words[0] in self._words["female"] else "male", "role")
        if words[0] in self._words["body-possessive"]:
            return self.body(attribution)
        place, last = self.history[-1] if self.history and noun in self._words["message"] else (0, UNRESOLVED)
        if last.entity is not None and self._was_sent(noun, place, attribution.start):
            return Referent(last.entity, "role", self.latest(last.entity, attribution.start), "message")
        return UNRESOLVED

    def _was_sent(self, noun: str, start: int, end: int) -> bool:
        """Return whether the report of a statement names its document: "wrote in an email. The email ..."."""
        lead = r"(?:\b(?:in|on|issued|released|sent) (?:an?|the|his|her|its|their)|\nAn?)"
        sent = re.compile(rf"{lead} (?:[\w\-]{{1,20}} ){{0,2}}{noun}\b")
        start = max(0, self._text.rfind("\n", 0, start))
        return any(not self.is_said(Span(*found.span())) for found in sent.finditer(self._text, start, end))

    def _reported_of_itself(self, kind: str | None, attribution: Span) -> Mention | None:
        """Return the body that opens reported words before the attribution: "Veltra will close, the company said"."""
        at = bisect_left(self._content_starts, attribution.start) - 1
        if at < 0 or not 0 <= attribution.start - self._content_ends[at] <= 3:  # a comma and a space
            return None
        start = self._content_starts[at]
        first = self._participants.first_from(start)
        opens = first is not None and self._text[start : first.span.start] in {"", "The "}
        fits = opens and first is not None and first.kind == kind and self._is_body(first)
        return first if fits else None

    def by_body(self, body: str, attribution: Span) -> Referent:
        """Return whom "the company" means: the only body with that word in its name; else the only one of that kind."""
        kind = self._bodies.get(body)
        reported = self._reported_of_itself(kind, attribution)
        if reported is not None:
            return Referent(self._entity(reported), "role", reported.span, "of itself")
        named, alike = dict[str, Entity](), dict[str, Entity]()
        for mention in self._participants.back_from(attribution.start):
            entity = self._entity(mention)
            if self._is_left_country(mention, attribution.start):
                self._rejections.add(mention, "another country is named since")
            elif self._is_called(mention, body) and (kind != "organisation" or mention.kind != "agency"):
                named[entity.id] = entity
            elif (
                mention.kind == kind == "company" and body not in self._roles["sort"] and not self.is_said(mention.span)
            ):
                alike[entity.id] = entity
        condition = "body named" if named else "only body"
        found = list((named or alike).values())
        if len(found) != 1:
            return replace(UNRESOLVED, rivals=tuple(entity.name for entity in found))
        return Referent(found[0], "role", self.latest(found[0], attribution.start), condition)

    def _is_called(self, mention: Mention, body: str) -> bool:
        """Return whether a word for a body is in a name: "Airlines", and "gericht" in "Landgericht Neuburg"."""
        words = fold(mention.name).split()
        if self._words["capitals"] and body not in self._roles["sort"]:
            return any(word.endswith(body) for word in words)
        return not {body, f"{body}s"}.isdisjoint(words)

    def _is_left_country(self, body: Mention, position: int) -> bool:
        """Return whether the writer named another country since the body of one."""
        own = country_of(body.entity_id)
        named = self._participants.back_from(position) if body.kind == "agency" else ()
        since = (
            country_of(one.entity_id) for one in named if one.span.start >= body.span.end and not self.is_said(one.span)
        )
        return next(filter(None, since), own) != own
