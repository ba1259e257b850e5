"""Web addresses: strict parsing, and one canonical form per page.

The canonical form is the normalized form of RFC 3986 (6.2.2 and 6.2.3), without the fragment, tracking parameters and
session ids.
Everything else is kept: parameter order, a trailing slash and the case of a path can each identify another page.
"""

import ipaddress
import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit

from msgspec import Struct

# Servers and proxies begin to refuse longer addresses.
MAX_LENGTH = 2_000
_MAX_HOST = 253  # RFC 1035, 2.3.4
_TOO_LONG = f"address longer than {MAX_LENGTH:,} characters"
_INVALID = "invalid address"

_PORTS = {"http": 80, "https": 443}
_PLAIN_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,126}")
_NUMBER = re.compile(r"[0-9]{1,63}|0x[0-9a-f]{0,61}")
_PORT = re.compile(r"[0-9]{1,5}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_BLANKS = " \t\r\n\f"

# Characters that need no escape in a path and a query (RFC 3986).
_SAFE_IN_PATH = "/:@!$&'()*+,;=-._~"
_SAFE_IN_QUERY = _SAFE_IN_PATH + "?"
_CLEAN_PATH = re.compile(r"[A-Za-z0-9/:@!$&'()*+,;=._~-]{0,2000}")
_CLEAN_QUERY = re.compile(r"[A-Za-z0-9/:@!$&'()*+,;=._~?-]{0,2000}")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|%")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

# Parameters that say where a reader came from, added by advertisers, mail senders and analytics.
_TRACKING_PREFIXES = ("utm_", "mtm_", "piwik_", "matomo_", "hsa_", "__hs", "_hs", "at_custom", "vero_")
_TRACKING = frozenset(
    """
    fbclid gclid gclsrc dclid gbraid wbraid srsltid _ga _gl msclkid yclid ysclid _openstat twclid ttclid igsh igshid
    li_fat_id mc_cid mc_eid mkt_tok hsctatracking oly_anon_id oly_enc_id rb_clickid s_cid sc_cid wt_mc wt.mc_id wtrid
    wickedid xtor at_medium at_campaign at_creation at_link at_link_id at_link_type at_link_origin at_format at_ptr_name
    at_bbc_team smid smtyp ocid ns_campaign ns_mchannel ns_source ns_linkname ns_fee pk_campaign pk_content pk_kwd
    pk_medium pk_source
    """.split()
)

# Names of a visit, which a server puts into the addresses of readers without cookies. Each visit has other addresses.
_SESSION_PARAMETERS = re.compile(
    r"(?:php_?sess(?:ion_?)?id|jsession_?id|aspsessionid[a-z]{0,12}|cfid|cftoken|zenid|oscsid)", re.IGNORECASE
)
# Names that mean many things: they name a visit if their value is a long random word.
_SHORT_NAMES = frozenset({"sid", "sess", "session", "sessionid", "session_id"})
_RANDOM = re.compile(r"(?=[a-z]{0,63}[0-9])(?=[0-9]{0,63}[a-z])[a-z0-9]{20,64}", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sessionid|sid)=[^/;?#]{0,200}|/\(S\([a-z0-9]{20,40}\)\)(?=/)", re.IGNORECASE
)

# Limits of `is_trap`.
_MAX_REPEATS = 3
_MAX_SEGMENTS = 20
_MAX_PARAMETERS = 12


class WebAddress(Struct, frozen=True, kw_only=True):
    """The normalized parts of an http(s) address.

    `host` is lower-case ASCII (`xn--` for other scripts) without brackets. `path` begins with a slash; `query` is empty
    or begins with a question mark.
    """

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def authority(self) -> str:
        """Host and port as in a Host header: brackets around IPv6, no default port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: the scope of robots.txt and delays."""
        return f"{self.scheme}://{self.authority}"

    @property
    def target(self) -> str:
        """Path and query: the request target."""
        return self.path + self.query

    def __str__(self) -> str:
        return f"{self.origin}{self.path}{self.query}"


def web_address(address: str) -> WebAddress:
    """Parse an address. Raise ValueError with a one-line reason, without the address, if it is invalid."""
    address = address.strip(_BLANKS)
    if len(address) > 4 * MAX_LENGTH:
        raise ValueError(_TOO_LONG)
    if _CONTROL.search(address):
        raise ValueError("control characters in the address")
    try:
        parts = urlsplit(address)
    except ValueError:
        raise ValueError(_INVALID) from None
    if parts.scheme not in _PORTS:
        raise ValueError("not an http or https address")
    if "@" in parts.netloc:
        raise ValueError("user name in the address")
    host, port = _host_and_port(parts.netloc, parts.scheme)
    query = parts.query if _CLEAN_QUERY.fullmatch(parts.query) else _escaped(parts.query, _SAFE_IN_QUERY)
    query = f"?{query}" if query else ""
    parsed = WebAddress(scheme=parts.scheme, host=host, port=port, path=_path(parts.path), query=query)
    # Escapes can make an address up to nine times longer.
    if len(parsed.path) + len(parsed.query) > MAX_LENGTH:
        raise ValueError(_TOO_LONG)
    return parsed


@lru_cache(maxsize=16_384)
def _canonical(address: str) -> str:
    parsed = web_address(address)
    path = _SESSION_IN_PATH.sub("", parsed.path) if ";" in parsed.path or "(" in parsed.path else parsed.path
    parameters = [part for part in parsed.query[1:].split("&") if part and not _is_of_reader(part)]
    return parsed.origin + path + ("?" + "&".join(parameters) if parameters else "")


def canonical(address: str, *, base: str = "") -> str:
    """Return the canonical form of an address, which may be relative to `base`. Raise ValueError as `web_address`."""
    address = address.strip(_BLANKS)
    if base and not address[:8].lower().startswith(("http://", "https://")):
        try:
            address = urljoin(base, address)
        except ValueError:
            raise ValueError(_INVALID) from None
    return _canonical(address)


def canonical_or_empty(address: str, base: str = "") -> str:
    """Return the canonical form of an address on a page; empty if there is none."""
    try:
        return canonical(address, base=base) if address else ""
    except ValueError:
        return ""


def host_of(url: str) -> str:
    """Return host and port of a canonical address."""
    return url.split("/", 3)[2]


def origin_of(url: str) -> str:
    """Return scheme, host and port of a canonical address: the scope of a robots.txt."""
    return "/".join(url.split("/", 3)[:3])


def same_site(address: str, other: str) -> bool:
    """Return whether two addresses belong to one site: the same host, or a subdomain; `www.` does not count.

    Two subdomains of one domain (sport.ledger.example, news.ledger.example) are two sites, because which domains are
    registries is a long list that changes.
    """
    try:
        first, second = web_address(address).host, web_address(other).host
    except ValueError:
        return False
    if first == second:
        return True
    if _is_ip(first) or _is_ip(second):
        return False
    first, second = first.removeprefix("www."), second.removeprefix("www.")
    shorter, longer = sorted((first, second), key=len)
    return first == second or ("." in shorter and longer.endswith("." + shorter))


def is_trap(address: str) -> bool:
    """Return whether an address looks like one of endlessly many that a site generates."""
    path, _, query = address.partition("?")
    segments = [segment for segment in path.split("/")[3:] if segment]
    repeats = max(map(segments.count, segments)) if _MAX_REPEATS < len(segments) <= _MAX_SEGMENTS else 0
    return (
        len(address) > MAX_LENGTH
        or len(segments) > _MAX_SEGMENTS
        or repeats > _MAX_REPEATS
        or query.count("&") >= _MAX_PARAMETERS
    )


def _is_of_reader(parameter: str) -> bool:
    """Return whether a parameter names the reader's visit, or where the reader came from, and not the page."""
    name, _, value = parameter.partition("=")
    name = name.lower()
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES) or _SESSION_PARAMETERS.fullmatch(name):
        return True
    return name in _SHORT_NAMES and _RANDOM.fullmatch(value) is not None


def _host_and_port(netloc: str, scheme: str) -> tuple[str, int]:
    if netloc.startswith("["):
        literal, closed, rest = netloc[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise ValueError(_INVALID)
        try:
            host = ipaddress.IPv6Address(literal)
        except ValueError:
            raise ValueError("invalid IP address") from None
        if host.scope_id is not None:
            raise ValueError("invalid IP address")
        return host.compressed, _port(rest[1:], scheme)
    name, _, port = netloc.partition(":")
    return host_name(name), _port(port, scheme)


def _port(port: str, scheme: str) -> int:
    if not port:
        return _PORTS[scheme]
    if not _PORT.fullmatch(port) or not 0 < int(port) < 65_536:
        raise ValueError("invalid port in the address")
    return int(port)


def host_name(name: str) -> str:
    """Return a host name or IPv4 address in normal form: lower case, ASCII. Raise ValueError with a one-line reason.

    Numbers that only some resolvers accept as addresses (127.1, 0x7f000001, 017700000001) are refused, so that one
    address is always one host.
    """
    name = name.lower()
    if not name.isascii():
        name = _ascii_name(name)
    name = name.removesuffix(".")
    if not name:
        raise ValueError("no host in the address")
    if len(name) > _MAX_HOST:
        raise ValueError(f"host name longer than {_MAX_HOST} characters")
    if not _PLAIN_HOST.fullmatch(name):
        raise ValueError("invalid host name")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise ValueError("IP address in an unusual notation") from None
    return name


def _ascii_name(name: str) -> str:
    """Return a name in any script as in the DNS; roughly UTS 46, but `ß` is kept apart from `ss`."""
    if len(name) > _MAX_HOST:
        raise ValueError(f"host name longer than {_MAX_HOST} characters")
    name = unicodedata.normalize("NFKC", name).lower().replace("\u3002", ".")
    labels = []
    for label in name.split("."):
        if label.isascii():
            labels.append(label)
        elif all(unicodedata.category(letter)[0] in "LMN" or letter == "-" for letter in label):
            labels.append("xn--" + label.encode("punycode").decode("ascii"))
        else:
            raise ValueError("invalid host name")
    return ".".join(labels)


def _is_ip(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdecimal()


def _path(path: str) -> str:
    if not _CLEAN_PATH.fullmatch(path):
        path = _escaped(path, _SAFE_IN_PATH)
    if not path.startswith("/"):
        return "/"  # only an empty path can follow a host
    return _without_dots(path) if "/." in path else path


def _escaped(text: str, safe: str) -> str:
    """Return `text` with upper-case escapes, and only where they are needed."""
    return quote(_ESCAPE.sub(_normal_escape, text), safe=safe + "%")


def _normal_escape(match: re.Match[str]) -> str:
    digits = match[1]
    if digits is None:
        return "%25"
    character = chr(int(digits, 16))
    return character if character in _UNRESERVED else f"%{digits.upper()}"


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` in `path` (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
