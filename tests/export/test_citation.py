"""Citations as lines of text and for programs (tried with pybtex, bibtexparser, citeproc-py and the CSL schema)."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt  # comes with rich

from searchkit.archive import Archive
from searchkit.errors import NotInArchive
from searchkit.export.citation import (
    Citation,
    as_bibtex,
    as_csl,
    as_csl_json,
    as_markdown,
    as_text,
    cite,
    link,
    located,
    markdown,
    tex,
    web_link,
)
from searchkit.statements.dates import PartialDate, Precision
from searchkit.statements.dates.partial import Confidence
from searchkit.statements.document import Document, Quote
from tests.archive.taken import TEXT, take, take_pdf
from tests.cases import cases
from tests.formats import pdf, printed
from tests.samples import document

HASH = "0" * 12


def sample(**changes: Any) -> tuple[Document, Quote]:
    made = document(uri="https://ledger.example/fine", fetched_at="2026-03-04T05:06:07+00:00", **changes)
    return made, made.quotes[0]


def test_a_quoted_statement() -> None:
    made, quote = sample()
    assert as_text(cite(made, quote)) == (
        "Nadia Korbel, spokesperson for the Ostrava Trade Office, said: "
        '"Meridian Optics ignored three warnings," — “Optics maker fined”, Moravian Ledger, 2022-12-16. '
        "<https://ledger.example/fine>. Retrieved 2026-03-04. "
        f"searchkit {quote.id}, revision 1, sha-256 {HASH}."
    )


def test_reported_words_are_not_passed_off_as_spoken() -> None:
    made, _ = sample()
    text = as_text(cite(made, made.quotes[1]))
    assert text.startswith(
        "Nadia Korbel (spokesperson, Ostrava Trade Office) added that "
        "the double standard of its suppliers was plain — “"
    )


def test_a_document() -> None:
    made, _ = sample(byline=("Renske Oudhaven", "Igor Malt"), wire="Atlas Wire", gone_at="2026-03-05T00:00:00+00:00")
    assert as_text(cite(made)) == (
        "Renske Oudhaven, Igor Malt. “Optics maker fined”, Moravian Ledger, via Atlas Wire, 2022-12-16. "
        "<https://ledger.example/fine>. Retrieved 2026-03-04. Source gone since 2026-03-05. "
        f"searchkit {made.id}, revision 1, sha-256 {HASH}."
    )
    made, _ = sample(wire="Atlas Wire")
    assert as_text(cite(made)).startswith("Atlas Wire. “Optics maker fined”, Moravian Ledger, via Atlas Wire, ")
    assert as_csl(cite(made))["author"] == [{"literal": "Atlas Wire"}]
    made, _ = sample(wire="Moravian Ledger")
    assert "Moravian Ledger, 2022-12-16." in as_text(cite(made))


@pytest.mark.parametrize(
    ("date", "text"),
    [
        (None, "no date"),
        (PartialDate(value="2022-12-16", precision="day", source="pdf", confidence="assumed"), "2022-12-16 (assumed)"),
        (PartialDate(value="2022-12", precision="month", source="meta"), "2022-12"),
        (PartialDate(value="--12-16", precision="day-without-year", source="meta"), "December 16, year unknown"),
        (PartialDate(value="2022", precision="year", source="url", confidence="low"), "2022 (a guess)"),
    ],
)
def test_a_date_is_as_precise_as_known(date: PartialDate | None, text: str) -> None:
    made, _ = sample(published=date)
    assert f"Moravian Ledger, {text}. <" in as_text(cite(made))


def test_nothing_is_known_but_the_text() -> None:
    made, _ = sample(title=None, outlet=None, published=None)
    assert as_text(cite(made)).startswith("(no title), no date. <https://")


def test_the_day_of_the_statement_is_reported_where_it_is_another(archive: Archive) -> None:
    made = take(archive, TEXT.replace("said Nadia Korbel", "Nadia Korbel said on February 27"))
    said = [cite(made, quote).said for quote in made.quotes]
    assert said[0] == "2026-02-27"
    assert "2026-03-03, said 2026-02-27. <" in as_text(cite(made, made.quotes[0]))
    assert all(other == "" for other in said[1:])


@pytest.mark.slow
def test_a_page_is_named(archive: Archive, tmp_path: Path) -> None:
    filler = "The rest of the page tells of the weather in the port, which was fair."
    said = "“The crane was sound,” Nadia Korbel told reporters on Monday."
    made = take_pdf(archive, pdf(printed(filler, filler), printed(said)), tmp_path)
    text = as_text(cite(made, made.quotes[0]))
    assert ", p. 2" in text
    assert f"<{made.uri}>" in text


def test_hostile_text_stays_on_its_line() -> None:
    made, quote = sample(title="A\n\x1b[2Jtitle\u202e", outlet="Led\tger\r\n")
    text = as_text(cite(made, quote))
    assert "“A \\x1b[2Jtitle\\u202e”, Led ger, 2022" in text
    assert text.isprintable()


def test_found_as_it_is_and_as_it_was(archive: Archive) -> None:
    first = take(archive)
    quote = first.quotes[0]
    second = take(archive, TEXT.replace("twice", "once"), days=1)
    assert located(archive, first.id) == (second, None)
    assert located(archive, first.id, 1)[0].text == TEXT
    assert located(archive, quote.id, 1)[1] == quote
    assert located(archive, second.quotes[0].id, 2) == (second, second.quotes[0])
    with pytest.raises(NotInArchive, match=r"is no longer in the article.{1,40} --revision 1"):
        located(archive, quote.id)
    with pytest.raises(NotInArchive, match="Revision 2 has no statement"):
        located(archive, quote.id, 2)
    with pytest.raises(NotInArchive, match="has no revision 3; it has 2"):
        located(archive, first.id, 3)
    for unknown in ("", "-", "0" * 12, f"{first.id}-0", "\x1b", "é" * 300):
        for revision in (None, 1):
            with pytest.raises(NotInArchive):
                located(archive, unknown, revision)


@pytest.mark.parametrize(("address", "link"), cases(__file__, "test_links"))
def test_links(address: str, link: str) -> None:
    assert web_link(address) == link


@pytest.mark.parametrize("address", [*cases(__file__, "test_no_links"), "https://ledger.example/" + "a" * 2000])
def test_no_links(address: str) -> None:
    assert web_link(address) is None


@given(st.text(st.characters(), max_size=60))
def test_a_link_holds_nothing_that_ends_one(rest: str) -> None:
    link = web_link(f"https://ledger.example/{rest}")
    assert link is None or (link.isascii() and not set(link) & set(" \n\t\"'<>()[]{}`\\^|"))


READER = MarkdownIt("commonmark")
HOSTILE = cases(__file__, "test_text_is_shown_as_it_is_written")


def tokens(text: str) -> list[Any]:
    return [one for token in READER.parse(text) for one in (token, *(token.children or ()))]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_shown_as_it_is_written(text: str) -> None:
    shown = [token.content for token in tokens(markdown(text)) if token.type in {"text", "text_special"}]
    kinds = {token.type for token in tokens(markdown(text))}
    assert kinds <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
    assert "".join(shown) == " ".join(text.split()).replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")


@given(st.text(max_size=60))
def test_any_text_is_one_paragraph_of_text(text: str) -> None:
    kinds = {token.type for token in tokens(f"> {markdown(text)}")}
    assert kinds <= {
        *("blockquote_open", "paragraph_open", "inline", "text", "text_special", "paragraph_close", "blockquote_close")
    }


@pytest.mark.parametrize("text", ["https://evil.example/x", "www.evil.example", "xmpp:a", "HTTP://evil.example"])
def test_addresses_do_not_become_links_by_themselves(text: str) -> None:
    assert re.search(r"(?i)[a-z]://|www\.|[a-z]:a", markdown(text)) is None


def test_a_link_is_one_link_whatever_its_text() -> None:
    for text in HOSTILE:
        found = tokens(link(text, "https://ledger.example/a"))
        opened = [token for token in found if token.type == "link_open"]
        assert [token.attrs["href"] for token in opened] == ["https://ledger.example/a"]
        assert not any(token.type in {"image", "html_inline", "code_inline"} for token in found)
    assert link("a*b", None) == r"a\*b"


def test_a_citation() -> None:
    made = document(uri="https://ledger.example/fine", title="A [title](x) *here*")
    text = as_markdown(cite(made, made.quotes[1]))
    assert text.startswith("Nadia Korbel (spokesperson, Ostrava Trade Office) added that the double standard")
    (opened,) = [token for token in tokens(text) if token.type == "link_open"]
    assert opened.attrs["href"] == "https://ledger.example/fine"
    assert r"“[A \[title\](x) \*here\*](<https://ledger.example/fine>)”" in text
    assert "\n" not in text
    local = as_markdown(cite(document(uri="javascript:alert(1)")))
    assert not any(token.type == "link_open" for token in tokens(local))
    assert local.startswith("“Optics maker fined”, Moravian Ledger, 2022-12-16. javascript:alert(1). ")


# --- reference managers ----------------------------------------------------------------------------------------------

# The fields and forms that csl-data.json 1.0 allows, of those we write.
_TEXTS = {"id", "title", "container-title", "URL", "page", "language", "source", "note"}
_TYPES = {"article-newspaper", "webpage", "document"}


def cited(statement: int | None = None, uri: str = "https://ledger.example/fine", **changes: Any) -> Citation:
    made = document(uri=uri, **({"fetched_at": "2026-03-04T05:06:07+00:00"} | changes))
    return cite(made, None if statement is None else made.quotes[statement])


def test_csl_of_a_statement() -> None:
    made = cited(0, byline=("Renske Oudhaven",))
    assert as_csl(made) == {
        "id": f"searchkit-{made.id}",
        "type": "article-newspaper",
        "title": "Optics maker fined",
        "container-title": "Moravian Ledger",
        "URL": "https://ledger.example/fine",
        "language": "en",
        "author": [{"literal": "Renske Oudhaven"}],
        "issued": {"date-parts": [[2022, 12, 16]]},
        "accessed": {"date-parts": [[2026, 3, 4]]},
        "note": (
            'Nadia Korbel, spokesperson for the Ostrava Trade Office, said: "Meridian Optics ignored three warnings,". '
            f"Retrieved 2026-03-04. searchkit {made.id}, revision 1, sha-256 000000000000."
        ),
    }


@pytest.mark.parametrize(
    ("value", "precision", "confidence", "issued", "bibtex"),
    cases(__file__, "test_a_date_has_no_part_that_is_not_known"),
)
def test_a_date_has_no_part_that_is_not_known(
    value: str, precision: Precision, confidence: Confidence, issued: dict[str, Any] | None, bibtex: tuple[str, ...]
) -> None:
    date = PartialDate(value=value, precision=precision, source="meta", confidence=confidence)
    made = cited(published=date)
    assert as_csl(made).get("issued") == issued
    dated = [line.strip() for line in as_bibtex(made).split("\n") if re.match(r"  (?:year|month|date) =", line)]
    assert tuple(dated) == bibtex
    assert ("Published 2022-12-16 (a" in as_csl(made)["note"]) == (confidence != "high")


def test_what_is_not_a_newspaper() -> None:
    assert as_csl(cited(outlet=None))["type"] == "webpage"
    local = as_csl(cited(outlet=None, uri="file:///report.pdf", fetched_at="", published=None, title=None))
    assert local["type"] == "document"
    assert not {"URL", "issued", "author", "title"} & set(local)
    assert "file:///report.pdf" in local["note"]
    script = cited(uri="javascript:alert(1)")
    assert "URL" not in as_csl(script)
    assert "url = " not in as_bibtex(script)


def test_csl_is_what_its_schema_allows() -> None:
    odd = cited(0, title="“T” <i>\x1b\u202e", outlet='L & "G"', byline=("A\nB", "天"), wire="Atlas Wire")
    (value,) = json.loads(as_csl_json(odd))
    assert value["type"] in _TYPES
    assert set(value) <= _TEXTS | {"type", "author", "issued", "accessed"}
    assert all(isinstance(value[name], str) for name in _TEXTS & set(value))
    assert value["author"] == [{"literal": "A B"}, {"literal": "天"}]
    assert as_csl_json(odd).isprintable() or "\n" in as_csl_json(odd)
    assert not {"\x1b", "\u202e"} & set(as_csl_json(odd))


def test_bibtex_of_a_statement() -> None:
    made = cited(1, byline=("Renske Oudhaven", "Igor Malt"))
    assert as_bibtex(made).split("\n") == [
        f"@article{{searchkit-{made.id},",
        "  author = {{Renske Oudhaven} and {Igor Malt}},",
        "  title = {{Optics maker fined}},",
        "  journal = {Moravian Ledger},",
        "  url = {https://ledger.example/fine},",
        "  urldate = {2026-03-04},",
        "  year = {2022},",
        "  month = dec,",
        "  date = {2022-12-16},",
        "  note = {Nadia Korbel (spokesperson, Ostrava Trade Office) added that the double standard of its "
        f"suppliers was plain. Retrieved 2026-03-04. searchkit {made.id}, revision 1, sha-256 000000000000.}},",
        "}",
    ]
    assert as_bibtex(cited(outlet=None)).startswith("@misc{searchkit-")


@pytest.mark.parametrize(("text", "written"), cases(__file__, "test_tex_reads_no_command"))
def test_tex_reads_no_command(text: str, written: str) -> None:
    assert tex(text) == written


@given(st.text(max_size=60))
def test_braces_are_in_pairs_whatever_the_text(text: str) -> None:
    entry = as_bibtex(cited(0, title=text or "x", outlet=text, byline=(text, "and")))
    depth = 0
    for sign in entry:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert len(re.findall(r"^@", entry, re.MULTILINE)) == 1
