"""Addresses and marked text are escaped as the libraries escape them."""

from urllib.parse import quote, urlencode

import pytest
from starlette.requests import Request

from searchkit.statements.text import Span
from searchkit.web.charts import Bar, bars
from searchkit.web.rendering import Links, linked, marked

ASCII = "".join(map(chr, range(128)))


def _links(query: str = "") -> Links:
    scope = {"type": "http", "scheme": "http", "path": "/statements", "query_string": query.encode(), "headers": []}
    return Links(Request(scope))


@pytest.mark.parametrize("text", [ASCII, "Łódź & Co. 天", "a\ud800b", ""])
def test_addresses_are_quoted_as_by_urllib(text: str) -> None:
    query = f"?{urlencode({'q': text}, errors='replace')}" if text else ""
    assert _links()(f"/names/{text}", q=text) == quote(f"/names/{text}", errors="replace") + query


def test_only_parameters_with_a_value_are_kept() -> None:
    links = _links("q=a+b&page=3&sort=newest")
    assert links.here(page="", sort=None, counts=False) == "/statements?q=a+b"
    assert links.here(page=2) == "/statements?q=a+b&sort=newest&page=2"


def test_text_of_documents_is_escaped() -> None:
    text = "<b>\u202ea & 'b'"
    escaped = "&lt;b&gt;\\u202ea &amp; &#39;b&#39;"
    assert str(marked(text, [])) == escaped
    assert str(marked(text, [Span(0, len(text))])) == f"<mark>{escaped}</mark>"
    assert str(linked(text, text, '/"')) == f'<a class="name" href="/&#34;">{escaped}</a>'
    assert "<b" not in str(bars([Bar(label="<b>", value=1, address='"><b>')]))
