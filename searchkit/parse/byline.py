"""Bylines: `By Nadia Korbel and Dr Tomas Vrba, data editor, for the Ledger` -> two names; and lines of credits."""

import re
from collections.abc import Sequence

from searchkit.files import shipped_sections
from searchkit.statements.dates.prose import find_dates
from searchkit.statements.text import name_key

_WORDS = shipped_sections("searchkit.parse", "bylines.txt")
_FLAGS = re.IGNORECASE | re.VERBOSE
_OPENING = re.compile(_WORDS["openings"], _FLAGS)
_SEPARATOR = re.compile(
    r"\s{0,40}(?:[;|•·⋅\n/、]|\s[–—-]\s|,(?!\s{0,4}(?:jr|sr|iii?)\b)|\s(?:and|und|et|&|y|e|og|och|en)\s(?!\w{1,3}\.))\s{0,40}",
    re.IGNORECASE,
)
# A place or an outlet after a name: "Nadia Brandt in Ostrava", "for the Harbor Ledger".
_AFTER_NAME = re.compile(
    r"\s(?:for|in|at|of|from|with|via|on behalf of|für|pour|para|aus|à|en|bei)\s.{0,200}$|\s\(.{0,80}\)?$"
)
_TITLES = re.compile(_WORDS["titles"], _FLAGS)
# Addresses, handles, links, reading times.
_NOT_NAME = re.compile(r"[@#*=<>\[\]{}?!_]|https?:|www\.|\d|\.(?:com|org|net|co|news|example)\b", re.IGNORECASE)
# One word with a capital inside (`HarborLedger`) is a handle; `McKay` and `DeVito` are not.
_HANDLE = re.compile(r"^(?!(?:Mc|Mac|De|Di|Du|La|Le|Van|Von|O['’])[A-Z])[A-Z]?[\w-]{0,40}[a-z][A-Z]")
_JOBS = re.compile(_WORDS["jobs"], _FLAGS)
# Agencies, desks and outlets.
_ORGANIZATIONS = re.compile(_WORDS["organizations"], _FLAGS)
# Labels of forms and menus. Some are surnames too, so they count only where no markup marks a name.
_LABELS = re.compile(_WORDS["labels"], _FLAGS)
_PARTICLES = frozenset("al bin da de del della den der di do dos du el e ibn la le ten ter van vom von y zu".split())
_NOT_FIRST = frozenset("the our your from this that an with full more about".split())
# Words in the names of newspapers, not of people.
_PAPERS = re.compile(_WORDS["papers"], _FLAGS)
_NUMBERS = re.compile(_WORDS["numbers"], _FLAGS)
_CREDIT_WORDS = re.compile(_WORDS["credits"], _FLAGS)
_NOT_LETTERS = re.compile(r"[\W_]+")
_CREDIT_LIMIT = 160
_NAME_LIMIT = 80
_LINE_LIMIT = 120
_MAX_ORGANIZATION_WORDS = 5  # "The Canadian Press News Agency"
_SMALL_WORDS = frozenset("and of the for & de la dpa".split())
_MAX_JOB_WORDS = 6  # "our chief foreign affairs correspondent"


def is_person(name: str) -> bool:
    """Return whether this looks like a person's name: one to six capitalized words, no digit, job or organization."""
    words = name.split()
    if words and words[0].lower() in _NOT_FIRST:
        return False
    if not 0 < len(words) <= 6 or len(name) > _NAME_LIMIT or _NOT_NAME.search(name):
        return False
    if _JOBS.search(name) or _ORGANIZATIONS.search(name):
        return False
    # One word in capitals is an abbreviation.
    if len(words) == 1 and (_HANDLE.match(name) or _LABELS.fullmatch(name) or (name.isascii() and name.isupper())):
        return False
    return all(word.lower() in _PARTICLES or not word[0].islower() for word in words)


def is_paper(outlet: str) -> bool:
    """Return whether an outlet's name cannot be a person's name; that of a personal site can."""
    return " " not in outlet or not is_person(outlet) or _PAPERS.search(outlet) is not None


def is_label(name: str) -> bool:
    """Return whether an apparent name may be a label of a form or a menu: `Event Type`."""
    return _LABELS.search(name) is not None


def without_opening(line: str) -> str | None:
    """Return the text after `By` or its equivalents in other languages; None if the line has no such opening."""
    match = _OPENING.match(line)
    return line[match.end() :].strip() if match else None


def people(written: str) -> tuple[str, ...]:
    """Return the people in a byline, in order, without titles, jobs, dates, agencies, addresses and handles."""
    line = " ".join(written[:1_000].split())
    opened = without_opening(line)
    names: dict[str, None] = {}
    for part in _SEPARATOR.split(line if opened is None else opened):
        written_name = part.strip(" \t,.-–—:()") if part else ""
        before = _AFTER_NAME.sub("", written_name)
        # "The Office for Inland Waters" is not a person called Office.
        name = _TITLES.sub("", before if " " in before else written_name, count=1).strip(" \t,.-–—:(")
        if name and is_person(name):
            names[name] = None
    # Next to a full name, a single word is a degree, a place or part of a job: "Ann Moss, RD, Home and Garden Expert".
    full_names = tuple(name for name in names if " " in name)
    return full_names or tuple(names)


def is_byline(line: str) -> bool:
    """Return whether a line is a byline: `By Nadia Korbel and Tomas Vrba, Science Correspondent`."""
    parts = _byline_parts(line)
    return bool(parts) and is_person(parts[0]) and all(is_person(part) or is_job(part) for part in parts)


def is_agency_byline(line: str) -> bool:
    """Return whether a line is the byline of an agency, desk or outlet, with or without people: `By Reuters`."""
    parts = _byline_parts(line)
    return any(map(_is_organization, parts)) and all(
        is_person(part) or is_job(part) or _is_organization(part) for part in parts
    )


def _byline_parts(line: str) -> list[str]:
    """Return the parts of a byline after `By`; empty for a sentence or any other line."""
    opened = without_opening(line) if len(line) <= _LINE_LIMIT else None
    if not opened or line.rstrip().endswith("."):
        return []
    return [part.strip(" ,") for part in _SEPARATOR.split(opened) if part and part.strip(" ,")]


def _is_organization(part: str) -> bool:
    words = part.split()
    named = all(word[0].isupper() or word[0].isdigit() or word in _SMALL_WORDS for word in words)
    return (
        len(words) <= _MAX_ORGANIZATION_WORDS
        and named
        and _ORGANIZATIONS.search(part) is not None
        and not _NOT_NAME.search(part)
    )


def is_job(part: str) -> bool:
    """Return whether this is a job, such as `Science Correspondent`."""
    return len(part.split()) <= _MAX_JOB_WORDS and _JOBS.search(part) is not None and not _NOT_NAME.search(part)


def is_credit_line(line: str, names: Sequence[str]) -> bool:
    """Return whether a line holds only `names` (people, outlet), jobs, a date and a time: `Ada Moss, 3 May 2024`."""
    if len(line) > _CREDIT_LIMIT or line.rstrip().endswith(("?", "!", "”", '"')):
        return False
    if is_byline(line):
        return True
    rest = line
    has_fact = False
    for name in names:
        place = rest.casefold().find(name.casefold())
        if name and place >= 0 and len(rest) == len(rest.casefold()):
            rest = f"{rest[:place]} | {rest[place + len(name) :]}"
            has_fact = True
    for found in reversed(list(find_dates(rest, language=None))):
        rest = f"{rest[: found.start]} | {rest[found.end :]}"
        has_fact = has_fact or found.day is not None or found.year is not None
    without, numbers = _NUMBERS.subn(" | ", rest)
    if not has_fact and not numbers:
        return False
    opened = without_opening(without)
    left = _CREDIT_WORDS.sub(" ", without if opened is None else opened)
    parts = (part.strip() for part in left.split("|"))
    return all(not _NOT_LETTERS.sub("", part) or is_job(part) for part in parts) or name_key(left) == ""
