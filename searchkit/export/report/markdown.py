"""A dossier in Markdown."""

from collections.abc import Iterator

from searchkit.export.citation.citing import place_text
from searchkit.export.citation.markdown import link, markdown
from searchkit.export.report.model import Dossier, Entry, Source
from searchkit.export.report.text import CAUTION, asides, facts, front, spoken


def markdown_lines(dossier: Dossier) -> Iterator[str]:
    """The lines of the dossier, in order."""
    yield f"# {markdown(dossier.title)}"
    yield ""
    for name, value in front(dossier):
        yield f"- {name}: {markdown(value)}"
    yield ""
    yield CAUTION
    for group in dossier.groups:
        yield ""
        yield f"## {markdown(group.heading)} ({len(group):,})"
        if dossier.record == "quote":
            for entry in dossier.entries(group):
                yield from _entry(entry)
        else:
            for article in dossier.articles(group):
                yield from _article(article)
    if dossier.record == "quote" and len(dossier):
        yield ""
        yield "## Sources"
        for source in dossier.sources():
            yield ""
            yield f"- source {source.number}: {_titled(source)}"
            yield from _facts(source, indent="  ")


def _entry(entry: Entry) -> Iterator[str]:
    yield ""
    yield f"### {markdown(entry.said or 'No date')}"
    yield ""
    yield f"> {_words(entry)}"
    yield ""
    yield f"- {markdown(spoken(entry))}"
    title = link(entry.citation.title or "(no title)", entry.citation.link)
    yield f"- {title}, {markdown(place_text(entry.citation))} (source {entry.source})"
    for aside in asides(entry):
        yield f"- {markdown(aside)}"
    yield f"- cite: `{entry.citation.id}`"


def _words(entry: Entry) -> str:
    # Emphasis by signs fails beside letters and punctuation, so the words stand in a tag.
    before, after = (_kept(part) for part in (entry.before, entry.after))
    return f"{before}<mark>{markdown(entry.citation.words)}</mark>{after}"


def _kept(text: str) -> str:
    """`text` escaped, its blanks at the ends kept."""
    led, followed = " " if text.startswith(" ") else "", " " if text.endswith(" ") else ""
    inner = markdown(text.strip())
    return f"{led}{inner}{followed}" if inner else led or followed


def _article(article: Source) -> Iterator[str]:
    yield ""
    yield f"### {_titled(article)}"
    yield ""
    yield from _facts(article, indent="")
    for entry in article.statements:
        yield ""
        yield f"> {_words(entry)}"
        yield ""
        parts = [spoken(entry), f"said {entry.said}" if entry.said else "", *asides(entry)]
        yield f"{markdown(' · '.join(filter(None, parts)))} · `{entry.citation.id}`"


def _titled(source: Source) -> str:
    return link(source.citation.title or "(no title)", source.citation.link)


def _facts(source: Source, *, indent: str) -> Iterator[str]:
    for name, value in facts(source):
        yield f"{indent}- {name}: {markdown(value)}"
