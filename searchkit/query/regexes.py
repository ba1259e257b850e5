"""Regular expressions in a query: `/xin.*/`, over the whole values of a field, refused when they could run for long."""

import re
import warnings

from searchkit.query.words import Fault

LONGEST = 200
# Each open-ended repeat multiplies the work by the length of a value; four stay quick on the longest names.
MOST_REPEATS = 4

_TOKEN = re.compile(
    r"\\(?P<escaped>.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\]){0,200}\])|(?P<open>\((?:\?(?P<kind>:|[^)]{0,3}))?)|(?P<close>\))"
    r"|(?P<repeat>\*|\+|\{[0-9]{0,9},?[0-9]{0,9}\})|(?P<bar>\|)|.",
    re.DOTALL,
)


def end_of_regex(text: str, start: int) -> int:
    """Where the expression that opens with the `/` at `start` closes; -1 when it does not."""
    position = start + 1
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] == "/":
            return position
        position += 1
    return -1


def unescape(written: str) -> str:
    r"""The pattern inside the slashes: `\/` is a plain slash, every other escape stays."""
    return re.sub(r"\\(.)", lambda escape: "/" if escape[1] == "/" else escape[0], written, flags=re.DOTALL)


def check(pattern: str, *, length: int) -> None:
    """Fault, over the `length` signs it takes in the query, when `pattern` is no expression or could run for long."""
    reason = _too_costly(pattern)
    if reason is None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as problem:
            reason = f"This regular expression cannot be read: {problem}."
    if reason is not None:
        raise Fault("regex", reason, 0, length)


def _too_costly(pattern: str) -> str | None:
    if not pattern:
        return "There is nothing between the slashes."
    if len(pattern) > LONGEST:
        return f"A regular expression has at most {LONGEST} signs."
    # For each open group: whether something in it repeats or has alternatives. Repeating that again is what explodes.
    open_groups = [False]
    repeats = 0
    just_closed = False
    for token in _TOKEN.finditer(pattern):
        closed_before, just_closed = just_closed, False
        if (token["escaped"] or "").isdigit():
            return "Back-references are not possible here."
        if token["open"]:
            if token["kind"] is not None and not token["kind"].startswith(":"):
                return "Look-around and other groups that start with (? are not possible here, except (?: )."
            open_groups.append(False)
        elif token["close"] and len(open_groups) > 1:
            just_closed = open_groups.pop()
            open_groups[-1] = open_groups[-1] or just_closed
        elif token["repeat"]:
            repeats += 1
            if closed_before:
                return "A group that holds a repeat or alternatives cannot be repeated itself."
            open_groups[-1] = True
        elif token["bar"]:
            open_groups[-1] = True
    if repeats > MOST_REPEATS:
        return f"At most {MOST_REPEATS} repeats are possible in one regular expression."
    return None
