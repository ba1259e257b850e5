"""Write a report as Markdown, or as one HTML page that works offline."""

from collections.abc import Iterable, Iterator, Sequence

from searchkit.export.citation import link, markdown
from searchkit.export.report import CAUTION
from searchkit.export.report_html import escaped, page_end, page_start
from searchkit.reports.base import Entry, Line
from searchkit.statements.text import redacted


def markdown_page(title: str, entries: Iterable[Entry], remarks: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a Markdown document."""
    yield f"# {markdown(title)}"
    yield ""
    yield from (f"- {markdown(remark)}" for remark in remarks)
    yield ""
    yield CAUTION
    for entry in entries:
        yield ""
        yield f"## {markdown(entry.title)}"
        yield ""
        yield markdown(entry.facts)
        for line in entry.lines:
            label = f"{markdown(line.label)}: " if line.label else ""
            yield ""
            yield f"- {label}{'**' if line.strong else ''}{markdown(line.words)}{'**' if line.strong else ''}"
            if line.where:
                yield f"  {link(line.where, _web(line))}"
        for remark in entry.remarks:
            yield ""
            yield f"- {markdown(remark)}"


def html_page(title: str, entries: Iterable[Entry], remarks: Sequence[str]) -> Iterator[str]:
    """Yield the lines of an HTML page."""
    yield from page_start(title)
    yield f'<header><h1 dir="auto">{escaped(title)}</h1>'
    yield from (f"<p>{escaped(remark)}</p>" for remark in remarks)
    yield "</header><main>"
    for entry in entries:
        yield f'<article><h2 dir="auto">{escaped(entry.title)}</h2><p class="facts">{escaped(entry.facts)}</p><dl>'
        for line in entry.lines:
            text = f"<strong>{escaped(line.words)}</strong>" if line.strong else escaped(line.words)
            yield f'<dt>{escaped(line.label)}</dt><dd dir="auto">{text}{_source(line)}</dd>'
        remarks = "".join(f"<p>{escaped(remark)}</p>" for remark in entry.remarks)
        yield f"</dl>{remarks}</article>"
    yield f"</main><footer><p>{escaped(CAUTION)}</p></footer>"
    yield from page_end()


def _web(line: Line) -> str | None:
    return redacted(line.address) if line.address.startswith(("https://", "http://")) else None


def _source(line: Line) -> str:
    if not line.where:
        return ""
    web = _web(line)
    text = escaped(line.where)
    linked = f'<a href="{escaped(web)}" rel="noopener noreferrer nofollow">{text}</a>' if web else text
    return f'<br><span class="where">{linked}</span>'
