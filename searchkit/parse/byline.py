"""A byline as people: `By Nadia Korbel and Dr Tomas Vrba, data editor, for the Ledger` -> two names."""

import re

_OPENING = re.compile(
    r"\s{0,40}(?:(?:written|reported|posted|edited|story|text|words|opinion|analysis|interview|report|review|exclusive)"
    r"\s{1,4})?(?:by|von|par|por|di|door|av|af)\b[\s:|]{1,40}"
    r"|\s{0,40}(?:authors?|autor(?:en|in|a|es)?|auteurs?|reporters?|byline|text|words|interview|contributors?|作者|记者"
    r"|責任編輯|责任编辑|责编|编辑)\s{0,4}[:：]\s{0,40}",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s{0,40}(?:[;|•·⋅\n/、]|\s[–—-]\s|,(?!\s{0,4}(?:jr|sr|iii?)\b)|\s(?:and|und|et|&|y|e|og|och|en)\s(?!\w{1,3}\.))\s{0,40}",
    re.IGNORECASE,
)
# "Nadia Brandt in Ostrava", "for the Harbor Ledger": what follows is a place or an outlet.
_BEHIND = re.compile(
    r"\s(?:for|in|at|of|from|with|via|on behalf of|für|pour|para|aus|à|en|bei)\s.{0,200}$|\s\(.{0,80}\)?$"
)
# What stands before a name and is none of it.
_TITLES = re.compile(
    r"^(?:(?:dr|prof|professor|mr|mrs|ms|mme|mlle|herr|frau|rev|sir|dame)\b\.?\s{1,4}|(?:dipl|mag|ing)\.(?:-ing\.)?\s{1,4}){1,3}",
    re.IGNORECASE,
)
# What stands beside a name but is none: an address, a handle, a link, a time to read.
_NO_NAME = re.compile(r"[@#*=<>\[\]{}?!_]|https?:|www\.|\d|\.(?:com|org|net|co|news|example)\b", re.IGNORECASE)
# One word with a capital inside (`HarborLedger`) is a handle; `McKay` and `DeVito` are not.
_HANDLE = re.compile(r"^(?!(?:Mc|Mac|De|Di|Du|La|Le|Van|Von|O['’])[A-Z])[A-Z]?[\w-]{0,40}[a-z][A-Z]")
_JOBS = re.compile(
    r"\b(?:staff|senior|chief|correspondent|reporter|editor|editorial|writer|contributor|columnist|bureau|desk|team"
    r"|redaktion|newsroom|admin|administrator|guest|author|director|coordinator|reviewer|expert|manager|marketing|officer|consultant"
    r"|analyst|photographer|journalist|producer|presenter|host|founder|co-founder|ceo|professor|fellow"
    r"|specialist|engineer|developer|designer|strategist|copywriter|blogger|owner|president|associate|assistant|intern|freelancer?|dietitian"
    r"|nutritionist|attorney|researcher|scientist|rédaction|rédacteur|journaliste|redacción|redação|redazione|redakcja"
    r"|redactie|редакция|korrespondent(?:in)?|redakteur(?:in)?|reporterin|autorin|korrespondentin|corresponsal|envoyé)s?\b",
    re.IGNORECASE,
)
# Agencies, desks and outlets sign as well.
_BODIES = re.compile(
    r"(?-i:\b(?:AFP|AP|DPA|dpa|EFE|ANSA|APA|SDA|ATS|AFX|UPI|PTI|ANI|IANS|TASS)\b)|\b(?:reuters|associated press|agence"
    r"|agency|agencies|agencia|agenzia|agentur(?:en)?|wires?|ria novosti|interfax|xinhua|kyodo|yonhap|bernama|antara"
    r"|anadolu|bloomberg|news|media|network|newspaper|magazine|gazette|herald|tribune|services?|inc|llc|ltd|gmbh"
    r"|webmaster|website|anonymous|unknown|undefined|subscribe|newsletter|collective)\b",
    re.IGNORECASE,
)
# Labels of forms and menus, which are surnames too: only where no markup says that a name stands there.
_LABELS = re.compile(
    r"\b(?:written|published|posted|updated|reviewed|edited|type|size|case|sign|log|share|follow|read|more|about|home"
    r"|menu|search|categor(?:y|ies)|contents?|comments?|e-?mail|view|profile|bio|all|posts?|articles?|stor(?:y|ies)"
    r"|topics?|tags?|none|default|user|press|times|community|development|company|business|department|journalism)\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset("al bin da de del della den der di do dos du el e ibn la le ten ter van vom von y zu".split())
_NO_FIRST = frozenset("the our your from this that an with full more about".split())
# Words of newspapers' names that are no names of people.
_PAPERS = re.compile(
    r"\b(?:post|times|journal|daily|weekly|monthly|review|today|online|report(?:er)?|voice|chronicle|observer|star|sun|mail"
    r"|express|standard|independent|globe|ledger|courier|dispatch|echo|bulletin|record|register|sentinel|telegraph|wire"
    r"|press|mirror|argus|examiner|inquirer|blog|world|city|valley|zeitung|anzeiger|kurier|blatt|bote|tagblatt|diario"
    r"|periódico|gaceta|correo|heraldo|presse|quotidien|courrier|gazzetta|corriere|giornale|krant|dagblad|avisen)\b"
    r"|(?:zeitung|anzeiger|blatt|kurier|bladet|avisen)\b",
    re.IGNORECASE,
)
_NAME_LIMIT = 80
_LINE_LIMIT = 120
_LONGEST_BODY = 5  # "The Canadian Press News Agency"
_SMALL_WORDS = frozenset("and of the for & de la dpa".split())
_LONGEST_JOB = 6  # "our chief foreign affairs correspondent"


def is_person(name: str) -> bool:
    """Whether this looks like the name of a person: one to six words, each with a capital; no digits, job or body."""
    words = name.split()
    if words and words[0].lower() in _NO_FIRST:
        return False
    if not 0 < len(words) <= 6 or len(name) > _NAME_LIMIT or _NO_NAME.search(name):
        return False
    if _JOBS.search(name) or _BODIES.search(name):
        return False
    # One word in capitals is an abbreviation, or nobody's name as printed.
    if len(words) == 1 and (_HANDLE.match(name) or _LABELS.fullmatch(name) or (name.isascii() and name.isupper())):
        return False
    return all(word.lower() in _PARTICLES or not word[0].islower() for word in words)


def is_paper(outlet: str) -> bool:
    """Whether an outlet's name cannot be a person's, as that of a personal site can."""
    return " " not in outlet or not is_person(outlet) or _PAPERS.search(outlet) is not None


def is_label(name: str) -> bool:
    """Whether what looks like a name may be a label of a form or a menu: `Event Type`."""
    return _LABELS.search(name) is not None


def without_opening(line: str) -> str | None:
    """What follows `By` or its like in other languages; None when the line does not open so."""
    match = _OPENING.match(line)
    return line[match.end() :].strip() if match else None


def people(written: str) -> tuple[str, ...]:
    """The people in a byline, in order, each once, without titles.

    What is no person (a job, a degree, a date, an agency, an address, a handle) is left out.
    """
    line = " ".join(written[:1_000].split())
    opened = without_opening(line)
    names: dict[str, None] = {}
    for part in _BETWEEN.split(line if opened is None else opened):
        written_name = part.strip(" \t,.-–—:()") if part else ""
        before = _BEHIND.sub("", written_name)
        # The Office for Inland Waters is no Mr Office.
        name = _TITLES.sub("", before if " " in before else written_name, count=1).strip(" \t,.-–—:(")
        if name and is_person(name):
            names[name] = None
    whole = [name for name in names if " " in name]
    # Beside a whole name, a word alone is a degree, a place or half of a job: "Ann Moss, RD, Home and Garden Expert".
    return tuple(whole) if whole and len(whole) < len(names) else tuple(names)


def is_byline(line: str) -> bool:
    """Whether a line says who wrote and nothing else: `By Nadia Korbel and Tomas Vrba, Science Correspondent`."""
    parts = _signed(line)
    return bool(parts) and is_person(parts[0]) and all(is_person(part) or is_job(part) for part in parts)


def is_credit(line: str) -> bool:
    """Whether a line says which agency, desk or outlet wrote, with or without people: `By Reuters`."""
    parts = _signed(line)
    return any(map(_is_body, parts)) and all(is_person(part) or is_job(part) or _is_body(part) for part in parts)


def _signed(line: str) -> list[str]:
    """The parts of what follows `By`; none of a line that does not open so, or is a sentence."""
    opened = without_opening(line) if len(line) <= _LINE_LIMIT else None
    if not opened or line.rstrip().endswith("."):
        return []
    return [part.strip(" ,") for part in _BETWEEN.split(opened) if part and part.strip(" ,")]


def _is_body(part: str) -> bool:
    words = part.split()
    named = all(word[0].isupper() or word[0].isdigit() or word in _SMALL_WORDS for word in words)
    return len(words) <= _LONGEST_BODY and named and _BODIES.search(part) is not None and not _NO_NAME.search(part)


def is_job(part: str) -> bool:
    """Whether this is what somebody does, such as `Science Correspondent`."""
    return len(part.split()) <= _LONGEST_JOB and _JOBS.search(part) is not None and not _NO_NAME.search(part)
