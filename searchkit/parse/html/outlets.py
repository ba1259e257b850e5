"""Outlets: names and countries by host, and the outlet's name inside a page title."""

import re
from functools import cache

from searchkit.files import shipped_text
from searchkit.parse.html.scan import WORDS
from searchkit.statements.text import name_key

# A title and its outlet are joined by one of these, with blanks around it.
_JOINT = re.compile(r"\s(?:[|•·–—»:]|-{1,2})\s")
# Chinese and Japanese pages join without blanks: `桥梁关闭_青溪报`.
_CJK_JOINT = re.compile(r"(?<=[\u3040-\u30ff\u3400-\u9fff”》！？])\s?[_|｜]\s?(?=[\u3400-\u9fff])")
_CJK_OUTLET = 8
# A short part after a bar is the site or a section.
_BAR = re.compile(r"\s[|｜]\s")
_HOST = re.compile(r"[\w-]{2,40}(?:\.[\w-]{2,20}){1,3}")
_START_SEPARATORS = re.compile(r"^(?:[|•·–—»›:/+-]{1,3}\s{1,4}){1,9}")
_END_SEPARATORS = re.compile(r"(?:\s{1,4}[|•·–—«‹:/+-]{1,3}|\s{0,4}[|•·–—])\s{0,4}$")
_BAR_WORDS, _WORDS_BEFORE = 4, 3
_NAME_SLACK = 12  # difference in length between a name and the word in its host: `The Harbor` + `Ledger`
_AGREEMENT = 0.5  # headings reworded for search engines keep about half of the words

_COUNTRIES = frozenset(WORDS["countries"])


@cache
def _outlets() -> dict[str, tuple[str, str]]:
    lines = shipped_text("searchkit.parse.html", "outlets.txt").splitlines()
    rows = (line.split(" ", 2) for line in lines if not line.startswith("#"))
    return {host: (name, country.strip("-")) for country, host, name in rows}


def _known(host: str) -> tuple[str, str]:
    parts = host.lower().split(".")
    sites = (".".join(parts[start:]) for start in range(len(parts) - 1))
    return next((_outlets()[site] for site in sites if site in _outlets()), ("", ""))


def outlet_of(host: str) -> str:
    """Return the known outlet of a host or its parent domain; empty if unknown."""
    return _known(host)[0]


def country_of(host: str) -> str:
    """Return the country code of a host's outlet or top-level domain; empty if unknown."""
    country = _known(host)[1]
    ending = host.lower().rsplit(".", 1)[-1]
    if country or ending not in _COUNTRIES:
        return country
    return "GB" if ending == "uk" else ending.upper()


def _joined_key(name: str) -> str:
    return name_key(name).replace(" ", "")


def name_of(stated: str, host: str) -> str:
    """Return the known name of the outlet if `stated` means it, else `stated`.

    `DER SPIEGEL` and `spiegel.de` are Der Spiegel; a magazine with its own name on a paper's site keeps that name.
    """
    known = outlet_of(host)
    if not known or not stated:
        return stated or known
    key, known_key = (_joined_key(name).removeprefix("the") for name in (stated, known))
    words, known_words = (
        set(name_key(name).split()) - {"the", "news", "die", "der", "le", "la", "el"} for name in (stated, known)
    )
    site = name_key(host.removeprefix("www."))
    is_same = key in known_key or known_key in key or bool(words & known_words) or name_key(stated) in site
    return known if is_same else stated


def _site_word(host: str) -> str:
    """Return the distinctive part of a host name: `www.harborledger.co.uk` -> `harborledger`."""
    parts = [part for part in host.split(".") if part not in {"www", "m", "amp", "co", "com", "org", "net"}]
    return parts[0] if len(parts) == 1 else max(parts[:-1], key=len, default="")


def split_outlet(title: str, outlet: str, host: str) -> tuple[str, str] | None:
    """Return a title and the outlet's name at its end or start; None if it contains none."""
    joints = list(_JOINT.finditer(title))
    if not joints:
        return _split_other_joints(title, host)
    names = {_joined_key(outlet), name_key(_site_word(host))}
    for part, rest in (
        (title[joints[-1].end() :], title[: joints[-1].start()]),
        (title[: joints[0].start()], title[joints[0].end() :]),
    ):
        key = _joined_key(part)
        # `Harbor Ledger` for ledger.example.org, but not a sentence that contains the word.
        similar = (name for name in names if len(name) > 4 and abs(len(key) - len(name)) <= _NAME_SLACK)
        if key and (key in names or any(name in key or key in name for name in similar)):
            return rest.strip(), part.strip()
    return _split_other_joints(title, host)


def _split_other_joints(title: str, host: str) -> tuple[str, str] | None:
    """Split at a colon after the name in the host, or at the joint of Chinese and Japanese pages."""
    before, colon, after = title.partition(": ")
    if colon and len(before) > 4 and _joined_key(before) == _joined_key(_site_word(host)):
        return after.strip(), before.strip()
    parts = _CJK_JOINT.split(title)
    if len(parts) > 1 and len(parts[-1]) <= _CJK_OUTLET < len(title):
        return parts[0].strip(), parts[-1].strip()
    return None


def without_outlet(title: str, outlet: str, host: str, heading: str) -> str:
    """Return `title` without the outlet's name, or only the `heading` that it begins with."""
    split = split_outlet(title, outlet, host)
    if split is not None:
        return split[0]
    if heading and title.startswith(heading) and _JOINT.match(title, len(heading)):
        return heading
    return without_sections(title)


def without_sections(title: str) -> str:
    """Return a title without the sites and sections behind bars: `Pier closes | News | Harbor`."""
    while (bar := list(_BAR.finditer(title))) and _is_section(title[bar[-1].end() :], title[: bar[0].start()]):
        title = title[: bar[-1].start()].strip()
    return title


def _is_section(part: str, title: str) -> bool:
    """Return whether a part after a bar is a site or a section: a few words after a longer title, or a host name."""
    words = len(part.split())
    return (words <= _BAR_WORDS and len(title.split()) >= _WORDS_BEFORE) or _HOST.fullmatch(part.strip()) is not None


def without_separators(title: str) -> str:
    """Return a title without the separators that a missing kicker or outlet leaves at its ends: `- Pier closes |`."""
    return _END_SEPARATORS.sub("", _START_SEPARATORS.sub("", title)) or title


def titles_agree(first: str, second: str) -> bool:
    """Return whether two titles mean the same article: the longer contains half the words of the shorter."""
    words, others = (set(name_key(title).split()) for title in (first, second))
    return bool(words and others) and len(words & others) / min(len(words), len(others)) >= _AGREEMENT
