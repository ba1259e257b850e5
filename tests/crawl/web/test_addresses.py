"""Web addresses in their one form."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.crawl.web.addresses import MAX_LENGTH, canonical, host_name, is_trap, same_site, web_address
from tests.limits import processor_time_below


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("HTTP://Ledger.Example:80/a", "http://ledger.example/a"),
        ("https://ledger.example:443", "https://ledger.example/"),
        ("https://ledger.example:/", "https://ledger.example/"),
        ("https://ledger.example:8443/", "https://ledger.example:8443/"),
        ("http://ledger.example:443/", "http://ledger.example:443/"),
        ("https://ledger.example./a", "https://ledger.example/a"),
        ("  https://ledger.example/a\n", "https://ledger.example/a"),
        ("https://ledger.example/a#part", "https://ledger.example/a"),
        ("https://ledger.example?b", "https://ledger.example/?b"),
        ("https://ledger.example/a?", "https://ledger.example/a"),
        ("https://ledger.example/a?&&b=1&", "https://ledger.example/a?b=1"),
        ("https://ledger.example/a?z=1&b=2&z=0", "https://ledger.example/a?z=1&b=2&z=0"),
        ("https://ledger.example/a?utm_source=x&id=7&fbclid=9&UTM_Medium=y", "https://ledger.example/a?id=7"),
        ("https://ledger.example/a?gclid=1&mc_cid=2", "https://ledger.example/a"),
        ("https://ledger.example/a;jsessionid=0A1B2C.node2?id=7", "https://ledger.example/a?id=7"),
        ("https://ledger.example/a?PHPSESSID=k3v9&id=7", "https://ledger.example/a?id=7"),
        ("https://ledger.example/a?sid=8f14e45fceea167a5a36dedd4bea2543", "https://ledger.example/a"),
        ("https://ledger.example/a?session_id=12&day=3", "https://ledger.example/a?session_id=12&day=3"),
        ("https://ledger.example/a?sid=7", "https://ledger.example/a?sid=7"),
        ("https://ledger.example/(S(lit3py55t21z5v55vlm25s55))/a", "https://ledger.example/a"),
        ("https://ledger.example/a;v=2", "https://ledger.example/a;v=2"),
        ("https://ledger.example/utm_source=x", "https://ledger.example/utm_source=x"),
        ("https://ledger.example/%7ecrane/%e4%2f", "https://ledger.example/~crane/%E4%2F"),
        ("https://ledger.example/100%/50%zz", "https://ledger.example/100%25/50%25zz"),
        ("https://ledger.example/två kranar?q=ö|x", "https://ledger.example/tv%C3%A5%20kranar?q=%C3%B6%7Cx"),
        ("https://ledger.example/a/./b/../c/..", "https://ledger.example/a/"),
        ("https://ledger.example/%2e%2E/../a", "https://ledger.example/a"),
        ("https://ledger.example//a", "https://ledger.example//a"),
        ("https://Fähre.example/", "https://xn--fhre-loa.example/"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://新聞.example/", "https://xn--efvv70d.example/"),
        ("http://192.0.2.7:8080/x", "http://192.0.2.7:8080/x"),
        ("http://[2001:DB8:0::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("http://①②⑦.0.0.1/", "http://127.0.0.1/"),
        ("http://127。0。0。1/", "http://127.0.0.1/"),
    ],
)
def test_each_address_has_one_canonical_form(written: str, form: str) -> None:
    assert canonical(written) == form
    assert canonical(form) == form


REFUSED = {
    "not an http": "ledger.example/a //ledger.example/a ftp://ledger.example/a file:///etc/passwd javascript:alert(1)",
    "no host": "http:ledger.example http:///a http://:80/ http://./",
    "user name": r"http://reader:word@ledger.example/ http://ledger.example@127.0.0.1/ http://ledger.example\@127.0.0.1/",
    "invalid host name": r"http://ledger.example\.other.example/ http://ledger.example%2eother.example/"
    f" http://ledger..example/ http://ledg{chr(0x200B)}er.example/ http://{'a' * 64}.example/",
    "longer than 253": f"http://{'a.' * 130}example/ http://{'ä' * 300}.example/",
    "invalid port": "http://ledger.example:0/ http://ledger.example:65536/ http://ledger.example:8o/"
    " http://ledger.example:-1/ http://ledger.example:80:80/ http://ledger.example:٨٠/",
    "invalid address|invalid IP address": "http://[::1/ http://[::1]x/ http://[fe80::1%25eth0]/ http://[::g]/",
    "invalid host name|unusual notation": "http://127.1/ http://2130706433/ http://0x7f000001/ http://0x7f.0.0.1/"
    " http://0177.0.0.1/ http://127.0.0.0x1/ http://1.2.3.4.5/",
    "longer than": f"http://ledger.example/{'a' * MAX_LENGTH} http://ledger.example/{'ä' * 500}"
    f" http://ledger.example/{'a' * 1_000_000}",
}
WITH_SPACES = [
    ("", "not an http"),
    ("data:text/html,x", "not an http"),
    ("http://led ger.example/", "invalid host name"),
    ("http://ledger.example/a\r\nX: y", "control characters"),
    ("http://ledger.example/\x00", "control characters"),
    ("http://ledger.example/\ud800", "control characters"),
]


@pytest.mark.parametrize(
    ("written", "reason"),
    [*WITH_SPACES, *((written, reason) for reason, addresses in REFUSED.items() for written in addresses.split())],
)
def test_invalid_addresses_are_refused_with_a_reason(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        canonical(written)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 100


@pytest.mark.parametrize(
    ("link", "form"),
    [
        ("b.html", "https://ledger.example/news/b.html"),
        ("/b?utm_term=1", "https://ledger.example/b"),
        ("//sport.ledger.example/b", "https://sport.ledger.example/b"),
        ("?page=2", "https://ledger.example/news/a.html?page=2"),
        ("", "https://ledger.example/news/a.html"),
        ("#part", "https://ledger.example/news/a.html"),
        ("../../../b", "https://ledger.example/b"),
    ],
)
def test_links_are_relative_to_their_page(link: str, form: str) -> None:
    assert canonical(link, base="https://ledger.example/news/a.html") == form


@settings(max_examples=50)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_canonical_forms_are_stable(host: str, path: str, query: str) -> None:
    try:
        form = canonical(f"https://{host}.example/{path}?{query}")
    except ValueError:
        return
    assert canonical(form) == form
    assert form.isascii()
    # Any other reader must see the same host in it.
    assert urlsplit(form).hostname == web_address(form).host
    assert urlsplit(form).username is None


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    for address in (text, "http://" + text, "http://ledger.example" + text):
        for base in ("", "http://ledger.example/a/"):
            try:
                canonical(address, base=base)
            except ValueError as error:
                assert str(error)


def test_long_addresses_take_no_time() -> None:
    with processor_time_below(1):
        for address in (
            "http://x/" + "%" * 7000,
            "http://" + "é" * 250,
            "http://x/" + "/.." * 2500,
            "http://x?" + "&" * 7900,
        ):
            try:
                canonical(address)
            except ValueError:
                continue


def test_parts_of_an_address() -> None:
    read = web_address("HTTPS://[2001:db8::1]:8443/a?b#c")
    assert (read.host, read.port, read.target) == ("2001:db8::1", 8443, "/a?b")
    assert read.origin == "https://[2001:db8::1]:8443"
    assert web_address("http://ledger.example").authority == "ledger.example"
    assert host_name("Ledger.Example.") == "ledger.example"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://ledger.example/a", "http://www.ledger.example/b", True),
        ("https://ledger.example/a", "https://sport.ledger.example/b", True),
        ("https://www.ledger.example/a", "https://sport.ledger.example/b", True),
        ("https://ledger.example/a", "https://ledger.example:8443/b", True),
        ("https://sport.ledger.example/a", "https://news.ledger.example/b", False),
        ("https://ledger.example/a", "https://oldledger.example/b", False),
        ("https://ledger.example/a", "https://ledger.example.other.example/", False),
        ("https://example/a", "https://ledger.example/", False),
        ("http://127.0.0.1/", "http://127.0.0.1:8080/", True),
        ("http://127.0.0.1/", "http://127.0.0.2/", False),
        ("http://10.127.0.0.1/", "http://127.0.0.1/", False),
        ("https://ledger.example/a", "mailto:desk@ledger.example", False),
    ],
)
def test_addresses_of_one_site(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same
    assert same_site(other, one) is same


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("2026/03/01/harbor/crane.html", False),
        ("03/03/03/crane.html?a=1&b=2", False),
        ("news/" * 3, False),
        ("news/" * 4, True),
        ("a/b/" * 4, True),
        ("/".join(map(str, range(21))), True),
        ("?" + "&".join(f"f{number}=1" for number in range(13)), True),
        ("a" * 2000, True),
    ],
)
def test_generated_addresses_are_recognized(path: str, expected: bool) -> None:
    assert is_trap(f"https://ledger.example/{path}") is expected
