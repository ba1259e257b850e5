"""Write a report in Markdown."""

from collections.abc import Iterator

from searchkit.export.citation.citing import link, markdown, place_text
from searchkit.export.report.model import CAUTION, Entry, Report, Source, asides, facts, front, spoken


def markdown_lines(report: Report) -> Iterator[str]:
    """Yield the lines of the report."""
    yield f"# {markdown(report.title)}"
    yield ""
    for name, value in front(report):
        yield f"- {name}: {markdown(value)}"
    yield ""
    yield CAUTION
    for group in report.groups:
        yield ""
        yield f"## {markdown(group.heading)} ({len(group):,})"
        if report.record == "quote":
            for entry in report.entries(group):
                yield from _entry(entry)
        else:
            for article in report.articles(group):
                yield from _article(article)
    if report.record == "quote" and len(report):
        yield ""
        yield "## Sources"
        for source in report.sources():
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
    # Markdown emphasis fails next to letters and punctuation, so the words stand in a tag.
    before, after = (_kept(part) for part in (entry.before, entry.after))
    return f"{before}<mark>{markdown(entry.citation.words)}</mark>{after}"


def _kept(text: str) -> str:
    """Return `text` escaped, with the spaces at its ends."""
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
