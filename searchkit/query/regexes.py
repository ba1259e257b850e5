"""Check regular expressions of a query (`/xin.*/`, over complete values), and refuse those that could run for long."""

import re
import warnings

from searchkit.query.words import Fault

MAX_LENGTH = 200
# Each open-ended repeat multiplies the work by the length of a value; four stay quick on the longest names.
MAX_REPEATS = 4

# Compiled on first use, as few queries have patterns.
_SYNTAX = (
    r"\\(?P<escaped>.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\]){0,200}\])|(?P<open>\((?:\?(?P<kind>:|[^)]{0,3}))?)|(?P<close>\))"
    r"|(?P<repeat>\*|\+|\{[0-9]{0,9},?[0-9]{0,9}\})|(?P<bar>\|)|."
)


def end_of_regex(text: str, start: int) -> int:
    """Return where the expression that opens with the `/` at `start` closes, or -1."""
    position = start + 1
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] == "/":
            return position
        position += 1
    return -1


def unescape(written: str) -> str:
    r"""Return the pattern inside the slashes: `\/` is a plain slash, every other escape stays."""
    return re.sub(r"\\(.)", lambda escape: "/" if escape[1] == "/" else escape[0], written, flags=re.DOTALL)


def check(pattern: str, *, length: int) -> None:
    """Raise a Fault, `length` characters long, if `pattern` is not a regular expression or could run for long."""
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
    if len(pattern) > MAX_LENGTH:
        return f"A regular expression has at most {MAX_LENGTH} characters."
    # For each open group: whether something in it repeats or has alternatives. Repeating that takes exponential time.
    open_groups = [False]
    repeats = 0
    just_closed = False
    for token in re.finditer(_SYNTAX, pattern, re.DOTALL):
        closed_before, just_closed = just_closed, False
        if (token["escaped"] or "").isdigit():
            return "Back-references are not supported."
        if token["open"]:
            if token["kind"] is not None and not token["kind"].startswith(":"):
                return "Look-around and other groups that start with (? are not supported, except (?: )."
            open_groups.append(False)
        elif token["close"] and len(open_groups) > 1:
            just_closed = open_groups.pop()
            open_groups[-1] = open_groups[-1] or just_closed
        elif token["repeat"]:
            repeats += 1
            if closed_before:
                return "A group that contains a repeat or alternatives cannot be repeated itself."
            open_groups[-1] = True
        elif token["bar"]:
            open_groups[-1] = True
    if repeats > MAX_REPEATS:
        return f"At most {MAX_REPEATS} repeats are possible in one regular expression."
    return None
