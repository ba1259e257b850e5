"""Titles: the part that tells, and the name of the outlet that many pages hang on it."""

import re

from searchkit.text import name_key

# A title and its outlet are joined by one of these, with blanks around it.
_JOINT = re.compile(r"\s(?:[|•·–—»:]|-{1,2})\s")
# Chinese and Japanese pages join without blanks: `桥梁关闭_青溪报`.
_CJK_JOINT = re.compile(r"(?<=[\u3040-\u30ff\u3400-\u9fff”》！？])\s?[_|｜]\s?(?=[\u3400-\u9fff])")
_CJK_OUTLET = 8
# What follows a bar is the site or a section, if it is short beside what stands before.
_BAR = re.compile(r"\s[|｜]\s")
_BAR_WORDS, _WORDS_BEFORE = 4, 3
# How many signs the name of an outlet may be longer or shorter than the word in its host: `The Harbor` + `Ledger`.
_NAME_SLACK = 12
# Headings are reworded for search engines and social media, which keeps about half of the words.
_AGREEMENT = 0.5


def _site_word(host: str) -> str:
    """The telling part of a host name: `www.harborledger.co.uk` -> `harborledger`."""
    parts = [part for part in host.split(".") if part not in {"www", "m", "amp", "co", "com", "org", "net"}]
    return parts[0] if len(parts) == 1 else max(parts[:-1], key=len, default="")


def outlet_part(title: str, outlet: str, host: str) -> tuple[str, str] | None:
    """`title` as its telling part and the name of its outlet, where that stands at the end or the start."""
    joints = list(_JOINT.finditer(title))
    if not joints:
        return _other_joints(title, host)
    names = {name_key(outlet).replace(" ", ""), name_key(_site_word(host))}
    for part, rest in (
        (title[joints[-1].end() :], title[: joints[-1].start()]),
        (title[: joints[0].start()], title[joints[0].end() :]),
    ):
        key = name_key(part).replace(" ", "")
        # `Harbor Ledger` for ledger.example.org, but no sentence in which the word occurs.
        near = (name for name in names if len(name) > 4 and abs(len(key) - len(name)) <= _NAME_SLACK)
        if key and (key in names or any(name in key or key in name for name in near)):
            return rest.strip(), part.strip()
    return _other_joints(title, host)


def _other_joints(title: str, host: str) -> tuple[str, str] | None:
    """A colon behind the very name of the host, or the sign that Chinese and Japanese pages have between."""
    before, colon, after = title.partition(": ")
    if colon and len(before) > 4 and name_key(before).replace(" ", "") == name_key(_site_word(host)).replace(" ", ""):
        return after.strip(), before.strip()
    parts = _CJK_JOINT.split(title)
    if len(parts) > 1 and len(parts[-1]) <= _CJK_OUTLET < len(title):
        return parts[0].strip(), parts[-1].strip()
    return None


def without_outlet(title: str, outlet: str, host: str, heading: str) -> str:
    """`title` without the name of its outlet, or without all that follows the `heading` it begins with."""
    found = outlet_part(title, outlet, host)
    if found is not None:
        return found[0]
    # A heading that the title begins with shows where the title ends.
    if heading and title.startswith(heading) and _JOINT.match(title, len(heading)):
        return heading
    parts = _BAR.split(title)
    if len(parts) > 1 and len(parts[-1].split()) <= _BAR_WORDS and len(parts[0].split()) >= _WORDS_BEFORE:
        return parts[0].strip()
    return title


def agree(one: str, other: str) -> bool:
    """Whether two titles mean one article: half the words of the shorter stand in the longer."""
    words, others = (set(name_key(title).split()) for title in (one, other))
    return bool(words and others) and len(words & others) / min(len(words), len(others)) >= _AGREEMENT
