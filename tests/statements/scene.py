"""Articles and mentions for the tests of statements, written down by hand so that each rule is tested alone."""

import re

from searchkit.statements.document import Article, Mention, MentionKind
from searchkit.statements.packs import pack_for
from searchkit.statements.quotes import finding as quotes
from searchkit.statements.quotes import marks
from searchkit.statements.quotes.reading import Reader, Sentence
from searchkit.statements.quotes.statement import Statement
from searchkit.statements.reader.reports import PatternReader
from searchkit.statements.speakers import resolving as speakers
from searchkit.statements.speakers.participants import read_participants
from searchkit.statements.text import Span, paragraphs, slug


def article(text: str, *, language: str | None = "en") -> Article:
    """An article of this text alone."""
    return Article(uri="file:scene.txt", text=text, paragraphs=paragraphs(text), language=language)


def named(text: str, **kinds: str) -> tuple[Mention, ...]:
    """Mentions of names by kind (`person="Nadia Korbel; Igor Malt"`), and of each person's last name alone."""
    found: dict[int, Mention] = {}
    for kind, names in kinds.items():
        for name in (part.strip() for part in names.split(";")):
            forms = [name, name.split()[-1]] if kind == "person" else [name]
            for form in forms:
                for match in re.finditer(rf"\b{re.escape(form)}(?!\w)", text):
                    if any(at <= match.start() < known.span.end for at, known in found.items()):
                        continue
                    found[match.start()] = _mention(Span(*match.span()), form, name, kind)  # type: ignore[arg-type]  # keywords are kinds
    return tuple(found[at] for at in sorted(found))


def _mention(span: Span, surface: str, name: str, kind: MentionKind) -> Mention:
    return Mention(
        span=span,
        surface=surface,
        name=name,
        entity_id=f"{kind}:{slug(name)}",
        kind=kind,
        rule="by-hand",
        confidence=1.0,
    )


PEOPLE = "Nadia Korbel; Igor Malt; Vera Lind"
BODIES = "Ostrava Trade Office; Harbor Union"


def find(text: str, *, person: str = PEOPLE, agency: str = BODIES) -> list[Statement]:
    """The statements found in `text`."""
    found = quotes.find(article(text), named(text, person=person, agency=agency))
    assert not found.failed, "a rule raised an error"
    return list(found.statements)


def said(text: str) -> list[str]:
    """The words of the statements found in `text`."""
    return [found.content.of(text) for found in find(text)]


def who(text: str, *, person: str = PEOPLE, **kinds: str) -> list[tuple[str | None, str]]:
    """For each statement in `text` the speaker's name and how it was resolved."""
    kinds.setdefault("agency", BODIES)
    mentions = named(text, person=person, **kinds)
    scene = article(text)
    resolved = speakers.resolve(quotes.find(scene, mentions).statements, read_participants(scene, mentions))
    return [(speaker.name if speaker.entity_id else None, speaker.resolved_by) for speaker in resolved]


ENGLISH = pack_for("en")
assert ENGLISH is not None
ENGLISH_READER = PatternReader(ENGLISH)


def read(text: str, *, person: str = PEOPLE, agency: str = BODIES, **kinds: str) -> list[Sentence]:
    """The sentences of `text` as tokens, with its quotations and its names."""
    mentions = named(text, person=person, agency=agency, **kinds)
    spans = paragraphs(text)
    reader = Reader(text, marks.find(text, spans), mentions)
    return [sentence for number, span in enumerate(spans) for sentence in reader.sentences(span, number)]


def words(text: str, sentence: Sentence, part: tuple[int, int] | None) -> str | None:
    """The text of a range of tokens; None for no range, an empty string for an empty one."""
    if part is None:
        return None
    return sentence.range(*part).of(text) if part[0] < part[1] else ""
