"""Web addresses in their one form."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.crawl.web.addresses import MAX_LENGTH, canonical, host_name, is_trap, same_site, web_address
from tests.cases import cases
from tests.limits import processor_time_below


@pytest.mark.parametrize(("written", "form"), cases(__file__, "test_each_address_has_one_canonical_form"))
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


@pytest.mark.parametrize(("link", "form"), cases(__file__, "test_links_are_relative_to_their_page"))
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


@pytest.mark.parametrize(("one", "other", "same"), cases(__file__, "test_addresses_of_one_site"))
def test_addresses_of_one_site(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same
    assert same_site(other, one) is same


@pytest.mark.parametrize(
    ("path", "expected"), [*cases(__file__, "test_generated_addresses_are_recognized"), ("a" * 2000, True)]
)
def test_generated_addresses_are_recognized(path: str, expected: bool) -> None:
    assert is_trap(f"https://ledger.example/{path}") is expected
