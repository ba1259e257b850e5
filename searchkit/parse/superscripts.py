"""Raised numbers in markup: marks of footnotes are no text, and what is raised must not run into the figure before it.

Taking the tags off would turn `40<sup>2</sup> million` into 402 million.
"""

import re

_RAISED = re.compile(
    r"<sup(?:\s[^<>]{0,400})?>\s{0,20}(<a(?:\s[^<>]{0,1000})?>)?\s{0,20}(\[?)(\d{1,4})\]?\s{0,20}(?:</a\s{0,9}>)?"
    r"\s{0,20}</sup\s{0,9}>",
    re.IGNORECASE,
)
_RAISED_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def with_superscripts(markup: str) -> str:
    """`markup` without the raised numbers that are linked or in brackets; others as raised digits (m², 10⁶)."""
    if "<sup" not in markup and "<SUP" not in markup:
        return markup
    return _RAISED.sub(lambda found: "" if found[1] or found[2] else found[3].translate(_RAISED_DIGITS), markup)
