"""Phrases of web pages: boilerplate lines, pages that are not articles (consent, "not found", logins), paywalls.

The patterns are in phrases.txt. A complete line must be boilerplate; the article's notes keep what is removed. A
refused page leaves the stored article of an earlier visit unchanged, so a refusal must practically never hit an
article: each needs a short text and several independent signs, and no stated date or author.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from searchkit.files import shipped_sections
from searchkit.statements.document import GONE

_MAX_LINE = 300
_MAX_LABELLED = 200
_BULLETS = re.compile(r"^[\s\-–—•*·›»>|▶►→+#]{1,10}")
_SECTIONS = shipped_sections("searchkit.parse.html", "phrases.txt")


def _compiled(section: str, ending: str = "") -> re.Pattern[str]:
    pattern = _SECTIONS[section].replace("NETWORKS", _SECTIONS["networks"].strip())
    return re.compile(rf"(?:{pattern}){ending}", re.IGNORECASE | re.VERBOSE)


_COMPLETE = _compiled("complete", r"[\s:.…!»>|→▼↓]{0,6}$")
_LABELLED = _compiled("labels")
_PROMPT = _compiled("prompts", "$")
_ANYWHERE = _compiled("anywhere", "$")
_ANYWHERE_WORDS = ("@", "reserved", "published", "reproduced", "redistributed", "copied")
EXPANDER = _compiled("expanders", r"[\s:.…!»>|→▼↓+]{0,6}$")  # the label of a button that opens the rest: `Read more`
# A line that heads other stories, comments or the biography of the writer: `Most read`, `2 comments`.
BOX_LABEL = _compiled("boxes", r"[\s:.…!»>|→▼↓]{0,6}$")
MACHINE_LABEL = _compiled("machines", r"[\s:.…!»>|)\]]{0,6}$")  # of a summary: `Summarised by AI`
_SPEECH = re.compile(r"[“”„«»]|\bsaid\b|\bsagte\b|\ba déclaré\b|\bdijo\b", re.IGNORECASE)
_BOX_CLASS = _compiled("box-classes")
_NOTICE = _compiled("notices")
_NOTICE_CLASS = _compiled("notice-classes")
_WORD_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])|_{1,2}")

_CONSENT = _compiled("consent")
_CONSENT_TITLE = _compiled("consent-titles")
_CONSENT_ADDRESS = _compiled("consent-addresses")
_CONSENT_PHRASES = 3
_CONSENT_PAGE = "consent page without an article"
_NOT_FOUND_TITLE = _compiled("not-found-titles")
_NOT_FOUND = _compiled("not-found")
_ROBOT_TITLE = _compiled("robot-titles")
_ROBOT = _compiled("robots")
_PAYWALL = _compiled("paywall")
_READ_ON = _compiled("read-on")
_REMOVED, _MISSING = GONE
_ROBOT_CHECK = "robot check without an article"
# What a short page shows in place of an article, by the section of its phrases; of several kinds, the first.
_WALLS = {
    _ROBOT_CHECK: _compiled("human"),
    "not available in this region": _compiled("region"),
    "page that leads to an app": _compiled("app"),
    "login page": _compiled("login"),
    _REMOVED: _compiled("removed"),
    _MISSING: _compiled("missing"),
    "maintenance page": _compiled("maintenance"),
    "age check": _compiled("age"),
    "page without text that needs a script": _compiled("script"),
    "domain for sale": _compiled("domain"),
    "error page of the server": _compiled("server"),
    "page for subscribers": _compiled("subscribers"),
}
_PASSWORD = re.compile(r"<input\b[^<>]{0,300}\btype\s{0,4}=\s{0,4}[\"']?password", re.IGNORECASE)
# Measured texts of such pages had a few hundred characters, consent walls up to some thousand.
_SHORT = 1_500
_CONSENT_LENGTH = 4_000
_TITLE_LENGTH = 80
_NEXT_LINES = 4
_TEASER = 1_200  # two or three paragraphs
_SENTENCE = 300  # in a text of one or two sentences, one phrase is enough


@lru_cache(maxsize=4_096)  # pages repeat short lines: 300,000 of one took 4 s
def is_boilerplate(line: str) -> bool:
    """Return whether a line is a prompt, a pointer to another story or a credit. A line with speech never is."""
    if len(line) > _MAX_LINE:
        return False
    bare = _BULLETS.sub("", line).strip()
    if not bare:
        return False
    if _COMPLETE.match(bare):
        return True
    if _LABELLED.match(bare):
        return len(bare) <= _MAX_LABELLED
    prompt = _PROMPT.match(bare)
    if prompt is None and any(word in bare.lower() for word in _ANYWHERE_WORDS):
        prompt = _ANYWHERE.match(bare)
    return prompt is not None and not _SPEECH.search(bare)


@lru_cache(maxsize=4_096)
def is_box_class(classes: str) -> bool:
    """Return whether the classes and id of an element name a box: a biography, a newsletter, related stories."""
    return _BOX_CLASS.search(classes[:_MAX_LINE]) is not None


@lru_cache(maxsize=4_096)
def notice_class(classes: str) -> str:
    """Return whether the classes and id of an element name what no article contains: `links` to other stories, or a
    `notice`, such as a form, a biography or a prompt; else empty."""
    match = _NOTICE_CLASS.search(_WORD_BORDER.sub("-", classes[:_MAX_LINE]))
    return "" if match is None else "links" if match["links"] else "notice"


def is_notice(line: str) -> bool:
    """Return whether a line that an extractor dropped is a notice of the site. A line with speech never is."""
    return _NOTICE.search(line[:_MAX_LINE]) is not None and not _SPEECH.search(line)


def refusal(title: str, address: str, text: str) -> str:
    """Return why a page without a stated date or author is not an article; empty if it may be one.

    `text` is the extracted body, `title` lacks the outlet's name.
    """
    title = title.strip()[:_TITLE_LENGTH]
    if len(text) <= _CONSENT_LENGTH and (_CONSENT_TITLE.search(title) or _CONSENT_ADDRESS.search(address)):
        phrases = {match.group().casefold() for match in _CONSENT.finditer(text)}
        if len(phrases) >= _CONSENT_PHRASES:
            return _CONSENT_PAGE
    if len(text) > _SHORT or not title:
        return ""
    if _NOT_FOUND_TITLE.fullmatch(title) and _NOT_FOUND.search(text):
        return _REMOVED if _WALLS[_REMOVED].search(text) else _MISSING
    if _ROBOT_TITLE.fullmatch(title) and _ROBOT.search(text):
        return _ROBOT_CHECK
    return ""


def wall(title: str, text: str, removed: Sequence[str], markup: str) -> str:
    """Return what a page shows in place of an article; empty if it may be an article. A text with speech always may.

    `removed` are the lines removed from the body.
    """
    if len(text) > _SHORT or _SPEECH.search(text):
        return ""
    shown = "\n".join((title[:_TITLE_LENGTH], text, *removed))[: 2 * _SHORT]
    least = 1 if len(text) <= _SENTENCE else 2
    phrases = {kind: {match.group().casefold() for match in each.finditer(shown)} for kind, each in _WALLS.items()}
    if len(text) <= _SENTENCE and _PASSWORD.search(markup):
        phrases["login page"].add("")
    if len({match.group().casefold() for match in _CONSENT.finditer(shown)}) >= _CONSENT_PHRASES:
        return _CONSENT_PAGE
    kind, found = max(phrases.items(), key=lambda item: len(item[1]))
    return kind if len(found) >= least else ""


def paywall(
    text: str, removed: Sequence[str], descriptions: Sequence[str], *, free: bool | None, seen: Sequence[str] = ()
) -> str:
    """Return why the text may be only a part of the article; empty if nothing suggests it.

    `free` is the access stated in JSON-LD, `removed` the lines removed from the body, `seen` are those of the page.
    """
    if free:
        return ""
    longest = max(map(len, descriptions), default=0)
    lines = (*removed, *text.split("\n")) if len(text) <= max(_TEASER, 2 * longest) else ()
    if prompt := next((line for line in lines if _PAYWALL.search(line[:_MAX_LINE])), ""):
        return f"the text is short and next to: {prompt[:80]}"
    if prompt := _prompt_at_end(text, seen):
        return f"the text ends at: {prompt[:80]}"
    return "the page is marked as not free to read" if free is False else ""


def _prompt_at_end(text: str, seen: Sequence[str]) -> str:
    """Return the prompt that stands directly behind the last paragraph of the text, among the lines of the page."""
    body = {line for line in text.split("\n") if line and not _is_prompt(line)}
    last = max((number for number, line in enumerate(seen) if line in body), default=len(seen))
    return next((line for line in seen[last + 1 : last + 1 + _NEXT_LINES] if _is_prompt(line)), "")


def _is_prompt(line: str) -> bool:
    return len(line) <= _MAX_LINE and (_PAYWALL.search(line) or _READ_ON.search(line)) is not None
