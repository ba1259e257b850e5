"""The line typed in bash: its words as the command would get them, and a word as it must be typed.

takes:    a line up to the cursor
gives:    words without their quoting, the last one unfinished; what bash is to put in its place
does not: know variables, `$'...'` or anything else that bash expands
traps:    bash takes `:`, `=` and quotation marks for ends of words, and replaces only what follows the last of them
"""

from msgspec import Struct

# What has no meaning to bash inside a word.
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-")


class Typed(Struct, frozen=True, kw_only=True):
    """`words` are finished, `last` is not; `raw` is how the last one is typed, `quote` the mark that is open in it."""

    words: tuple[str, ...]
    last: str
    raw: str
    quote: str

    def replacement(self, wanted: str, replaced: str) -> str:
        """What bash is to put in the place of `replaced`, the end of the last word as typed, to make it `wanted`."""
        kept = self.raw[: len(self.raw) - len(replaced)] if self.raw.endswith(replaced) else ""
        before = typed(kept).last
        return quoted(wanted.removeprefix(before), self.quote)


def typed(line: str) -> Typed:
    """The words of `line`."""
    words: list[str] = []
    word: list[str] = []
    start, quote, escaped, inside = 0, "", False, False
    for place, sign in enumerate(line):
        if escaped:
            # Inside quotation marks a backslash goes before few signs, and stands for itself elsewhere.
            word.append(sign if not quote or sign in '"\\$`' else f"\\{sign}")
            escaped = False
        elif sign == "\\" and quote != "'":
            escaped = inside = True
        elif quote:
            if sign == quote:
                quote = ""
            else:
                word.append(sign)
        elif sign in "'\"":
            quote, inside = sign, True
        elif sign.isspace():
            if inside:
                words.append("".join(word))
            word, inside, start = [], False, place + 1
        else:
            word.append(sign)
            inside = True
    return Typed(words=tuple(words), last="".join(word), raw=line[start:], quote=quote)


def quoted(text: str, quote: str) -> str:
    """`text` as it must be typed inside the quotation mark `quote`, or outside any."""
    if quote == "'":
        return text.replace("'", "'\\''")
    if quote == '"':
        return "".join(f"\\{sign}" if sign in '"\\$`' else sign for sign in text)
    return "".join(sign if sign in _PLAIN or sign.isalnum() else f"\\{sign}" for sign in text)
