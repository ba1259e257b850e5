"""A byline as people: `By Nadia Korbel and Tomas Vrba` -> two names."""

import re

_OPENING = re.compile(
    r"\s{0,40}(?:(?:written|reported|posted|story|text|words)\s{1,4})?(?:by|von|par|por|di|door)\b[\s:|]{1,40}"
    r"|\s{0,40}(?:authors?|autor(?:en|in)?|auteurs?|reporter|byline)\s{0,4}:\s{0,40}",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s{0,40}(?:[;|•·\n/]|,(?!\s{0,4}(?:jr|sr|ph\.?d|md|iii?)\b)|\s(?:and|und|et|&|y)\s)\s{0,40}", re.IGNORECASE
)
# What stands beside a name but is none: an address, a handle, a link, a time to read.
_NO_NAME = re.compile(r"[@#*=<>\[\]{}?!]|https?:|www\.|\d|\.com\b", re.IGNORECASE)
_JOBS = re.compile(
    r"\b(?:staff|senior|chief|correspondent|reporter|editor|writer|contributor|columnist|bureau|desk|team|redaktion|"
    r"newsroom|admin|administrator|guest|author|director|coordinator|reviewer|expert|manager|marketing|officer)s?\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset("al bin da de del della den der di du el ibn la le ten ter van vom von zu".split())
_NAME_LIMIT = 80
_LINE_LIMIT = 120
_LONGEST_JOB = 5  # "our chief foreign affairs correspondent"


def is_person(name: str) -> bool:
    """Whether this looks like the name of a person: one to six words, each with a capital, no digits, no job."""
    words = name.split()
    if not 0 < len(words) <= 6 or len(name) > _NAME_LIMIT or _NO_NAME.search(name) or _JOBS.search(name):
        return False
    return all(word.lower() in _PARTICLES or not word[0].islower() for word in words)


def without_opening(line: str) -> str | None:
    """What follows `By` or its like in other languages; None when the line does not open so."""
    match = _OPENING.match(line)
    return line[match.end() :].strip() if match else None


def people(written: str) -> tuple[str, ...]:
    """The people in a byline, in order, each once. What is no person (a job, a date, an address) is left out."""
    line = " ".join(written[:1_000].split())
    opened = without_opening(line)
    parts = _BETWEEN.split(line if opened is None else opened)
    names = (part.strip(" \t,.-–—:()") if part else "" for part in parts)
    return tuple(dict.fromkeys(name for name in names if name and is_person(name)))


def is_byline(line: str) -> bool:
    """Whether a line says who wrote and nothing else: `By Nadia Korbel and Tomas Vrba, Science Correspondent`."""
    opened = without_opening(line) if len(line) <= _LINE_LIMIT else None
    if not opened or line.rstrip().endswith("."):
        return False
    parts = [part.strip(" ,") for part in _BETWEEN.split(opened) if part and part.strip(" ,")]
    return bool(parts) and is_person(parts[0]) and all(is_person(part) or is_job(part) for part in parts)


def is_job(part: str) -> bool:
    """Whether this is what somebody does, such as `Science Correspondent`."""
    return len(part.split()) <= _LONGEST_JOB and _JOBS.search(part) is not None and not _NO_NAME.search(part)
