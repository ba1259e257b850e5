"""Lines that news sites put between the paragraphs of an article: prompts, pointers to other stories, credits.

The complete line must be boilerplate; the article's notes keep what is removed. The patterns are in boilerplate.txt.
"""

import re
from importlib import resources

_MAX_LINE = 300
_MAX_LABELLED = 200
_BULLETS = re.compile(r"^[\s\-–—•*·›»>|▶►→+#]{1,10}")
_TEXT = resources.files("searchkit.parse.html").joinpath("boilerplate.txt").read_text(encoding="utf-8")
_PARTS = re.split(r"^\[(\w{1,20})\].{0,100}\n", _TEXT, flags=re.MULTILINE)[1:]
_SECTIONS = dict(zip(_PARTS[::2], _PARTS[1::2], strict=True))


def _compiled(section: str, ending: str) -> re.Pattern[str]:
    pattern = _SECTIONS[section].replace("NETWORKS", _SECTIONS["networks"].strip())
    return re.compile(rf"(?:{pattern}){ending}", re.IGNORECASE | re.VERBOSE)


_COMPLETE = _compiled("complete", r"[\s:.…!»>|→▼↓]{0,6}$")
_LABELLED = _compiled("labels", "")
_PROMPT = _compiled("prompts", "$")
_ANYWHERE = _compiled("anywhere", "$")
_ANYWHERE_WORDS = ("@", "reserved", "published", "reproduced", "redistributed", "copied")
_SPEECH = re.compile(r"[“”„«»]|\bsaid\b|\bsagte\b|\ba déclaré\b|\bdijo\b", re.IGNORECASE)


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
