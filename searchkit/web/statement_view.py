"""A statement as a page shows it: speaker and reporting words before the words, the sentence, doubts and links."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from searchkit.export import citation as citations
from searchkit.notes import NoteFields
from searchkit.search.answer import OpenDocument
from searchkit.search.document_text import parts_of
from searchkit.search.highlight import complete
from searchkit.search.statement_text import (
    StatementText,
    date_text,
    gone_text,
    matched_entries,
    note_texts,
    page_text,
    statement_text,
    via_text,
    words_doubt,
)
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span, name_key, one_line
from searchkit.web.rendering import Links, marked

_FORM_LABELS = {"text": "Text", "markdown": "Markdown", "bibtex": "BibTeX", "csl-json": "CSL-JSON"}


PART = 60_000
"""Characters of a document on a page: some 10,000 words."""


def statement_view(
    quote: Quote,
    opened: OpenDocument,
    url: Links,
    *,
    marks: Sequence[Span] = (),
    title_marks: Sequence[Span] = (),
    part: int | None = None,
) -> dict[str, Any]:
    """Return a statement for a template: `lead` is the text before, of and after the name of its speaker, `sentence`
    the article's own if it says more. `marks` are matches in the text of the document, `part` that of a long document
    where it is known."""
    document, said = opened.document, statement_text(quote, opened.document)
    name = one_line(quote.speaker.name or "") if quote.speaker.entity_id else ""
    snippets = (complete(document.text, words, marks) for words in said.words)
    details = (via_text(quote, document), date_text(quote.date), quote.kind, words_doubt(quote))
    return {
        "id": quote.id,
        "lead": said.lead.partition(name) if name else (said.lead, "", ""),
        "speaker": quote.speaker.entity_id,
        "words": [marked(snippet.text, snippet.marks) for snippet in snippets],
        "sentence": _sentence(said, quote, document),
        "about": [(entity, one_line(opened.names.get(entity, entity))) for entity in quote.about],
        "details": [detail for detail in details if detail],
        "title": marked(title_line(document), title_marks),
        "source": [text for text in (one_line(document.publisher), page_text(quote, document)) if text],
        "place": url(f"/documents/{document.id}", part=part or _part(document, quote)) + f"#s-{quote.id}",
        "published": date_text(document.published),
        "gone": gone_text(document),
        "watchlist": matched_entries(opened.matched.get(quote.id, ())),
        "notes": note_texts(opened.note(quote.id)),
        "duplicates": 0,
    }


def _part(document: Document, quote: Quote) -> int | None:
    """Return the part of a long document where a statement begins; None for the first."""
    if len(document.text) <= PART:
        return None
    starts = [part.start for part in parts_of(document, PART)]
    number = bisect_right(starts, quote.content.start)
    return number if number > 1 else None


def title_line(document: Document) -> str:
    """Return the title with every white-space character as a blank, so that marks keep their places."""
    return "".join(" " if character.isspace() else character for character in document.title or "(no title)")


def _sentence(said: StatementText, quote: Quote, document: Document) -> Markup | None:
    """Return the article's sentence with the words of the statement marked, if it says more than the statement."""
    sentence = complete(document.text, document.sentence_of(quote), [quote.content])
    shown = name_key(said.sentence(document)).split()
    if set(name_key(sentence.text).split()).issubset(shown):
        return None
    return marked(sentence.text, sentence.marks, tag="b")


def cited(document: Document, quote: Quote | None, note: NoteFields | None = None) -> list[tuple[str, str]]:
    """Return the citation of a document, or of a statement with the user's note on it, in each form, by name."""
    citation = citations.cite(document, quote, note)
    return [(_FORM_LABELS[form], write(citation)) for form, write in citations.FORMS.items()]
