"""Write a report as one HTML page that works offline: no scripts, nothing external, and printable."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from html import escape

from searchkit.export.citation import Citation, place_text
from searchkit.export.report import CAUTION, Entry, Report, Source, front
from searchkit.statements.text import one_line

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 Georgia, serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1, h2, h3, dt, .who, .where, .aside, nav, footer { font-family: system-ui, sans-serif; }
h2 { border-bottom: 1px solid; margin-top: 2.5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; }
dt { font-size: .85rem; } dd { margin: 0; }
blockquote { margin: .5rem 0; padding-left: 1rem; border-left: 3px solid; }
mark { background: #ffe9a8; color: #000; }
.who { margin: 0; font-weight: 600; }
.where, .aside, .facts { margin: 0; font-size: .85rem; }
.aside { font-style: italic; }
code { font-size: .85em; }
@media print {
  @page { margin: 2cm; }
  body { max-width: none; margin: 0; font-size: 10pt; }
  nav { display: none; }
  a { color: inherit; text-decoration: none; }
  mark { background: none; font-weight: bold; }
  h2, h3 { break-after: avoid; }
  article, li { break-inside: avoid; }
}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Nothing may be loaded or run; only this style sheet applies.
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def html_lines(report: Report) -> Iterator[str]:
    """Yield the lines of the page."""
    yield from page_start(report.title)
    yield f'<header><h1 dir="auto">{escaped(report.title)}</h1>'
    yield from _listed(front(report))
    yield "</header>"
    if len(report.groups) > 1:
        yield "<nav><ul>"
        for number, group in enumerate(report.groups, 1):
            yield f'<li><a href="#g{number}">{escaped(group.heading)}</a> ({len(group):,})</li>'
        yield "</ul></nav>"
    yield "<main>"
    for number, group in enumerate(report.groups, 1):
        yield f'<section id="g{number}"><h2 dir="auto">{escaped(group.heading)} ({len(group):,})</h2>'
        if report.record == "quote":
            for entry in report.entries(group):
                yield from _entry(entry)
        else:
            for article in report.articles(group):
                yield from _article(article)
        yield "</section>"
    if report.record == "quote" and len(report):
        yield '<section id="sources"><h2>Sources</h2><ol>'
        for source in report.sources():
            yield f'<li id="source-{source.number}" value="{source.number}">{_titled(source.citation)}'
            yield from _listed(source.facts, ' class="facts"')
            yield "</li>"
        yield "</ol></section>"
    yield "</main>"
    yield f"<footer><p>{escaped(CAUTION)}</p></footer>"
    yield from page_end()


def page_start(title: str) -> Iterator[str]:
    """Yield the lines of a page up to its content."""
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="referrer" content="no-referrer">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escaped(title)}</title>"
    yield f"<style>{_STYLE}</style>"
    yield "</head>"
    yield "<body>"


def page_end() -> Iterator[str]:
    """Yield the lines behind the content of a page."""
    yield "</body>"
    yield "</html>"


def escaped(text: str) -> str:
    """Return `text` escaped for an element or a quoted attribute."""
    return escape(one_line(text), quote=True)


def _entry(entry: Entry) -> Iterator[str]:
    citation = entry.citation
    yield f'<article id="s-{escaped(citation.id)}"><h3>{escaped(entry.said or "No date")}</h3>'
    yield _words(entry)
    yield f'<p class="who" dir="auto">{escaped(entry.spoken)}</p>'
    yield (
        f'<p class="where">{_titled(citation)}, {escaped(place_text(citation))} '
        f'(<a href="#source-{entry.source}">source {entry.source}</a>) · cite: <code>{escaped(citation.id)}</code></p>'
    )
    for aside in entry.asides:
        yield f'<p class="aside">{escaped(aside)}</p>'
    yield "</article>"


def _words(entry: Entry) -> str:
    citation = entry.citation
    language = f' lang="{citation.language}"' if _LANGUAGE.fullmatch(citation.language) else ""
    before, after = escape(entry.before), escape(entry.after)
    return f'<blockquote dir="auto"{language}>{before}<mark>{escaped(citation.words)}</mark>{after}</blockquote>'


def _article(article: Source) -> Iterator[str]:
    yield f'<article id="d-{escaped(article.citation.id)}"><h3 dir="auto">{_titled(article.citation)}</h3>'
    yield from _listed(article.facts, ' class="facts"')
    for entry in article.statements:
        yield _words(entry)
        yield (
            f'<p class="where" dir="auto">{escaped(entry.summary())} · <code>{escaped(entry.citation.id)}</code></p>'
        )
    yield "</article>"


def _titled(citation: Citation) -> str:
    """Return the title, as a link if there is a web address."""
    title = f"<cite><bdi>{escaped(citation.title or '(no title)')}</bdi></cite>"
    if citation.link is None:
        return title
    return f'<a href="{escaped(citation.link)}" rel="noopener noreferrer nofollow">{title}</a>'


def _listed(named: Iterable[tuple[str, str]], kind: str = "") -> Iterator[str]:
    yield f"<dl{kind}>"
    for name, value in named:
        yield f'<dt>{escaped(name)}</dt><dd dir="auto">{escaped(value)}</dd>'
    yield "</dl>"
