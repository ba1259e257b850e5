"""Citations for programs. The forms were also read by pybtex, bibtexparser, citeproc-py and the schema of CSL."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.dates import PartialDate, Precision
from searchkit.dates.partial import Confidence
from searchkit.export.citation.bibliography import as_bibtex, as_csl, as_csl_json, tex
from searchkit.export.citation.citing import Citation, cite
from tests.samples import document

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
            'Nadia Korbel (spokesperson, Ostrava Trade Office): "Meridian Optics ignored three warnings,". '
            f"Retrieved 2026-03-04. searchkit {made.id}, revision 1, sha-256 000000000000."
        ),
    }


@pytest.mark.parametrize(
    ("value", "precision", "confidence", "issued", "bibtex"),
    [
        (
            *("2022-12-16T23:30:00+00:00", "instant", "high", {"date-parts": [[2022, 12, 16]]}),
            ["year = {2022},", "month = dec,", "date = {2022-12-16},"],
        ),
        ("2022-12", "month", "high", {"date-parts": [[2022, 12]]}, ["year = {2022},", "month = dec,"]),
        ("2022", "year", "high", {"date-parts": [[2022]]}, ["year = {2022},"]),
        ("2022-W52", "week", "high", {"date-parts": [[2022, 12, 26], [2023, 1, 1]]}, ["year = {2022},"]),
        ("--12-16", "day-without-year", "high", {"literal": "December 16, year unknown"}, []),
        (
            *("2022-12-16", "day", "assumed", {"date-parts": [[2022, 12, 16]], "circa": True}),
            ["year = {2022},", "month = dec,", "date = {2022-12-16},"],
        ),
        ("2022-12-16", "day", "low", None, []),
    ],
)
def test_a_date_has_no_part_that_is_not_known(
    value: str, precision: Precision, confidence: Confidence, issued: dict[str, Any] | None, bibtex: list[str]
) -> None:
    date = PartialDate(value=value, precision=precision, source="meta", confidence=confidence)
    made = cited(published=date)
    assert as_csl(made).get("issued") == issued
    dated = [line.strip() for line in as_bibtex(made).split("\n") if re.match(r"  (?:year|month|date) =", line)]
    assert dated == bibtex
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
    (value,) = json.loads(as_csl_json([odd]))
    assert value["type"] in _TYPES
    assert set(value) <= _TEXTS | {"type", "author", "issued", "accessed"}
    assert all(isinstance(value[name], str) for name in _TEXTS & set(value))
    assert value["author"] == [{"literal": "A B"}, {"literal": "天"}]
    assert as_csl_json([odd]).isprintable() or "\n" in as_csl_json([odd])
    assert not {"\x1b", "\u202e"} & set(as_csl_json([odd]))


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
        "  note = {Nadia Korbel (spokesperson, Ostrava Trade Office), as reported: the double standard of its "
        f"suppliers was plain. Retrieved 2026-03-04. searchkit {made.id}, revision 1, sha-256 000000000000.}},",
        "}",
    ]
    assert as_bibtex(cited(outlet=None)).startswith("@misc{searchkit-")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("50 % of $3 & #1_a", r"50 \% of \$3 \& \#1\_a"),
        (r"\input{/etc/passwd}", r"\textbackslash{}input\textbraceleft{}/etc/passwd\textbraceright{}"),
        ("} , author = {x", r"\textbraceright{} , author = \textbraceleft{}x"),
        ("a~b^c", r"a\textasciitilde{}b\textasciicircum{}c"),
        ("Přístav “é” 天 🏗️", "Přístav “é” 天 🏗️"),
        ("a\u202eb\x1bc", "abc"),
    ],
)
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
