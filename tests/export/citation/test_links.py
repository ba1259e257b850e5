"""Only plain addresses of the web become links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.export.citation.citing import web_link


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://ledger.example/2026/a?b=c&d=%20#e", "https://ledger.example/2026/a?b=c&d=%20#e"),
        (
            "http://ledger.example:8080/~a/$b;c,d=e+f@g!h*i_j-k.l",
            "http://ledger.example:8080/~a/$b;c,d=e+f@g!h*i_j-k.l",
        ),
        ("HTTPS://Ledger.example/", "HTTPS://Ledger.example/"),
        ("https://ledger.example/(a)'\"<b>`{c}", "https://ledger.example/%28a%29%27%22%3Cb%3E%60%7Bc%7D"),
        ("https://ledger.example/Přístav", "https://ledger.example/P%C5%99%C3%ADstav"),
    ],
)
def test_links(address: str, link: str) -> None:
    assert web_link(address) == link


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt://ledger.example/%0aalert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://ledger.example/",
        "//ledger.example/a",
        "ledger.example/a",
        "https:///a",
        "https:ledger.example",
        "https://user:word@ledger.example/",
        "https://ledger.example@evil.example/",
        "https://ledger.example\\@evil.example/",
        "https://ledger.example:port/",
        "https://[::1]/",
        "https://[bad/",
        " https://ledger.example/",
        "https://ledger.example/a b",
        "https://ledger.example/\nx",
        "java\tscript:alert(1)",
        "https://ledger.example/\u202ex",
        "https://ledger.example/\x00",
        "https://ledger.example/" + "a" * 2000,
        "#record-1",
        "stdin:0123456789ab",
    ],
)
def test_no_links(address: str) -> None:
    assert web_link(address) is None


@given(st.text(st.characters(), max_size=60))
def test_a_link_holds_nothing_that_ends_one(rest: str) -> None:
    link = web_link(f"https://ledger.example/{rest}")
    assert link is None or (link.isascii() and not set(link) & set(" \n\t\"'<>()[]{}`\\^|"))
