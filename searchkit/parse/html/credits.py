"""Lines at the head and foot of an article that say who wrote it and when, and nothing else."""

import re
from collections.abc import Sequence

from searchkit.dates import find_dates
from searchkit.parse.byline import is_byline, is_job, without_opening
from searchkit.text import name_key

_LONGEST = 160
# A day in numbers, a time of day with its zone, the minutes a text takes to read.
_NUMBERS = re.compile(
    r"\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b"
    r"|\b\d{1,2}\s?[:.h]\s?\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?(?:\s?\(?[A-Z]{2,5}\)?(?![a-z]))?"
    r"|\b\d{1,2}\s?[ap]\.?m\b\.?"
    r"|\b\d{1,3}[\s-](?:min(?:ute)?s?|minuten|minutos)\.?(?:[\s-](?:read|lesezeit|de lectura))?\b",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"\b(?:(?:first|last|originally)\s)?(?:published|updated|posted|modified|created|edited|filed|issued|publié"
    r"|mis à jour|modifié|veröffentlicht|aktualisiert|erstellt|stand|publicado|actualizado|atualizado"
    r"|pubblicato|aggiornato|gepubliceerd|bijgewerkt|опубликовано|обновлено)(?:\s(?:on|at|by|le|am|um|il|el|op))?\b"
    r"|\b(?:by|von|par|por|di|door|and|und|et|y|e|en|at|on|am|um|uhr|à|le|the|for|a las|in|interview|words"
    r"|text|story|opinion|photographs?|pictures|date|est|edt|utc|gmt|ist|bst|cet|cest"
    r"|mon|tues?|wed|thu(?:rs)?|fri|sat|sun)\b",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[\W_]+")


def is_credit(line: str, names: Sequence[str]) -> bool:
    """Whether a line holds only `names` (people, outlet), jobs, a date, a time: `Ada Moss, 3 May 2024 | 2 min read`."""
    if len(line) > _LONGEST or line.rstrip().endswith(("?", "!", "”", '"')):
        return False
    if is_byline(line):
        return True
    rest = line
    told = False
    for name in names:
        place = rest.casefold().find(name.casefold())
        if name and place >= 0 and len(rest) == len(rest.casefold()):
            rest = f"{rest[:place]} | {rest[place + len(name) :]}"
            told = True
    for found in reversed(list(find_dates(rest, language=None))):
        rest = f"{rest[: found.start]} | {rest[found.end :]}"
        told = told or found.day is not None or found.year is not None
    without, numbers = _NUMBERS.subn(" | ", rest)
    if not told and not numbers:
        return False
    opened = without_opening(without)
    left = _WORDS.sub(" ", without if opened is None else opened)
    parts = (part.strip() for part in left.split("|"))
    return all(not _SIGNS.sub("", part) or is_job(part) for part in parts) or name_key(left) == ""
