"""Write a report in Markdown."""

from collections.abc import Iterator

from searchkit.export.citation import link, markdown, place_text
from searchkit.export.report import CAUTION, Entry, Report, Source, front


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
    yield f"- {markdown(entry.spoken)}"
    title = link(entry.citation.title or "(no title)", entry.citation.link)
    yield f"- {title}, {markdown(place_text(entry.citation))} (source {entry.source})"
    for aside in entry.asides:
        yield f"- {markdown(aside)}"
    yield f"- cite: `{entry.citation.id}`"


def _words(entry: Entry) -> str:
    # Markdown emphasis fails next to letters and punctuation, so the words stand in a tag. `markdown` drops the spaces.
    led = " " if entry.before.endswith(" ") else ""
    followed = " " if entry.after.startswith(" ") else ""
    words = f"<mark>{markdown(entry.citation.words)}</mark>"
    return f"{markdown(entry.before)}{led}{words}{followed}{markdown(entry.after)}"


def _article(article: Source) -> Iterator[str]:
    yield ""
    yield f"### {_titled(article)}"
    yield ""
    yield from _facts(article, indent="")
    for entry in article.statements:
        yield ""
        yield f"> {_words(entry)}"
        yield ""
        yield f"{markdown(entry.summary())} · `{entry.citation.id}`"


def _titled(source: Source) -> str:
    return link(source.citation.title or "(no title)", source.citation.link)


def _facts(source: Source, *, indent: str) -> Iterator[str]:
    for name, value in source.facts:
        yield f"{indent}- {name}: {markdown(value)}"
