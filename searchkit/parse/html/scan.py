"""Markup before it is parsed: overlong tags truncated, superscripts replaced; and the elements that are blocks.

The time that lxml needs for a tag grows with the square of the number of its attributes.
"""

import re

# lxml needs 90 s for a tag of 1.5 MB with 200,000 attributes. Longer real tags hold inlined images or program state.
_TAG_LIMIT = 16_384
# An opening tag; a `>` inside a quoted value does not end it.
_WHOLE_TAG = re.compile(
    r"<[A-Za-z](?:[^=>]{1,10000000}+|=\s{0,40}+(?:\"[^\"]{0,10000000}+\"|'[^']{0,10000000}+')?+){0,10000000}+>?"
)
_NAME = re.compile(r"<[A-Za-z][\w:-]{0,60}")
BLOCKS = frozenset(
    """
    address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol option p pre section summary table tbody td
    tfoot th thead title tr ul
    """.split()
)
_SUPERSCRIPT = re.compile(
    r"<sup(?:\s[^<>]{0,400})?>\s{0,20}(<a(?:\s[^<>]{0,1000})?>)?\s{0,20}(\[?)(\d{1,4})\]?\s{0,20}(?:</a\s{0,9}>)?"
    r"\s{0,20}</sup\s{0,9}>",
    re.IGNORECASE,
)
_SUPERSCRIPT_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def with_superscripts(markup: str) -> str:
    """Remove footnote marks (linked or bracketed superscripts), and keep other superscripts as such (m², 10⁶).

    Otherwise `40<sup>2</sup> million` would become 402 million.
    """
    if "<sup" not in markup and "<SUP" not in markup:
        return markup
    return _SUPERSCRIPT.sub(
        lambda match: "" if match[1] or match[2] else match[3].translate(_SUPERSCRIPT_DIGITS), markup
    )


def without_overlong_tags(markup: str) -> str:
    """Cut overlong tags down to their names. Linear time; never raises."""
    if max(map(len, _WHOLE_TAG.findall(markup)), default=0) <= _TAG_LIMIT:
        return markup

    def shortened(tag: re.Match[str]) -> str:
        name = _NAME.match(tag[0])
        # Code such as `a<b` looks like a tag that ends with the script.
        is_short = len(tag[0]) <= _TAG_LIMIT or "</script" in tag[0].lower()
        return tag[0] if name is None or is_short else f"{name[0]}>"

    return _WHOLE_TAG.sub(shortened, markup)
