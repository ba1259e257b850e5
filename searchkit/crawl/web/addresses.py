"""Web addresses: read strictly, and written in one form.

One page has many spellings of its address. The canonical form is what RFC 3986 (6.2.2 and 6.2.3) calls normalized,
without the fragment and without the parameters that only say where a reader came from. Everything else stays as it is:
the order of parameters, a slash at the end and the case of a path can each make another page.
"""

import ipaddress
import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit

from msgspec import Struct

# Above this, servers and proxies begin to refuse addresses themselves, and pages with such addresses are made up.
MAX_LENGTH = 2_000
_MAX_HOST, _MAX_LABEL = 253, 63  # RFC 1035, 2.3.4

_PORTS = {"http": 80, "https": 443}
_PLAIN_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,126}")
_NUMBER = re.compile(r"[0-9]{1,63}|0x[0-9a-f]{0,61}")
_PORT = re.compile(r"[0-9]{1,5}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_BLANKS = " \t\r\n\f"

# Signs that may stand in a path and a query (RFC 3986), `%` aside.
_PATH_SIGNS = "/:@!$&'()*+,;=-._~"
_QUERY_SIGNS = _PATH_SIGNS + "?"
_CLEAN_PATH = re.compile(r"[A-Za-z0-9/:@!$&'()*+,;=._~-]{0,2000}")
_CLEAN_QUERY = re.compile(r"[A-Za-z0-9/:@!$&'()*+,;=._~?-]{0,2000}")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|%")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

# Parameters that say where a reader came from, by the advertiser, mail sender or measurer that adds them.
_TRACKING_STARTS = ("utm_", "mtm_", "piwik_", "matomo_", "hsa_", "__hs", "_hs", "at_custom", "vero_")
_TRACKING = frozenset(
    """
    fbclid gclid gclsrc dclid gbraid wbraid srsltid _ga _gl msclkid yclid ysclid _openstat twclid ttclid igsh igshid
    li_fat_id mc_cid mc_eid mkt_tok hsctatracking oly_anon_id oly_enc_id rb_clickid s_cid sc_cid wt_mc wt.mc_id wtrid
    wickedid xtor at_medium at_campaign at_creation at_link at_link_id at_link_type at_link_origin at_format at_ptr_name
    at_bbc_team smid smtyp ocid ns_campaign ns_mchannel ns_source ns_linkname ns_fee pk_campaign pk_content pk_kwd
    pk_medium pk_source
    """.split()
)

# A page stands rarely below more than four folders of one name; a site that links into itself by mistake always does.
_MAX_REPEATS = 3
_MAX_SEGMENTS = 20
_MAX_PARAMETERS = 12


class WebAddress(Struct, frozen=True, kw_only=True):
    """The parts of an http(s) address, each in its normal form.

    `host` is lower case, ASCII (names in other scripts in their `xn--` form) and without brackets. `port` is always
    stated. `path` begins with a slash; `query` is empty or begins with a question mark.
    """

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def authority(self) -> str:
        """Host and port as in an address and in a Host header: brackets around IPv6, no port where it is the usual."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what robots.txt and manners go by."""
        return f"{self.scheme}://{self.authority}"

    @property
    def target(self) -> str:
        """Path and query: what is asked of the host."""
        return self.path + self.query

    def __str__(self) -> str:
        return f"{self.origin}{self.path}{self.query}"


def web_address(address: str) -> WebAddress:
    """The parts of an address. ValueError with one line of why it cannot be asked, without the address."""
    address = address.strip(_BLANKS)
    if len(address) > 4 * MAX_LENGTH:
        raise ValueError(f"has an address longer than {MAX_LENGTH} characters")
    if _CONTROL.search(address):
        raise ValueError("has an address with control characters")
    try:
        parts = urlsplit(address)
    except ValueError:
        raise ValueError("has an address that cannot be read") from None
    if parts.scheme not in _PORTS:
        raise ValueError("has an address that is not http or https")
    if "@" in parts.netloc:
        raise ValueError("has an address with a user name in it")
    host, port = _host_and_port(parts.netloc, parts.scheme)
    read = WebAddress(scheme=parts.scheme, host=host, port=port, path=_path(parts.path), query=_query(parts.query))
    # An address of a few characters can grow ninefold where they must be escaped.
    if len(read.path) + len(read.query) > MAX_LENGTH:
        raise ValueError(f"has an address longer than {MAX_LENGTH} characters")
    return read


@lru_cache(maxsize=16_384)
def _canonical(address: str) -> str:
    read = web_address(address)
    if read.query:
        kept = [one for one in read.query[1:].split("&") if one and not _tracks(one)]
        query = "?" + "&".join(kept) if kept else ""
        return read.origin + read.path + query
    return str(read)


def canonical(address: str, *, base: str = "") -> str:
    """The one form of a web address, which may be relative to `base`. ValueError with one line of why there is none."""
    address = address.strip(_BLANKS)
    if base and not address[:8].lower().startswith(("http://", "https://")):
        try:
            address = urljoin(base, address)
        except ValueError:
            raise ValueError("has an address that cannot be read") from None
    return _canonical(address)


def same_site(one: str, other: str) -> bool:
    """Whether two web addresses are of one site: the same host, or one below the other; `www.` does not count.

    Two names below a common one (sport.ledger.example, news.ledger.example) are two sites: which common names are sites
    and which are registries is a long list that changes. Scheme and port do not matter. False for what is no address.
    """
    try:
        first, second = web_address(one).host, web_address(other).host
    except ValueError:
        return False
    if first == second:
        return True
    if _is_ip(first) or _is_ip(second):
        return False
    first, second = first.removeprefix("www."), second.removeprefix("www.")
    shorter, longer = sorted((first, second), key=len)
    return first == second or ("." in shorter and longer.endswith("." + shorter))


def trap(address: str) -> str:
    """Why an address looks like one of endlessly many that a site makes up; empty when it does not."""
    if len(address) > MAX_LENGTH:
        return f"has an address longer than {MAX_LENGTH} characters"
    path, _, query = address.partition("?")
    segments = [one for one in path.split("/")[3:] if one]
    if len(segments) > _MAX_SEGMENTS:
        return "stands too many folders deep"
    if len(segments) > _MAX_REPEATS and max(map(segments.count, segments)) > _MAX_REPEATS:
        return "repeats a part of its address"
    if query.count("&") >= _MAX_PARAMETERS:
        return "has too many parameters in its address"
    return ""


def _tracks(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_STARTS)


def _host_and_port(netloc: str, scheme: str) -> tuple[str, int]:
    if netloc.startswith("["):
        inside, closed, rest = netloc[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise ValueError("has an address that cannot be read")
        try:
            host = ipaddress.IPv6Address(inside)
        except ValueError:
            raise ValueError("has an impossible IP address") from None
        if host.scope_id is not None:
            raise ValueError("has an impossible IP address")
        return host.compressed, _port(rest[1:], scheme)
    name, _, port = netloc.partition(":")
    return host_name(name), _port(port, scheme)


def _port(port: str, scheme: str) -> int:
    if not port:
        return _PORTS[scheme]
    if not _PORT.fullmatch(port) or not 0 < int(port) < 65_536:
        raise ValueError("has an impossible port in its address")
    return int(port)


def host_name(name: str) -> str:
    """A host's name or IPv4 address in its normal form: lower case, ASCII. ValueError with one line of why not.

    Names in other scripts get their `xn--` form. Numbers that only some resolvers take for an address (127.1,
    0x7f000001, 017700000001) are refused: the same address must be the same host.
    """
    name = name.lower()
    if not name.isascii():
        name = _ascii_name(name)
    name = name.removesuffix(".")  # "of the root", as every name here is
    if not name:
        raise ValueError("has an address without a host")
    if len(name) > _MAX_HOST:
        raise ValueError(f"has a host name longer than {_MAX_HOST} characters")
    if not _PLAIN_HOST.fullmatch(name):
        raise ValueError("has an impossible host name")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise ValueError("has an IP address in an unusual spelling") from None
    return name


def _ascii_name(name: str) -> str:
    """A name in any script as it stands in the DNS; about what UTS 46 asks for, `ß` kept apart from `ss`."""
    if len(name) > _MAX_HOST:
        raise ValueError(f"has a host name longer than {_MAX_HOST} characters")
    name = unicodedata.normalize("NFKC", name).lower().replace("\u3002", ".")
    labels = []
    for label in name.split("."):
        if not label.isascii():
            if not all(unicodedata.category(sign)[0] in "LMN" or sign == "-" for sign in label):
                raise ValueError("has an impossible host name")
            label = "xn--" + label.encode("punycode").decode("ascii")  # noqa: PLW2901  # the label in its other form
        labels.append(label)
    return ".".join(labels)


def _is_ip(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdecimal()


def _path(path: str) -> str:
    if not _CLEAN_PATH.fullmatch(path):
        path = _escaped(path, _PATH_SIGNS)
    if not path.startswith("/"):
        return "/"  # only an empty path comes after a host
    return _without_dots(path) if "/." in path else path


def _query(query: str) -> str:
    if not query:
        return ""
    return "?" + (query if _CLEAN_QUERY.fullmatch(query) else _escaped(query, _QUERY_SIGNS))


def _escaped(text: str, signs: str) -> str:
    """`text` with escapes in capitals, none for what needs none, and one for every sign that must not stand alone."""
    return quote(_ESCAPE.sub(_escape, text), safe=signs + "%")


def _escape(found: re.Match[str]) -> str:
    digits = found[1]
    if digits is None:
        return "%25"
    sign = chr(int(digits, 16))
    return sign if sign in _UNRESERVED else f"%{digits.upper()}"


def _without_dots(path: str) -> str:
    """`path` with its `.` and `..` followed (RFC 3986, 5.2.4)."""
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
