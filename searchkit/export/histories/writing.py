"""Write blocks as Markdown, or as one HTML page that works offline."""

from collections.abc import Iterable, Iterator, Sequence

from searchkit.export.citation import link, markdown
from searchkit.export.histories.blocks import Block, Line
from searchkit.export.report import CAUTION
from searchkit.export.report_html import escaped, page_end, page_start
from searchkit.statements.text import redacted


def markdown_page(title: str, blocks: Iterable[Block], remarks: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a Markdown document."""
    yield f"# {markdown(title)}"
    yield ""
    yield from (f"- {markdown(remark)}" for remark in remarks)
    yield ""
    yield CAUTION
    for block in blocks:
        yield ""
        yield f"## {markdown(block.title)}"
        yield ""
        yield markdown(block.facts)
        for line in block.lines:
            label = f"{markdown(line.label)}: " if line.label else ""
            yield ""
            yield f"- {label}{'**' if line.strong else ''}{markdown(line.text)}{'**' if line.strong else ''}"
            if line.source:
                yield f"  {link(line.source, _web(line))}"


def html_page(title: str, blocks: Iterable[Block], remarks: Sequence[str]) -> Iterator[str]:
    """Yield the lines of an HTML page."""
    yield from page_start(title)
    yield f'<header><h1 dir="auto">{escaped(title)}</h1>'
    yield from (f"<p>{escaped(remark)}</p>" for remark in remarks)
    yield "</header><main>"
    for block in blocks:
        yield f'<article><h2 dir="auto">{escaped(block.title)}</h2><p class="facts">{escaped(block.facts)}</p><dl>'
        for line in block.lines:
            text = f"<strong>{escaped(line.text)}</strong>" if line.strong else escaped(line.text)
            yield f'<dt>{escaped(line.label)}</dt><dd dir="auto">{text}{_source(line)}</dd>'
        yield "</dl></article>"
    yield f"</main><footer><p>{escaped(CAUTION)}</p></footer>"
    yield from page_end()


def _web(line: Line) -> str | None:
    return redacted(line.address) if line.address.startswith(("https://", "http://")) else None


def _source(line: Line) -> str:
    if not line.source:
        return ""
    web = _web(line)
    text = escaped(line.source)
    linked = f'<a href="{escaped(web)}" rel="noopener noreferrer nofollow">{text}</a>' if web else text
    return f'<br><span class="where">{linked}</span>'
