"""Nothing of a document becomes markup."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt  # comes with rich

from searchkit.export.citation.citing import as_markdown, cite, link, markdown
from tests.samples import document

READER = MarkdownIt("commonmark")
HOSTILE = [
    "*bold* _it_ **b** `code` ~~x~~ | a | $x$ ![i](http://evil.example/i.png)",
    "[click](javascript:alert(1)) <script>alert(1)</script> <http://evil.example> &lt;b&gt; &amp;",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "23) item",
    "=== ---",
    "> quoted",
    "\\[x\\](y) \\`",
    "```\ncode",
    "    four blanks",
    "a](http://evil.example) [b",
    "x\n\n---\n\n# y",
    "https://evil.example www.evil.example mailto:a@evil.example nadia@ledger.example @nadia",
    "<mark>x</mark><!-- -->",
    "é 天 🏗️ “quoted”",
    "\x1b[2J\u202e",
]


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
    assert text.startswith("Nadia Korbel (spokesperson, Ostrava Trade Office), as reported: the double standard")
    (opened,) = [token for token in tokens(text) if token.type == "link_open"]
    assert opened.attrs["href"] == "https://ledger.example/fine"
    assert r"“[A \[title\](x) \*here\*](<https://ledger.example/fine>)”" in text
    assert "\n" not in text
    local = as_markdown(cite(document(uri="javascript:alert(1)")))
    assert not any(token.type == "link_open" for token in tokens(local))
    assert local.startswith("“Optics maker fined”, Moravian Ledger, 2022-12-16. javascript:alert(1). ")
