"""Resolve references other than names: "he", "they", "the company", "the official", "her statement"."""

import re
from bisect import bisect_left
from collections.abc import Sequence, Set

from msgspec.structs import replace

from searchkit.statements.document import Mention
from searchkit.statements.names.namesakes import gender_of_role
from searchkit.statements.speakers.participants import Entity
from searchkit.statements.speakers.persons import Persons
from searchkit.statements.speakers.referents import UNRESOLVED, Reason, Referent, may_be
from searchkit.statements.speakers.subjects import BODY_KINDS, PLAIN_WORD
from searchkit.statements.speakers.unnamed import INTRODUCED_REACH, NOUN_SUBJECT
from searchkit.statements.text import Span, fold

# People without a name who open a sentence: "Farmers gathered", "The neighbours had been".
_PEOPLE = re.compile(
    r"(?:[.!?]['\"”’]? |\n)(?:The [a-z]{3,20}s|[A-Z][a-z]{3,20}s)"
    r"(?: (?:for|of|at|from|in) [\w ]{3,30}?)? [a-z]{2,15}(?:ed|t|d) "
)
_MARKS = ("“", '"', "‘", "'", "„", "«")
# So many paragraphs back, a document of another word may be meant: "a study" before "the report".
_NEAR = 2


class Coreference(Persons):
    """Resolves pronouns and nouns back in one text, along the statements in its history."""

    def pronoun(self, word: str, attribution: Span) -> Referent:
        """Return whom "he", "she", "they" or "it" at `attribution` means."""
        if word in self._words["female"] or word in self._words["male"]:
            gender = "female" if word in self._words["female"] else "male"
            referent = self.person(attribution.start, gender, "pronoun")
            # German "sie" is "she" and "they".
            if referent.entity is not None or word not in self._words["body-pronoun"]:
                return referent
        if word in self._words["body-pronoun"]:
            return self.body(attribution)
        return UNRESOLVED

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
        subject, near = self._body_named(spoke_at, position)
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
        return Referent(self._entity(near), "pronoun", near.span, "body near") if near is not None else UNRESOLVED

    def _body_named(self, since: int, position: int) -> tuple[Mention | None, Mention | None]:
        """Return the last body that opened a sentence after `since`, and else the last one in this paragraph."""
        here, near = self.paragraph(position), None
        for mention in self._participants.back_from(position):
            distance = here - self.paragraph(mention.span.start)
            if distance > 1:
                self._rejections.add(mention, Reason.TOO_FAR)
                break
            if mention.span.start <= since:
                break
            is_subject = self._participants.is_subject(mention)
            if not self._is_body(mention) and not (is_subject and self._may_be_firm(mention)):
                self._rejections.add(mention, f"a {mention.kind}, not a body")
            elif self.is_said(mention.span):
                self._rejections.add(mention, Reason.IS_SAID)
            elif is_subject:
                return mention, None
            elif near is None and distance == 0:
                near = mention
            else:
                self._rejections.add(mention, Reason.NO_SUBJECT)
        return None, near

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
                found = replace(referent, by="pronoun", condition="body near") if known else UNRESOLVED
        return UNRESOLVED if _PEOPLE.search(self._text, since, position) else found

    def _body_spoke(self, body: str, kind: str | None, position: int) -> Entity | None:
        """Return the body that made the last statement of a body, in this paragraph or the one before."""
        for place, referent in self._recent():
            if self.paragraph(position) - self.paragraph(place) > 1:
                return None
            entity = referent.entity
            if entity is None or (entity.kind == "person" and not entity.may_be_body):
                continue
            if body in self._roles["sort"] and not entity.name.isupper() and body not in fold(entity.name).split():
                return None
            return entity if entity.kind in (kind, "organisation", "other", "person") else None
        return None

    # --- nouns ---

    def role(self, words: Sequence[str], noun: str, attribution: Span) -> Referent:
        """Return whom "the official" or "the spokesperson of the office" means."""
        inside = self._participants.body_in(attribution.start, attribution.end)
        if words[0] in self._words["definite"]:
            if len(words) <= 4:
                earlier = self._unnamed_before(noun)
                if earlier is not None:
                    return replace(UNRESOLVED, role=noun, antecedent=earlier)
                referent = self._by_role(noun, attribution.start, bare=len(words) == 2)
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
            if noun in self._roles["describing"] or any(word.endswith("-year-old") for word in words):
                return self.described(attribution, gender_of_role(noun, self._pack))
            is_owned = any(word.endswith(("'s", "’s")) for word in words)  # "The club's trainer" is somebody else
            subject = None if is_owned else self._roleless(noun, attribution.start)
            if subject is not None:
                affiliation = inside.name if inside is not None else None
                antecedent = self.latest(subject, attribution.start)
                return Referent(subject, "role", antecedent, "roleless", noun, affiliation)
        return Referent(None, "unresolved", role=noun, affiliation=inside.name if inside is not None else None)

    def _unnamed_before(self, noun: str) -> Span | None:
        """Return an earlier unnamed speaker of the same role: "a justice official" before "the official"."""
        for _, referent in self._recent():
            if referent.entity is not None and noun in referent.entity.nouns:
                return None
            if referent.entity is None and referent.role == noun:
                return referent.antecedent or referent.attribution
        return None

    def _roleless(self, noun: str, position: int) -> Entity | None:
        """Return the subject of the text right before, if it has no known role: "Lind came. The manager said"."""
        here, gender = self.paragraph(position), gender_of_role(noun, self._pack)
        for mention in self._participants.back_from(position):
            if here != self.paragraph(mention.span.start):
                return None
            if mention.kind == "person" and not self.is_said(mention.span) and self._participants.is_subject(mention):
                entity = self._entity(mention)
                return entity if not entity.nouns and may_be(entity, gender) else None
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

    def described(self, attribution: Span, gender: str = "") -> Referent:
        """Return whom "the 61-year-old" means: the last person who opened a sentence."""
        for mention in self._participants.back_from(attribution.start):
            if mention.kind != "person" or not self._participants.is_subject(mention):
                continue
            entity = self._entity(mention)
            if may_be(entity, gender):
                return Referent(entity, "role", mention.span, "described")
            self._rejections.add(mention, Reason.OTHER_GENDER)
        return UNRESOLVED

    def document(self, words: Sequence[str], noun: str, attribution: Span) -> Referent:
        """Return who issued "the study" or "her statement": the body named with it, or whom the pronoun means."""
        owner = words[1].removesuffix("'s").removesuffix("’s") if len(words) > 2 else ""
        if owner in self._bodies:
            return self.by_body(owner, attribution)
        if words[0] in self._words["singular-possessive"]:
            return self.person(attribution.start, "female" if words[0] in self._words["female"] else "male", "role")
        if words[0] in self._words["body-possessive"]:
            return self.body(attribution)
        alike = self._words["paper"] if noun in self._words["paper"] else {noun}
        for nouns, reach in (({noun}, _NEAR), (alike, _NEAR), ({noun}, None)):
            issuer = self._issuer(nouns, attribution.start, reach)
            if issuer is not None:
                return Referent(self._entity(issuer), "role", issuer.span, "issuer")
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

    def _issuer(self, nouns: Set[str], position: int, paragraphs: int | None) -> Mention | None:
        """Return the latest body that issued such a document: "the Ostrava report", "a study by Ostrava"."""
        here = self.paragraph(position)
        for mention in self._participants.back_from(position):
            if paragraphs is not None and here - self.paragraph(mention.span.start) > paragraphs:
                break
            if mention.kind not in BODY_KINDS and mention.kind != "other":
                continue
            after = PLAIN_WORD.match(self._text, mention.span.end + 1)
            if after is not None and fold(after.group()) in nouns:
                return mention
            before = self._text[max(0, mention.span.start - 40) : mention.span.start]
            words = [fold(word) for word in PLAIN_WORD.findall(before)]
            while words and words[-1] in self._words["article"]:
                words.pop()
            if len(words) > 1 and words[-1] in self._words["issuer"] and words[-2] in nouns:
                return mention
        return None

    def _reported_of_itself(self, kind: str | None, attribution: Span) -> Mention | None:
        """Return the body that opens reported words before the attribution: "Veltra will close, the company said"."""
        at = bisect_left(self._content_starts, attribution.start) - 1
        if at < 0 or not 0 <= attribution.start - self._content_ends[at] <= 3:  # a comma and a space
            return None
        start = self._content_starts[at]
        first = self._participants.first_from(start)
        opens = first is not None and self._text[start : first.span.start] in {"", "The "}
        fits = opens and first is not None and first.kind in {kind, "organisation"} and self._is_body(first)
        return first if fits else None

    def by_body(self, body: str, attribution: Span) -> Referent:
        """Return whom "the company" means.

        This is the latest body with that word in its name; else the body of that kind that last spoke, opened a
        sentence or is named. A word for one sort of body ("the ministry") means no other.
        """
        kind, here = self._bodies.get(body), self.paragraph(attribution.start)
        reported = self._reported_of_itself(kind, attribution)
        if reported is not None:
            return Referent(self._entity(reported), "role", reported.span, "of itself")
        spoke = self._body_spoke(body, kind, attribution.start)
        opens: Mention | None = None
        near: Mention | None = None
        for mention in self._participants.back_from(attribution.start):
            if body in fold(mention.name).split() and (kind != "organisation" or mention.kind != "agency"):
                entity = self._body_of_name(body, mention)
                return Referent(entity, "role", self.latest(entity, attribution.start), "body named")
            if not self._is_body(mention) or mention.kind == "group":
                continue
            reason = self._reason_against_body(body, mention, here)
            if reason:
                self._rejections.add(mention, reason)
            elif opens is None and self._may_open(mention, kind):
                opens = mention
            elif near is None and mention.kind == kind:
                near = mention
        if spoke is not None and (opens is None or spoke.id == opens.entity_id):
            return Referent(spoke, "role", self.latest(spoke, attribution.start), "body spoke")
        if opens is not None:
            return Referent(self._entity(opens), "role", opens.span, "body opened")
        if near is not None and self._kinds[near.kind] == 1:
            return Referent(self._entity(near), "role", near.span, "body near")
        return UNRESOLVED

    def _body_of_name(self, body: str, mention: Mention) -> Entity:
        """Return the body whose name has the word: that of `mention`, or another that spoke.

        "U.S. Treasury securities" does not change which department speaks.
        """
        entity = self._entity(mention)
        if self._participants.is_subject(mention):
            return entity
        spoken = (referent.entity for _, referent in self._recent())
        bodies = (other for other in spoken if other is not None and other.kind in BODY_KINDS)
        return next((other for other in bodies if body in fold(other.name).split()), entity)

    def _may_open(self, mention: Mention, kind: str | None) -> bool:
        """Return whether the mention is a subject of that kind; those of persons and organisations are uncertain."""
        fits = mention.kind in {kind, "person"} or "organisation" in (mention.kind, kind)
        return fits and self._participants.is_subject(mention)

    def _reason_against_body(self, body: str, mention: Mention, here: int) -> str:
        """Return why a body cannot be meant in paragraph `here`; empty if it may be."""
        if self.is_said(mention.span):
            return Reason.IS_SAID
        if here - self.paragraph(mention.span.start) > 1:
            return Reason.TOO_FAR
        is_sort = body in self._roles["sort"] and not mention.name.isupper()
        return f'"{body}" is not in its name' if is_sort else ""
